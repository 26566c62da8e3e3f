"""Deciding `Deposit`, `Withdraw` and `Transfer`: money comes onto the venue's books, leaves, and moves."""

from markethall_engine.domain.amounts import MAX_AMOUNT
from markethall_engine.domain.commands import Deposit, Transfer, Withdraw
from markethall_engine.domain.events import (
    CommandRejected,
    Event,
    FundsDeposited,
    FundsTransferred,
    FundsWithdrawn,
)
from markethall_engine.domain.names import MAX_NOTE_LENGTH
from markethall_engine.domain.reasons import RejectReason
from markethall_engine.domain.risk.checks import check_account, check_funds
from markethall_engine.domain.risk.margin_checks import check_outflow, lendable
from markethall_engine.domain.risk.refusal import Refusal
from markethall_engine.domain.state import ExchangeState


def deposit(state: ExchangeState, command: Deposit, sequence: int, time_ns: int) -> list[Event]:
    refusal = _check(state, command) or _check_supply(state, command)
    if refusal is not None:
        return [CommandRejected(refusal.reason, refusal.detail)]
    available, reserved = _held(state, command.account_id, command.asset)
    return [
        FundsDeposited(
            account_id=command.account_id,
            asset=command.asset,
            amount=command.amount,
            reference=command.reference,
            available=available + command.amount,
            reserved=reserved,
        )
    ]


def withdraw(state: ExchangeState, command: Withdraw, sequence: int, time_ns: int) -> list[Event]:
    available, reserved = _held(state, command.account_id, command.asset)
    refusal = (
        _check(state, command)
        or check_funds(state.assets[command.asset], available=available, needed=command.amount)
        or check_outflow(state, command.account_id, command.asset, command.amount)
    )
    if refusal is not None:
        return [CommandRejected(refusal.reason, refusal.detail)]
    return [
        FundsWithdrawn(
            account_id=command.account_id,
            asset=command.asset,
            amount=command.amount,
            reference=command.reference,
            available=available - command.amount,
            reserved=reserved,
        )
    ]


def transfer(state: ExchangeState, command: Transfer, sequence: int, time_ns: int) -> list[Event]:
    """Sums are of one asset and stay on the books, so nothing but the payer's balance bounds them."""
    available, reserved = _held(state, command.account_id, command.asset)
    to_available, to_reserved = _held(state, command.to_account_id, command.asset)
    refusal = (
        check_account(state, command.account_id)
        or check_account(state, command.to_account_id)
        or _check(state, command)
        or _check_family(state, command)
        or check_funds(state.assets[command.asset], available=available, needed=command.amount)
        or check_outflow(state, command.account_id, command.asset, command.amount)
    )
    if refusal is not None:
        return [CommandRejected(refusal.reason, refusal.detail)]
    return [
        FundsTransferred(
            account_id=command.account_id,
            to_account_id=command.to_account_id,
            asset=command.asset,
            amount=command.amount,
            reference=command.reference,
            available=available - command.amount,
            reserved=reserved,
            to_available=to_available + command.amount,
            to_reserved=to_reserved,
        )
    ]


def _held(state: ExchangeState, account_id: str, asset: str) -> tuple[int, int]:
    """What the account has available and reserved."""
    balance = state.ledger.find(account_id, asset)
    return (0, 0) if balance is None else (balance.available, balance.reserved)


def _check(state: ExchangeState, command: Deposit | Withdraw | Transfer) -> Refusal | None:
    refusal = check_account(state, command.account_id)
    if refusal is not None:
        return refusal
    if command.asset not in state.assets:
        return Refusal(RejectReason.UNKNOWN_ASSET, f"there is no asset {command.asset!r}")
    if not 0 < command.amount <= MAX_AMOUNT:
        return Refusal(
            RejectReason.INVALID_PARAMETERS,
            f"an amount is 1 to {MAX_AMOUNT} minor units, found {command.amount}",
        )
    if len(command.reference) > MAX_NOTE_LENGTH:
        return Refusal(
            RejectReason.INVALID_PARAMETERS,
            f"a reference has at most {MAX_NOTE_LENGTH} characters, found {len(command.reference)}",
        )
    return None


def _check_family(state: ExchangeState, command: Transfer) -> Refusal | None:
    payer = state.accounts[command.account_id].account
    payee = state.accounts[command.to_account_id].account
    if payer is payee:
        return Refusal(RejectReason.INVALID_PARAMETERS, "a transfer is to another account, found the same")
    if not payer.is_related(payee):
        return Refusal(
            RejectReason.NOT_RELATED,
            f"{payer.account_id} and {payee.account_id} are not of one family of accounts",
        )
    return None


def _check_supply(state: ExchangeState, command: Deposit) -> Refusal | None:
    """Whether all that anybody owns can still be held in one amount, which bounds every balance and fill."""
    asset = state.assets[command.asset]
    room = lendable(state, command.asset)
    if command.amount > room:
        return Refusal(
            RejectReason.INVALID_PARAMETERS,
            f"the venue holds at most {asset.format(MAX_AMOUNT)}, now {asset.format(MAX_AMOUNT - room)}, "
            f"asked {asset.format(command.amount)}",
        )
    return None
