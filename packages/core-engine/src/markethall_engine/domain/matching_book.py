"""A book that matches by itself: what is left of the exchange without accounts, money and events.

The exchange decides first and changes its book by events. Here both happen at once, with the same plan and
the same book, for who wants matching alone: to measure it, or to simulate.
"""

from markethall_engine.domain.book.order_book import OrderBook
from markethall_engine.domain.live_order import LiveOrder
from markethall_engine.domain.matches import Fill, Match
from markethall_engine.domain.matching import plan_matches


class MatchingBook:
    """An order book into which orders are placed, limited and without self-trade prevention."""

    __slots__ = ("book",)

    def __init__(self) -> None:
        self.book = OrderBook()

    def place(self, order: LiveOrder) -> list[Match]:
        """Trade with what the order reaches, rest what is left, and give whom it met."""
        opposite = self.book.opposite(order.side)
        matches = plan_matches(opposite, order.leaves_lots, order.price_ticks, order.owner, None)
        for match in matches:
            assert isinstance(match, Fill), "nothing is prevented"
            maker = match.maker
            if match.quantity_lots < maker.leaves_lots:
                opposite.lower(maker, maker.leaves_lots - match.quantity_lots)
            else:
                opposite.remove(maker)
            order.leaves_lots -= match.quantity_lots
        if order.leaves_lots:
            self.book.side(order.side).add(order)
        return matches

    def cancel(self, order: LiveOrder) -> None:
        """Take out an order that rests."""
        self.book.side(order.side).remove(order)
