"""Pricing a post-only order that slides: to rest next to the other side instead of being refused.

If its own price would take, it gets the nearest one that does not, one tick from the best of the other side;
funds, limits and the price band are checked at that. Where there is none, below one tick, it keeps its own
and is refused as any post-only order that would take. While nothing matches, nothing slides.
"""

import msgspec

from markethall_engine.domain.commands import PlaceOrder
from markethall_engine.domain.instructions import Instructions
from markethall_engine.domain.instrument import InstrumentStatus
from markethall_engine.domain.market import Market
from markethall_engine.domain.order import Side


def slid(market: Market, command: PlaceOrder) -> PlaceOrder:
    """The order at the price at which it may rest; the journal keeps what was asked."""
    price_ticks = slid_price_ticks(market, command.instructions, command.side, command.price_ticks)
    if price_ticks == command.price_ticks:
        return command
    return msgspec.structs.replace(command, price_ticks=price_ticks)


def slid_price_ticks(market: Market, instructions: Instructions | None, side: Side, price_ticks: int) -> int:
    """The price that an order of these instructions gets; its own if it does not slide, or takes nothing."""
    if instructions is None or not (instructions.slide and instructions.post_only):
        return price_ticks
    best_ticks = market.book.opposite(side).ladder.best()
    if best_ticks is None or price_ticks <= 0 or market.instrument.status is not InstrumentStatus.OPEN:
        return price_ticks
    if side is Side.SELL:
        return max(price_ticks, best_ticks + 1)
    return min(price_ticks, best_ticks - 1) if best_ticks > 1 else price_ticks
