"""Deciding `CreateAccount` and `UpdateAccount`."""

from typing import Final

import msgspec

from markethall_engine.domain.account import Account
from markethall_engine.domain.commands import CreateAccount, UpdateAccount
from markethall_engine.domain.events import AccountCreated, AccountUpdated, CommandRejected, Event
from markethall_engine.domain.names import ACCOUNT_ID_FORM, MAX_NOTE_LENGTH, is_account_id
from markethall_engine.domain.reasons import RejectReason
from markethall_engine.domain.risk.checks import check_account
from markethall_engine.domain.risk.refusal import Refusal
from markethall_engine.domain.state import ExchangeState

_CHANGEABLE: Final = ("display_name",)
"""The fields of an account that `UpdateAccount` has, too."""


def create_account(state: ExchangeState, command: CreateAccount, sequence: int, time_ns: int) -> list[Event]:
    account_id = command.account_id
    if account_id in state.accounts:
        return _rejected(Refusal(RejectReason.ALREADY_EXISTS, f"there is an account {account_id!r} already"))
    if not is_account_id(account_id):
        return _rejected(_invalid(f"an account id is {ACCOUNT_ID_FORM}, found {account_id!r}"))
    account = Account(account_id, command.display_name, time_ns)
    refusal = _check_rules(account)
    return [AccountCreated(account)] if refusal is None else _rejected(refusal)


def update_account(state: ExchangeState, command: UpdateAccount, sequence: int, time_ns: int) -> list[Event]:
    refusal = check_account(state, command.account_id)
    if refusal is not None:
        return _rejected(refusal)
    asked = {name: getattr(command, name) for name in _CHANGEABLE}
    changes = {name: value for name, value in asked.items() if value is not None}
    account = msgspec.structs.replace(state.accounts[command.account_id].account, **changes)
    refusal = _check_rules(account)
    return [AccountUpdated(account)] if refusal is None else _rejected(refusal)


def _check_rules(account: Account) -> Refusal | None:
    """Whether what an account is to be makes sense."""
    if len(account.display_name) > MAX_NOTE_LENGTH:
        return _invalid(
            f"a display name has at most {MAX_NOTE_LENGTH} characters, found {len(account.display_name)}"
        )
    return None


def _invalid(detail: str) -> Refusal:
    return Refusal(RejectReason.INVALID_PARAMETERS, detail)


def _rejected(refusal: Refusal) -> list[Event]:
    return [CommandRejected(refusal.reason, refusal.detail)]
