"""What one command does to the orders of a book, one by one.

It is kept only while somebody reads the full book: it begins with the orders as they are and follows the
events from there. It knows which orders are in the book and what each shows, not their places in the queue;
how changes tell those to a reader, `BookOrders.changes` says.
"""

from collections.abc import Callable, Iterable, Sequence
from typing import Any

from markethall_engine.domain.book.book_order import BookOrder
from markethall_engine.domain.events import (
    Event,
    OrderCanceled,
    OrderReduced,
    OrderRefreshed,
    OrderReplaced,
    OrderRested,
    TradeExecuted,
)


class BookOrders:
    """The orders in the book of one instrument."""

    __slots__ = ("_joined", "_left", "_lowered", "_orders", "_symbol")

    def __init__(self, symbol: str, orders: Iterable[BookOrder]) -> None:
        self._symbol = symbol
        self._orders = {order.order_id: order for order in orders}
        # By the command under way, in the order in which it did it.
        self._left: dict[int, BookOrder] = {}  # as they were before it
        self._lowered: dict[int, None] = {}
        self._joined: dict[int, None] = {}

    def changes(self, events: Sequence[Event]) -> list[BookOrder]:
        """Follow one command's events and say what they changed; nothing if it was undone again.

        First come the orders that left their places, with a quantity of 0, then those that stay where they
        are and show something else, and last those that joined the queue of their price, in that order. An
        order that goes to the back of its queue, as an iceberg does when it shows its next part, is in the
        first and in the last. So a reader who takes out what shows 0, changes what he knows, and puts what he
        does not know at the back of its price, has the book with everybody's place in it.
        """
        event: Any  # told by its exact type: isinstance takes several times as long where it says no
        for event in events:
            kind = type(event)
            if kind is TradeExecuted:
                auction = event.auction
                if auction is None:
                    self._traded(event.maker_order_id, event.quantity_lots, event.maker_leaves_lots)
                else:
                    self._traded(event.maker_order_id, auction.maker_shown_lots, event.maker_leaves_lots)
                    self._traded(event.taker_order_id, auction.taker_shown_lots, event.taker_leaves_lots)
            elif kind is OrderRested or kind is OrderRefreshed:
                if event.symbol == self._symbol:
                    self._leave(event.order_id)
                    self._join(
                        BookOrder(
                            event.order_id,
                            event.side,
                            event.price_ticks,
                            event.leaves_lots - event.hidden_lots,
                        )
                    )
            elif kind is OrderCanceled:
                self._leave(event.order_id)
            elif kind is OrderReduced:
                self._lower(event.order_id, event.reduced_lots - event.reduced_hidden_lots)
            elif kind is OrderReplaced and event.was_resting:
                if event.keeps_priority:
                    shown_lots = event.old_leaves_lots - event.old_hidden_lots
                    self._lower(event.order_id, shown_lots - (event.leaves_lots - event.hidden_lots))
                else:
                    self._leave(event.order_id)
        return self._told()

    def rescale(self, price_of: Callable[[int], int]) -> None:
        """Tell every price in other ticks, as `price_of` does; between two commands."""
        self._orders = {
            order_id: BookOrder(order_id, order.side, price_of(order.price_ticks), order.quantity_lots)
            for order_id, order in self._orders.items()
        }

    def _traded(self, order_id: int, shown_lots: int, leaves_lots: int) -> None:
        if leaves_lots:
            self._lower(order_id, shown_lots)
        else:
            self._leave(order_id)

    def _lower(self, order_id: int, lots: int) -> None:
        order = self._orders.get(order_id)
        if order is not None and lots:
            self._orders[order_id] = BookOrder(
                order_id, order.side, order.price_ticks, order.quantity_lots - lots
            )
            if order_id not in self._joined:
                self._lowered[order_id] = None

    def _leave(self, order_id: int) -> None:
        order = self._orders.pop(order_id, None)
        if order is None:
            return
        self._lowered.pop(order_id, None)
        if order_id in self._joined:
            del self._joined[order_id]
        else:
            self._left[order_id] = order

    def _join(self, order: BookOrder) -> None:
        self._orders[order.order_id] = order
        self._joined[order.order_id] = None

    def _told(self) -> list[BookOrder]:
        orders = self._orders
        left = self._left.values()
        told = [BookOrder(order.order_id, order.side, order.price_ticks, 0) for order in left]
        told += [orders[order_id] for order_id in self._lowered]
        told += [orders[order_id] for order_id in self._joined]
        self._left.clear()
        self._lowered.clear()
        self._joined.clear()
        return told
