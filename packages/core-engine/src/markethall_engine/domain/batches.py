"""All-or-none batches: whether every order of a batch would be accepted and rest.

One order's acceptance bears on the next one's: it holds funds back, counts towards limits, stands where the
other would match. So the batch is tried on the state itself, order by order, by the same decisions and
transitions that would place it, and then taken back. Nothing may trade on the way, which is what makes that
exact: an order that only rests is undone by canceling it and forgetting that it ever was.

If the trial passes, deciding the orders one by one at the same time gives just what the trial gave.
"""

from collections.abc import Callable, Sequence
from typing import Final

from markethall_engine.domain import transitions
from markethall_engine.domain.commands import PlaceOrder
from markethall_engine.domain.decision import Duplicate
from markethall_engine.domain.decisions.canceling import live_order_canceled
from markethall_engine.domain.decisions.placing import place_order
from markethall_engine.domain.events import Event, OrderAccepted, OrderRejected, OrderRested
from markethall_engine.domain.ledger.balance import Balance
from markethall_engine.domain.order import IMMEDIATE, OrderType
from markethall_engine.domain.reasons import CancelReason
from markethall_engine.domain.state import ExchangeState


def why_refused(state: ExchangeState, orders: Sequence[PlaceOrder], sequence: int, time_ns: int) -> str:
    """Why a batch whose first order would be `sequence` is refused as a whole; empty if it is not.

    Orders are named by their place in the batch, from 0. A repeated batch is no new one and not refused:
    each of its orders answers as it did. The state is as before when this returns.
    """
    repeated = [_is_known(state, order) for order in orders]
    if any(repeated):
        return "" if all(repeated) else f"order {repeated.index(True)} was placed before"
    for place, order in enumerate(orders):
        problem = _unfit(order)
        if problem:
            return f"order {place} {problem}"
    return _try(state, orders, sequence, time_ns)


def _is_known(state: ExchangeState, order: PlaceOrder) -> bool:
    return bool(order.client_order_id and state.order_id_of(order.account_id, order.client_order_id))


def _unfit(order: PlaceOrder) -> str:
    """What keeps an order from being in such a batch at all."""
    if order.order_type is not OrderType.LIMIT or order.time_in_force in IMMEDIATE:
        return "must be a LIMIT order of a time in force that lets it rest"
    instructions = order.instructions
    if instructions is not None and (instructions.min_quantity_lots or instructions.slide):
        return "must not have a minimum quantity or a price that slides"
    return ""


def _try(state: ExchangeState, orders: Sequence[PlaceOrder], sequence: int, time_ns: int) -> str:
    sequence_before, time_before_ns = state.sequence, state.time_ns
    placed: list[_Placed] = []
    problem = ""
    for place, order in enumerate(orders):
        decision = place_order(state, order, sequence + place, time_ns)
        problem = _problem(decision)
        if problem:
            problem = f"order {place} {problem}"
            break
        assert isinstance(decision, list)
        placed.append(_Placed(state, order, sequence + place))
        state.sequence, state.time_ns = sequence + place, time_ns
        for event in decision:
            _APPLY[type(event)](state, event)
    for trial in reversed(placed):
        trial.take_back(state)
    state.sequence, state.time_ns = sequence_before, time_before_ns
    return problem


def _problem(decision: list[Event] | Duplicate) -> str:
    """Why this is not an order that rests whole; empty if it is."""
    if isinstance(decision, Duplicate):
        return "has the client order id of another one of the batch"
    first = decision[0]
    if isinstance(first, OrderRejected):
        return f"would be refused: {first.detail}"
    if any(type(event) not in _APPLY for event in decision):
        return "would not rest whole: it meets an order of the other side"
    return ""


_APPLY: Final[dict[type, Callable[..., None]]] = {
    OrderAccepted: transitions.order_accepted,
    OrderRested: transitions.order_rested,
}


class _Placed:
    """An order on trial, and what was before it of the things that an order leaves behind for good."""

    __slots__ = ("_balances", "_order_times_ns", "order", "order_id")

    def __init__(self, state: ExchangeState, order: PlaceOrder, order_id: int) -> None:
        """To be made before the order's events are applied."""
        self.order = order
        self.order_id = order_id
        instrument = state.markets[order.symbol].instrument
        self._balances: list[tuple[str, Balance | None]] = [
            (asset, state.ledger.find(order.account_id, asset))
            for asset in (instrument.base_asset, instrument.quote_asset)
        ]
        risk = state.accounts[order.account_id].risk
        self._order_times_ns = None if risk is None else list(risk.order_times_ns)

    def take_back(self, state: ExchangeState) -> None:
        live = state.live_orders[self.order_id]
        transitions.order_canceled(state, live_order_canceled(live, CancelReason.REQUESTED))
        account = live.owner
        state.forget_order(self.order_id, self.order.account_id, self.order.client_order_id)
        account.order_ids.pop()
        if account.risk is not None and self._order_times_ns is not None:
            account.risk.restore_order_times(self._order_times_ns)
        for asset, balance in self._balances:
            if balance is None:
                state.ledger.forget(self.order.account_id, asset)
