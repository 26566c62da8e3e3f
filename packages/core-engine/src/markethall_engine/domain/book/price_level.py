"""One price of one side: its orders in order of arrival, first in, first out.

The queue is a list linked through the orders themselves. A dict kept in insertion order would do the same
with less code, but finding its first entry walks over all those removed before it, so that eating through a
long level from the front takes time that grows with its square.
"""

from collections.abc import Iterator

from markethall_engine.domain.live_order import LiveOrder


class PriceLevel:
    """The orders that rest at `price_ticks`, and what they show."""

    __slots__ = ("careful_orders", "first", "last", "order_count", "price_ticks", "quantity_lots")

    def __init__(self, price_ticks: int) -> None:
        self.price_ticks = price_ticks
        self.quantity_lots = 0  # shown
        self.careful_orders = 0  # that are to be met one by one, with care: see `Instructions.needs_care`
        self.order_count = 0
        self.first: LiveOrder | None = None
        self.last: LiveOrder | None = None

    def __iter__(self) -> Iterator[LiveOrder]:
        """Every order, by time priority. The level must not change meanwhile."""
        order = self.first
        while order is not None:
            yield order
            order = order.next

    def append(self, order: LiveOrder) -> None:
        """Put the order, with its present leaves, at the back of the queue."""
        last = self.last
        order.previous = last
        if last is None:
            self.first = order
        else:
            last.next = order
        self.last = order
        self.order_count += 1
        self.quantity_lots += order.leaves_lots
        if order.instructions is not None and order.instructions.needs_care():
            self.careful_orders += 1
            self.quantity_lots -= order.hidden_lots

    def remove(self, order: LiveOrder) -> None:
        """Take the order out, wherever it stands; the sums fall by its present leaves."""
        before, after = order.previous, order.next
        if before is None:
            self.first = after
        else:
            before.next = after
        if after is None:
            self.last = before
        else:
            after.previous = before
        order.previous = order.next = None
        self.order_count -= 1
        self.quantity_lots -= order.leaves_lots
        if order.instructions is not None and order.instructions.needs_care():
            self.careful_orders -= 1
            self.quantity_lots += order.hidden_lots
