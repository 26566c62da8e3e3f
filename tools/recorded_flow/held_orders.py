"""The orders that the venue holds if it did what it was sent, and the commands that change them."""

from collections.abc import Iterator, Mapping

from tools.recorded_flow.order_names import OrderNames
from tools.recorded_flow.queue_book import BookSide, Execution
from tools.recorded_flow.recording import Levels, Side
from tools.recorded_flow.steps import Cancel, Command, Place, Reduce, Take

Line = list[tuple[int, int]]
"""Orders at one price with their open quantities, the first in line first."""


class HeldOrders:
    """Whatever changes here is returned as commands, to be sent in that order."""

    def __init__(self) -> None:
        self._sides = (BookSide(Side.BUY), BookSide(Side.SELL))
        self._names = OrderNames()

    def queue(self, side: Side, price: int) -> Mapping[int, int]:
        return self._sides[side].queue(price)

    def line(self, side: Side, price: int) -> Line:
        return list(self._sides[side].queue(price).items())

    def quantity(self, side: Side, price: int) -> int:
        return self._sides[side].quantity(price)

    def prices(self, side: Side, limit: int | None) -> list[int]:
        """Prices with orders, best first, down to `limit`."""
        return list(self._sides[side].prices(limit))

    def top(self, side: Side, depth: int) -> Levels:
        return self._sides[side].top(depth)

    def crosses(self, side: Side, price: int) -> bool:
        """Whether an order of `side` would match at `price`."""
        best = self._sides[side.opposite].best_price()
        return best is not None and self._sides[side.opposite].reaches(best, price)

    def was_placed_again(self, order_id: int) -> bool:
        return self._names.generation(order_id) > 1

    def align(self, side: Side, price: int, line: Line) -> Iterator[Command]:
        """Make the orders at `price` these, in this order, moving as few as possible.

        None is placed at a price at which it would match.
        """
        wanted = {order_id for order_id, _ in line}
        for order_id, quantity in self.line(side, price):
            if order_id not in wanted:
                yield self.lower(side, price, order_id, quantity)
        kept = 0
        held = self.line(side, price)
        for (order_id, quantity), (held_id, held_quantity) in zip(line, held, strict=False):
            if order_id != held_id or quantity > held_quantity:
                break
            kept += 1
            if quantity < held_quantity:
                yield self.lower(side, price, order_id, held_quantity - quantity)
        for order_id, quantity in held[kept:]:
            yield self.lower(side, price, order_id, quantity)
        if not self.crosses(side, price):
            for order_id, quantity in line[kept:]:
                yield self.rest(side, price, order_id, quantity)

    def rest(self, side: Side, price: int, order_id: int, quantity: int) -> Place:
        """Place an order last in line, at a price at which it does not match."""
        self._sides[side].add(price, order_id, quantity)
        return Place(self._names.place(order_id, quantity), side, price, quantity)

    def lower(self, side: Side, price: int, order_id: int, quantity: int) -> Command:
        """Take open quantity from an order: its cancel, if nothing is left."""
        left = self._sides[side].queue(price)[order_id] - quantity
        self._sides[side].remove(price, order_id, quantity)
        name = self._names.of(order_id)
        total = self._names.lower(order_id, quantity)
        return Reduce(name, total) if left else Cancel(name)

    def take(self, side: Side, limit: int | None, quantity: int) -> tuple[Take, list[Execution]]:
        """Send an order of `side` that does not rest; returns it with the fills that must come of it."""
        fills = self._sides[side.opposite].take(limit, quantity)
        return Take(self._names.take(), side, limit, quantity), fills

    def place(self, side: Side, price: int, order_id: int, quantity: int) -> tuple[Place, list[Execution]]:
        """Place an order that may match before it rests; returns it with the fills that must come of it."""
        fills = self._sides[side.opposite].take(price, quantity)
        left = quantity - sum(fill.quantity for fill in fills)
        if left:
            self._sides[side].add(price, order_id, left)
        return Place(self._names.place(order_id, quantity), side, price, quantity), fills
