"""All-or-none batches."""

from markethall_engine.domain.commands import PlaceOrder
from markethall_engine.domain.events import OrderAccepted, OrderRested
from markethall_engine.domain.instructions import Instructions
from markethall_engine.domain.order import OrderType
from tests.simulation.oracle.order import IMMEDIATE
from tests.simulation.oracle.placing import place
from tests.simulation.oracle.state import State


def is_fit(order: PlaceOrder) -> bool:
    """Whether an order may be in such a batch at all."""
    wish = order.instructions or Instructions()
    is_resting = order.order_type is OrderType.LIMIT and order.time_in_force not in IMMEDIATE
    return is_resting and not wish.min_quantity_lots and not wish.slide


def rests_whole(state: State, order: PlaceOrder) -> bool:
    """Place it, and say whether it rests and did nothing else."""
    events = place(state, order)
    return isinstance(events, list) and [type(event) for event in events] == [OrderAccepted, OrderRested]
