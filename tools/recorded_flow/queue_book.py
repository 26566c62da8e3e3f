"""The orders that a venue holds if it did what it was sent: queues by price, first in line first.

Orders are named by integers: the exchange's own id, or a negative number for quantity without a name.
"""

from bisect import bisect_left, bisect_right, insort
from collections.abc import Iterator, Mapping
from typing import NamedTuple

from tools.recorded_flow.recording import Side


class Execution(NamedTuple):
    """A resting order's fill."""

    order_id: int
    price: int
    quantity: int


Queue = dict[int, int]
"""Open quantities at one price by order, the first in line first."""


class BookSide:
    """All bids or all asks."""

    def __init__(self, side: Side) -> None:
        self._queues: dict[int, Queue] = {}
        self._quantities: dict[int, int] = {}
        self._keys: list[int] = []
        """Prices so signed that the best comes first."""
        self._sign = -1 if side is Side.BUY else 1

    def queue(self, price: int) -> Mapping[int, int]:
        return self._queues.get(price, {})

    def quantity(self, price: int) -> int:
        return self._quantities.get(price, 0)

    def prices(self, limit: int | None = None) -> Iterator[int]:
        """Prices with orders, best first, down to `limit`."""
        end = len(self._keys) if limit is None else bisect_right(self._keys, limit * self._sign)
        return (key * self._sign for key in self._keys[:end])

    def best_price(self) -> int | None:
        return self._keys[0] * self._sign if self._keys else None

    def reaches(self, price: int, other: int) -> bool:
        """Whether `price` is as good as `other` or better, seen from this side."""
        return price * self._sign <= other * self._sign

    def top(self, depth: int) -> tuple[tuple[int, int], ...]:
        return tuple((key * self._sign, self._quantities[key * self._sign]) for key in self._keys[:depth])

    def add(self, price: int, order_id: int, quantity: int) -> None:
        """Put an order last in line."""
        queue = self._queues.get(price)
        if queue is None:
            queue = self._queues[price] = {}
            self._quantities[price] = 0
            insort(self._keys, price * self._sign)
        assert order_id not in queue
        queue[order_id] = quantity
        self._quantities[price] += quantity

    def remove(self, price: int, order_id: int, quantity: int) -> None:
        """Take open quantity from an order that has at least as much; it keeps its place."""
        queue = self._queues[price]
        queue[order_id] -= quantity
        self._quantities[price] -= quantity
        assert queue[order_id] >= 0
        if not queue[order_id]:
            del queue[order_id]
            if not queue:
                del self._queues[price]
                del self._quantities[price]
                del self._keys[bisect_left(self._keys, price * self._sign)]

    def take(self, limit: int | None, quantity: int) -> list[Execution]:
        """Fill at most `quantity` of the resting orders by price and time, down to `limit`."""
        executions: list[Execution] = []
        while quantity and (price := self.best_price()) is not None:
            if limit is not None and not self.reaches(price, limit):
                break
            order_id, open_quantity = next(iter(self._queues[price].items()))
            filled = min(quantity, open_quantity)
            self.remove(price, order_id, filled)
            executions.append(Execution(order_id, price, filled))
            quantity -= filled
        return executions
