"""One cancels the others."""

from markethall_engine.domain.events import Event
from markethall_engine.domain.reasons import CancelReason
from tests.simulation.oracle.lifecycle import cancel
from tests.simulation.oracle.order import Order
from tests.simulation.oracle.state import State


def cancel_others(state: State, *traded: Order) -> list[Event]:
    """End the others of these orders' groups, group by group, oldest first."""
    events: list[Event] = []
    for order in traded:
        group = (order.account_id, order.instructions.order_group_id)
        others = [
            other
            for other in state.live
            if group[1]
            and (other.account_id, other.instructions.order_group_id) == group
            and other not in traded
        ]
        events += [cancel(state, other, CancelReason.ORDER_GROUP) for other in others]
    return events
