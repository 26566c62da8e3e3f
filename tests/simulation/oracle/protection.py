"""How far a market order may go."""

from fractions import Fraction
from math import ceil, floor

from markethall_engine.domain.order import Side
from tests.simulation.oracle.matching import opposite, reaches
from tests.simulation.oracle.order import Order
from tests.simulation.oracle.state import State


def protect(state: State, order: Order) -> None:
    """Give a market order that meets somebody its bound, if its instrument has one."""
    share = Fraction(order.instrument.market_protection_ppm, 1_000_000)
    if not order.is_market or share == 0:
        return
    others = state.resting(order.symbol, opposite(order.side))
    best = others[0].price_ticks
    order.bound_ticks = floor(best * (1 + share))
    if order.side is Side.SELL:
        order.bound_ticks = max(1, ceil(best * (1 - share)))
    order.is_short_of_more = any(
        not reaches(order.side, order.bound_ticks, other.price_ticks) for other in others
    )
