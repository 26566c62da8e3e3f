"""The end of DAY and GTD orders."""

from markethall_engine.domain.commands import ExpireOrders
from markethall_engine.domain.events import Event
from markethall_engine.domain.reasons import CancelReason
from tests.simulation.oracle.lifecycle import cancel
from tests.simulation.oracle.order import Order
from tests.simulation.oracle.state import State


def expire(state: State, command: ExpireOrders) -> list[Event]:
    ended = [order for order in state.live if 0 < _end(order) <= command.time_ns]
    ended.sort(key=lambda order: (_end(order), order.order_id))
    return [cancel(state, order, CancelReason.EXPIRED) for order in ended]


def next_end_ns(state: State) -> int | None:
    """When the next order ends."""
    return min((_end(order) for order in state.live if _end(order)), default=None)


def _end(order: Order) -> int:
    return order.instructions.expire_time_ns
