"""A stop order whose time has come."""

from markethall_engine.domain.commands import TriggerOrder
from markethall_engine.domain.events import Event, OrderTriggered
from markethall_engine.domain.reasons import CancelReason
from tests.simulation.oracle import arrival, checks, groups
from tests.simulation.oracle.lifecycle import cancel
from tests.simulation.oracle.order import Order
from tests.simulation.oracle.sliding import slide
from tests.simulation.oracle.state import State


def make_room(state: State, command: TriggerOrder) -> list[Event]:
    """The end of the others of its group, which comes first, and alone."""
    order = state.order(command.order_id)
    return groups.cancel_others(state, order) if order else []


def trigger(state: State, command: TriggerOrder) -> list[Event]:
    order = state.order(command.order_id)
    if order is None:
        return []
    place = state.live.index(order)
    state.live.remove(order)
    stop_ticks, price_ticks, order.is_pending = order.stop_ticks, order.price_ticks, False
    slide(state, order)
    reason = checks.at_release(state, order) or arrival.why_not(state, order, is_new=False)
    state.live.insert(place, order)
    if reason is not None:
        order.price_ticks = price_ticks
        return [cancel(state, order, CancelReason.REFUSED_AT_TRIGGER, reason)]
    return [_triggered(order, stop_ticks), *arrival.go(state, order)]


def _triggered(order: Order, stop_ticks: int) -> OrderTriggered:
    return OrderTriggered(
        order.order_id,
        order.account_id,
        order.symbol,
        order.side,
        order.price_ticks,
        stop_ticks,
        order.leaves_lots,
        order.needs,
    )
