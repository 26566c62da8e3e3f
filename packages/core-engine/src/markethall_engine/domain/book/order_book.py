"""Both sides of one instrument's book.

The book holds orders and nothing else: it does not match, and it trusts `matching` and `decide` that no bid
reaches an ask.
"""

from typing import Final

from markethall_engine.domain.book.book_side import BookSide
from markethall_engine.domain.live_order import LiveOrder
from markethall_engine.domain.order import Side

_BUY: Final = Side.BUY


class OrderBook:
    """Bids and asks."""

    __slots__ = ("asks", "bids")

    def __init__(self) -> None:
        self.bids = BookSide(Side.BUY)
        self.asks = BookSide(Side.SELL)

    def side(self, side: Side) -> BookSide:
        return self.bids if side is _BUY else self.asks

    def opposite(self, side: Side) -> BookSide:
        """What an incoming order of `side` trades with."""
        return self.asks if side is _BUY else self.bids

    def resting_orders(self) -> list[LiveOrder]:
        """Every resting order, oldest first."""
        return sorted([*self.bids, *self.asks], key=LiveOrder.age)
