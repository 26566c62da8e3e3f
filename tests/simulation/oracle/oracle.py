"""A second exchange, written to be obviously right and nothing else.

It shares the engine's vocabulary (commands, events, instruments) and none of its rules: no ladder, no
levels, no linked lists, no running sums, no plans. Every question is answered from scratch: the book is all
live orders, sorted; what an account has available is what it holds less what its live orders need; a fee is
the exact fraction over all of an order's fills, rounded up. What must be known before it is done is tried
on a copy. Texts of refusals are left empty.
"""

from collections.abc import Callable
from typing import Any

from markethall_engine.domain.commands import (
    CancelAllOrders,
    CancelOrder,
    Command,
    CreateAccount,
    CreateAsset,
    CreateInstrument,
    Deposit,
    PlaceOrder,
    ReplaceOrder,
    SetTradingState,
    UpdateInstrument,
    UpdateRiskLimits,
    Withdraw,
)
from markethall_engine.domain.events import Event
from tests.simulation.oracle import canceling, funds, listing, placing, replacing, risk
from tests.simulation.oracle.state import State

_RULES: dict[type, Callable[[State, Any], list[Event] | int]] = {
    PlaceOrder: placing.place,
    CancelOrder: canceling.cancel,
    ReplaceOrder: replacing.replace,
    CancelAllOrders: canceling.cancel_all,
    Deposit: funds.deposit,
    Withdraw: funds.withdraw,
    UpdateRiskLimits: risk.update_limits,
    SetTradingState: risk.set_trading_state,
    UpdateInstrument: listing.update_instrument,
}


class Oracle:
    """The venue by the book of rules, one command at a time."""

    def __init__(self) -> None:
        self._state = State()

    def set_up(self, command: CreateAsset | CreateAccount | CreateInstrument, events: list[Event]) -> None:
        """Take over what was created; how that is decided is not the oracle's business."""
        if isinstance(command, CreateAsset):
            self._state.assets.add(command.asset)
        elif isinstance(command, CreateAccount):
            self._state.accounts.add(command.account_id)
        else:
            self._state.instruments[command.symbol] = events[0].instrument  # type: ignore[union-attr]

    def submit(self, command: Command, sequence: int, time_ns: int) -> list[Event] | int:
        """The events of a command, or the sequence that it repeats."""
        self._state.sequence, self._state.time_ns = sequence, time_ns
        return _RULES[type(command)](self._state, command)
