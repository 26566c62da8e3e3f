"""A reader of the full book, who does what the contract says a reader should do, and no more."""

from collections.abc import Iterable

from markethall_engine.domain.book.book_order import BookOrder
from markethall_engine.domain.order import Side


class BookReader:
    """Keeps a book from a snapshot's orders and later changes."""

    def __init__(self, snapshot: Iterable[BookOrder]) -> None:
        self._orders = {order.order_id: order for order in snapshot}

    def apply(self, changes: Iterable[BookOrder]) -> None:
        for order in changes:
            if order.quantity_lots == 0:
                del self._orders[order.order_id]
            else:
                self._orders[order.order_id] = order

    def orders(self, side: Side) -> list[BookOrder]:
        """By price, and among equals by when they joined."""
        sign = -1 if side is Side.BUY else 1
        mine = (order for order in self._orders.values() if order.side is side)
        return sorted(mine, key=lambda order: sign * order.price_ticks)
