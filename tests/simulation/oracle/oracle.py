"""A second exchange, written to be obviously right and nothing else.

It shares the engine's vocabulary (commands, events, instruments) and none of its rules: no ladder, no
levels, no linked lists, no running sums, no plans. Every question is answered from scratch: the book is all
live orders, sorted; what an account has available is what it holds less what its live orders need; a fee is
the exact fraction over all of an order's fills, rounded up. What must be known before it is done is tried
on a copy. Texts of refusals are left empty.
"""

from collections.abc import Callable, Sequence
from typing import Any

from markethall_engine.domain.commands import (
    CancelAllOrders,
    CancelOrder,
    Command,
    CreateAccount,
    CreateAsset,
    CreateInstrument,
    Deposit,
    EndAuction,
    EndSession,
    ExpireOrders,
    Liquidate,
    PlaceExit,
    PlaceOrder,
    ReplaceOrder,
    SetTradingState,
    Transfer,
    TriggerOrder,
    TrimReduceOnly,
    UpdateAccount,
    UpdateInstrument,
    UpdateRiskLimits,
    Withdraw,
)
from markethall_engine.domain.events import Event, FollowUpTaken
from tests.simulation.oracle import (
    accounts,
    batches,
    canceling,
    expiry,
    funds,
    liquidation,
    listing,
    placing,
    reduce_only,
    releasing,
    replacing,
    risk,
)
from tests.simulation.oracle.state import State

_RULES: dict[type, Callable[[State, Any], list[Event] | int]] = {
    PlaceOrder: placing.place,
    CancelOrder: canceling.cancel,
    ReplaceOrder: replacing.replace,
    CancelAllOrders: canceling.cancel_all,
    ExpireOrders: expiry.expire,
    EndSession: canceling.end_session,
    Deposit: funds.deposit,
    Withdraw: funds.withdraw,
    Transfer: funds.transfer,
    UpdateAccount: accounts.update_account,
    UpdateRiskLimits: risk.update_limits,
    SetTradingState: risk.set_trading_state,
    UpdateInstrument: listing.update_instrument,
    EndAuction: listing.end_auction,
}
_FOLLOW_UPS: dict[type, Callable[[State, Any], list[Event]]] = {
    Liquidate: liquidation.liquidate,
    PlaceExit: placing.place_exit,
    TriggerOrder: releasing.trigger,
    TrimReduceOnly: reduce_only.trim,
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
            self._state.accounts[command.account_id] = events[0].account  # type: ignore[union-attr]
        else:
            self._state.instruments[command.symbol] = events[0].instrument  # type: ignore[union-attr]

    def submit(self, command: Command, sequence: int, time_ns: int) -> list[Event] | int:
        """The events of a command, or the sequence that it repeats."""
        state = self._state
        state.sequence, state.time_ns = sequence, time_ns
        if type(command) in _FOLLOW_UPS:
            if isinstance(command, TriggerOrder) and (canceled := releasing.make_room(state, command)):
                return canceled
            state.follow_ups.pop(0)
            return [FollowUpTaken(), *_FOLLOW_UPS[type(command)](state, command)]
        return _RULES[type(command)](state, command)

    def refuses_batch(self, orders: Sequence[PlaceOrder], sequence: int, time_ns: int) -> bool:
        """Whether not all of a new all-or-none batch would rest whole, the first one as `sequence`."""
        state = self._state.copy()
        state.time_ns = time_ns
        known = [(order.account_id, order.client_order_id) in state.client_order_ids for order in orders]
        if any(known):
            return not all(known)
        for place, order in enumerate(orders):
            state.sequence = sequence + place
            if not batches.is_fit(order) or not batches.rests_whole(state, order):
                return True
        return False

    def next_command(self, time_ns: int) -> Command | None:
        """What the venue owes itself."""
        state = self._state
        if state.follow_ups:
            return state.follow_ups[0]
        timers = self._timers(time_ns)
        return timers[0][1] if timers and timers[0][0] <= time_ns else None

    def next_timer_ns(self) -> int | None:
        """When it will owe itself something, if nothing happens before."""
        timers = self._timers(0)
        return timers[0][0] if timers else None

    def _timers(self, time_ns: int) -> list[tuple[int, Command]]:
        """What it will owe itself and when, the earliest first."""
        timers: list[tuple[int, Command]] = [
            (end_ns, EndAuction(symbol)) for symbol, end_ns in self._state.auction_ends.items()
        ]
        end_ns = expiry.next_end_ns(self._state)
        if end_ns is not None:
            timers.insert(0, (end_ns, ExpireOrders(time_ns)))
        return sorted(timers, key=lambda timer: timer[0])
