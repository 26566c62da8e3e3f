"""What a command changed, as streams of market data tell it."""

import msgspec

from markethall_engine.domain.book.book_order import BookOrder
from markethall_engine.market_data.depth import BestBidOffer, Depth
from markethall_engine.market_data.trades import Trade


class MarketUpdate(msgspec.Struct, frozen=True, gc=False):
    """What one command changed in one instrument's market data."""

    symbol: str
    depth: Depth | None
    """The levels that changed; `None` of a change that the book does not show, as of an auction's begin."""
    best_bid_offer: BestBidOffer | None
    """The best levels, if they are others than before."""
    trades: list[Trade]
    """In the order of execution."""
    orders: list[BookOrder] | None = None
    """The orders that changed, told as `BookOrders.changes` does; `None` while nobody reads the full book."""
    tick_revision: int = 1
    """Of the instrument, whose ticks the prices of orders are counted in, as those of the depth are."""
