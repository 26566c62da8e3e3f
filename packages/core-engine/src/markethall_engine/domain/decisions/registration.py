"""Deciding `CreateAccount` and `UpdateAccount`."""

from typing import Final

import msgspec

from markethall_engine.domain.account import Account
from markethall_engine.domain.amounts import MILLION
from markethall_engine.domain.commands import CreateAccount, UpdateAccount
from markethall_engine.domain.events import AccountCreated, AccountUpdated, CommandRejected, Event
from markethall_engine.domain.margin import NO_MARGIN
from markethall_engine.domain.names import (
    ACCOUNT_ID_FORM,
    FEE_TIER_FORM,
    GROUP_ID_FORM,
    MAX_NOTE_LENGTH,
    is_account_id,
    is_fee_tier,
    is_group_id,
)
from markethall_engine.domain.reasons import RejectReason
from markethall_engine.domain.risk.checks import check_account
from markethall_engine.domain.risk.refusal import Refusal, invalid
from markethall_engine.domain.state import ExchangeState

_CHANGEABLE: Final = ("display_name", "fee_tier", "self_trade_group_id", "margin")
"""The fields of an account that `UpdateAccount` has, too."""


def create_account(state: ExchangeState, command: CreateAccount, sequence: int, time_ns: int) -> list[Event]:
    account_id = command.account_id
    if account_id in state.accounts:
        return _rejected(Refusal(RejectReason.ALREADY_EXISTS, f"there is an account {account_id!r} already"))
    if not is_account_id(account_id):
        return _rejected(invalid(f"an account id is {ACCOUNT_ID_FORM}, found {account_id!r}"))
    account = Account(
        account_id,
        command.display_name,
        time_ns,
        fee_tier=command.fee_tier,
        self_trade_group_id=command.self_trade_group_id,
        parent_account_id=command.parent_account_id,
        margin=command.margin,
    )
    refusal = _check_rules(account) or _check_parent(state, command.parent_account_id)
    return [AccountCreated(account)] if refusal is None else _rejected(refusal)


def update_account(state: ExchangeState, command: UpdateAccount, sequence: int, time_ns: int) -> list[Event]:
    refusal = check_account(state, command.account_id)
    if refusal is not None:
        return _rejected(refusal)
    asked = {name: getattr(command, name) for name in _CHANGEABLE}
    changes = {name: value for name, value in asked.items() if value is not None}
    if command.margin == NO_MARGIN:
        changes["margin"] = None
    account = msgspec.structs.replace(state.accounts[command.account_id].account, **changes)
    refusal = _check_rules(account) or _check_debts(state, account)
    return [AccountUpdated(account)] if refusal is None else _rejected(refusal)


def _check_parent(state: ExchangeState, parent_account_id: str) -> Refusal | None:
    """Whether an account may belong to this one; families have two generations."""
    if not parent_account_id:
        return None
    refusal = check_account(state, parent_account_id)
    if refusal is None and state.accounts[parent_account_id].account.parent_account_id:
        refusal = invalid(f"{parent_account_id} is a sub-account, and so can be no parent")
    return refusal


def _check_rules(account: Account) -> Refusal | None:
    """Whether what an account is to be makes sense."""
    if len(account.display_name) > MAX_NOTE_LENGTH:
        return invalid(
            f"a display name has at most {MAX_NOTE_LENGTH} characters, found {len(account.display_name)}"
        )
    if account.fee_tier and not is_fee_tier(account.fee_tier):
        return invalid(f"a fee tier is {FEE_TIER_FORM}, found {account.fee_tier!r}")
    if account.self_trade_group_id and not is_group_id(account.self_trade_group_id):
        return invalid(f"a self-trade group id is {GROUP_ID_FORM}, found {account.self_trade_group_id!r}")
    margin = account.margin
    if margin is not None and not 0 < margin.maintenance_ppm <= margin.initial_ppm <= MILLION:
        return invalid(
            f"margins must be 1 to {MILLION} ppm and the maintenance margin at most the initial one, found "
            f"{margin.maintenance_ppm} (maintenance) and {margin.initial_ppm} (initial)"
        )
    return None


def _check_debts(state: ExchangeState, account: Account) -> Refusal | None:
    """Whether the account, if it may not borrow, owes nothing and has not set aside what it does not have."""
    if account.margin is None:
        for balance in state.ledger.balances_of(account.account_id):
            if balance.available < 0:
                asset = state.assets[balance.asset]
                return Refusal(
                    RejectReason.INSUFFICIENT_FUNDS,
                    f"without margin nothing may be owed, {asset.format(balance.available)} is available",
                )
    return None


def _rejected(refusal: Refusal) -> list[Event]:
    return [CommandRejected(refusal.reason, refusal.detail)]
