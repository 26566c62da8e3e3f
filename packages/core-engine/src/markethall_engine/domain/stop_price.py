"""The price that releases a stop order, and whether the market has reached it."""

from typing import Final

from markethall_engine.domain.amounts import MILLION
from markethall_engine.domain.instructions import Instructions
from markethall_engine.domain.order import Side

_BUY: Final = Side.BUY


def stop_ticks(side: Side, instructions: Instructions, extreme_ticks: int) -> int:
    """What releases a stop order; of a trailing one, given the market's extreme (0 for none yet, gives 0)."""
    if instructions.stop_price_ticks or not extreme_ticks:
        return instructions.stop_price_ticks
    distance = instructions.trailing_ticks or max(1, extreme_ticks * instructions.trailing_ppm // MILLION)
    return extreme_ticks + distance if side is _BUY else max(1, extreme_ticks - distance)


def is_reached(side: Side, stop_price_ticks: int, price_ticks: int) -> bool:
    """Whether a trade at `price_ticks` releases an order of this stop price; 0 is no price."""
    if not (stop_price_ticks and price_ticks):
        return False
    return price_ticks >= stop_price_ticks if side is _BUY else price_ticks <= stop_price_ticks
