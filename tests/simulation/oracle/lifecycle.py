"""What happens to one order: it rests, shows its next part, is made smaller, ends; each gives its event."""

from markethall_engine.domain.events import OrderCanceled, OrderReduced, OrderRefreshed, OrderRested
from markethall_engine.domain.reasons import CancelReason, RejectReason
from tests.simulation.oracle.brackets import owe_exits
from tests.simulation.oracle.order import Order
from tests.simulation.oracle.state import State


def rest(state: State, order: Order) -> OrderRested:
    _show(state, order)
    return OrderRested(
        order.order_id,
        order.account_id,
        order.symbol,
        order.side,
        order.price_ticks,
        order.leaves_lots,
        order.hidden_lots,
    )


def refresh(state: State, order: Order) -> OrderRefreshed:
    _show(state, order)
    return OrderRefreshed(
        order.order_id,
        order.account_id,
        order.symbol,
        order.side,
        order.price_ticks,
        order.leaves_lots,
        order.hidden_lots,
    )


def _show(state: State, order: Order) -> None:
    """Let the order join the back of its queue, with as much as it wants to show."""
    state.arrivals += 1
    order.arrival = state.arrivals
    order.shown_lots = min(order.leaves_lots, order.instructions.display_lots or order.leaves_lots)


def reduce(order: Order, lots: int) -> OrderReduced:
    """Take lots off an order that has more of them; what is hidden goes first."""
    hidden = order.hidden_lots
    order.quantity_lots -= lots
    if order.arrival:
        order.shown_lots = min(order.shown_lots, order.leaves_lots)
    return OrderReduced(
        order.order_id,
        order.account_id,
        order.symbol,
        order.side,
        order.price_ticks,
        order.quantity_lots,
        order.leaves_lots,
        order.needs,
        lots,
        was_resting=order.arrival > 0,
        reduced_hidden_lots=hidden - order.hidden_lots,
    )


def cancel(
    state: State, order: Order, reason: CancelReason, refused: RejectReason | None = None
) -> OrderCanceled:
    leave(state, order)
    return OrderCanceled(
        order.order_id,
        order.account_id,
        order.symbol,
        order.side,
        order.price_ticks,
        order.leaves_lots,
        was_resting=order.arrival > 0,
        reason=reason,
        hidden_lots=order.hidden_lots,
        reject_reason=refused,
    )


def leave(state: State, order: Order) -> None:
    """Filled or canceled, it is no more."""
    state.live.remove(order)
    state.ended[order.order_id] = order
    owe_exits(state, order)
