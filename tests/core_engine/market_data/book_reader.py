"""A reader of the full book, who does what the contract says a reader should do, and no more."""

from collections.abc import Iterable

from markethall_engine.domain.book.book_order import BookOrder
from markethall_engine.domain.order import Side
from markethall_engine.domain.tick_change import TickChange


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

    def change_tick(self, change: TickChange) -> None:
        """Prices stay what they are; a reader of decimals has nothing to do."""
        self._orders = {
            order_id: BookOrder(order_id, order.side, change.exact(order.price_ticks), order.quantity_lots)
            for order_id, order in self._orders.items()
        }

    def orders(self, side: Side) -> list[BookOrder]:
        """By price, and among equals by when they joined."""
        sign = -1 if side is Side.BUY else 1
        mine = (order for order in self._orders.values() if order.side is side)
        return sorted(mine, key=lambda order: sign * order.price_ticks)
