"""Post-only orders that rather rest at a worse price than be refused."""

from markethall_engine.domain.instrument import InstrumentStatus
from markethall_engine.domain.order import Side
from tests.simulation.oracle.matching import opposite, reaches
from tests.simulation.oracle.order import Order
from tests.simulation.oracle.state import State


def slide(state: State, order: Order) -> None:
    """Give an order that slides, and would take, the nearest price that does not, if there is one."""
    wish = order.instructions
    others = state.resting(order.symbol, opposite(order.side))
    if not (wish.post_only and wish.slide and others and order.price_ticks > 0):
        return
    if order.instrument.status is not InstrumentStatus.OPEN:
        return
    best = others[0].price_ticks
    beside = best - 1 if order.side is Side.BUY else best + 1
    if beside > 0 and reaches(order.side, order.price_ticks, best):
        order.price_ticks = beside
