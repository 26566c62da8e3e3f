"""Deciding `CreateAccount`."""

from markethall_engine.domain.account import Account
from markethall_engine.domain.commands import CreateAccount
from markethall_engine.domain.events import AccountCreated, CommandRejected, Event
from markethall_engine.domain.names import ACCOUNT_ID_FORM, MAX_NOTE_LENGTH, is_account_id
from markethall_engine.domain.reasons import RejectReason
from markethall_engine.domain.state import ExchangeState


def create_account(state: ExchangeState, command: CreateAccount, sequence: int, time_ns: int) -> list[Event]:
    account_id = command.account_id
    if account_id in state.accounts:
        return [CommandRejected(RejectReason.ALREADY_EXISTS, f"there is an account {account_id!r} already")]
    if not is_account_id(account_id):
        return [
            CommandRejected(
                RejectReason.INVALID_PARAMETERS, f"an account id is {ACCOUNT_ID_FORM}, found {account_id!r}"
            )
        ]
    if len(command.display_name) > MAX_NOTE_LENGTH:
        return [
            CommandRejected(
                RejectReason.INVALID_PARAMETERS,
                f"a display name has at most {MAX_NOTE_LENGTH} characters, found {len(command.display_name)}",
            )
        ]
    return [AccountCreated(Account(account_id, command.display_name, time_ns))]
