"""Changes of accounts."""

import msgspec

from markethall_engine.domain.commands import UpdateAccount
from markethall_engine.domain.events import AccountUpdated, CommandRejected, Event
from markethall_engine.domain.reasons import RejectReason
from tests.simulation.oracle.state import State


def update_account(state: State, command: UpdateAccount) -> list[Event]:
    old = state.accounts.get(command.account_id)
    if old is None:
        return [CommandRejected(RejectReason.UNKNOWN_ACCOUNT, "")]
    changes = {name: value for name, value in msgspec.structs.asdict(command).items() if value is not None}
    new = state.accounts[command.account_id] = msgspec.structs.replace(old, **changes)
    return [AccountUpdated(new)]
