"""Changes of accounts."""

import msgspec

from markethall_engine.domain.commands import UpdateAccount
from markethall_engine.domain.events import AccountUpdated, CommandRejected, Event
from markethall_engine.domain.reasons import RejectReason
from tests.simulation.oracle import margin
from tests.simulation.oracle.state import State


def update_account(state: State, command: UpdateAccount) -> list[Event]:
    old = state.accounts.get(command.account_id)
    if old is None:
        return [CommandRejected(RejectReason.UNKNOWN_ACCOUNT, "")]
    if command.margin is not None and not margin.makes_sense(command.margin):
        return [CommandRejected(RejectReason.INVALID_PARAMETERS, "")]
    is_taken = command.margin is not None and command.margin.initial_ppm == 0
    if is_taken and any(state.available(command.account_id, asset) < 0 for asset in state.assets):
        return [CommandRejected(RejectReason.INSUFFICIENT_FUNDS, "")]
    changes = {name: value for name, value in msgspec.structs.asdict(command).items() if value is not None}
    if is_taken:
        changes["margin"] = None
    new = state.accounts[command.account_id] = msgspec.structs.replace(old, **changes)
    return [AccountUpdated(new)]
