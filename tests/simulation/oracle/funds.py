"""Money that comes onto the venue's books, leaves them, or moves within a family of accounts."""

from markethall_engine.domain.commands import Deposit, Transfer, Withdraw
from markethall_engine.domain.events import (
    CommandRejected,
    Event,
    FundsDeposited,
    FundsTransferred,
    FundsWithdrawn,
)
from markethall_engine.domain.reasons import RejectReason
from tests.simulation.oracle import margin
from tests.simulation.oracle.state import State


def deposit(state: State, command: Deposit) -> list[Event]:
    return _why_not(state, command) or [FundsDeposited(*_move(state, command, command.amount))]


def withdraw(state: State, command: Withdraw) -> list[Event]:
    refusal = _why_not(state, command)
    if not refusal and command.amount > state.available(command.account_id, command.asset):
        refusal = [CommandRejected(RejectReason.INSUFFICIENT_FUNDS, "")]
    if not refusal and not _is_covered_after(state, command):
        refusal = [CommandRejected(RejectReason.INSUFFICIENT_MARGIN, "")]
    return refusal or [FundsWithdrawn(*_move(state, command, -command.amount))]


def transfer(state: State, command: Transfer) -> list[Event]:
    payer, payee = command.account_id, command.to_account_id
    if payer not in state.accounts or payee not in state.accounts:
        return [CommandRejected(RejectReason.UNKNOWN_ACCOUNT, "")]
    refusal = _why_not(state, command)
    if refusal:
        return refusal
    if payer == payee:
        return [CommandRejected(RejectReason.INVALID_PARAMETERS, "")]
    if state.family(payer)[-1] != state.family(payee)[-1]:
        return [CommandRejected(RejectReason.NOT_RELATED, "")]
    if command.amount > state.available(payer, command.asset):
        return [CommandRejected(RejectReason.INSUFFICIENT_FUNDS, "")]
    if not _is_covered_after(state, command):
        return [CommandRejected(RejectReason.INSUFFICIENT_MARGIN, "")]
    state.holdings[payer, command.asset] -= command.amount
    state.holdings[payee, command.asset] += command.amount
    return [
        FundsTransferred(
            payer,
            payee,
            command.asset,
            command.amount,
            command.reference,
            *_held(state, payer, command.asset),
            *_held(state, payee, command.asset),
        )
    ]


def _is_covered_after(state: State, command: Withdraw | Transfer) -> bool:
    """Whether an account that may borrow still covers what it has."""
    if margin.of_account(state, command.account_id) is None:
        return True
    return margin.covers_without(state, command.account_id, command.asset, command.amount)


def _why_not(state: State, command: Deposit | Withdraw | Transfer) -> list[Event]:
    if command.account_id not in state.accounts:
        return [CommandRejected(RejectReason.UNKNOWN_ACCOUNT, "")]
    if command.asset not in state.assets:
        return [CommandRejected(RejectReason.UNKNOWN_ASSET, "")]
    if command.amount <= 0:
        return [CommandRejected(RejectReason.INVALID_PARAMETERS, "")]
    return []


def _move(state: State, command: Deposit | Withdraw, amount: int) -> tuple[str, str, int, str, int, int]:
    key = (command.account_id, command.asset)
    state.holdings[key] += amount
    return *key, command.amount, command.reference, *_held(state, *key)


def _held(state: State, account_id: str, asset: str) -> tuple[int, int]:
    """What is available and what is reserved."""
    available = state.available(account_id, asset)
    return available, state.holdings[account_id, asset] - available
