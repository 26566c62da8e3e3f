"""The bids or the asks of one instrument."""

from collections.abc import Callable, Iterator
from itertools import islice

from markethall_engine.domain.book.level import Level
from markethall_engine.domain.book.price_ladder import PriceLadder
from markethall_engine.domain.book.price_level import PriceLevel
from markethall_engine.domain.live_order import LiveOrder
from markethall_engine.domain.order import Side


class BookSide:
    """Price levels by priority; however long a level is, adding or removing an order takes the same time."""

    __slots__ = ("_levels", "ladder")

    def __init__(self, side: Side) -> None:
        self.ladder = PriceLadder(side)
        self._levels: dict[int, PriceLevel] = {}

    def __iter__(self) -> Iterator[LiveOrder]:
        """Every resting order, by price and then time. The side must not change meanwhile."""
        for price_ticks in self.ladder:
            yield from self._levels[price_ticks]

    def level(self, price_ticks: int) -> PriceLevel:
        """The level of a price that has one."""
        return self._levels[price_ticks]

    def add(self, order: LiveOrder) -> None:
        """Rest the order at the back of its price."""
        price_ticks = order.price_ticks
        level = self._levels.get(price_ticks)
        if level is None:
            level = self._levels[price_ticks] = PriceLevel(price_ticks)
            self.ladder.insert(price_ticks)
        level.append(order)
        order.is_resting = True

    def remove(self, order: LiveOrder) -> None:
        """Take a resting order out; its level goes with the last one."""
        price_ticks = order.price_ticks
        level = self._levels[price_ticks]
        level.remove(order)
        order.is_resting = False
        if level.order_count == 0:
            del self._levels[price_ticks]
            self.ladder.remove(price_ticks)

    def lower(self, order: LiveOrder, leaves_lots: int) -> None:
        """Leave a resting order where it stands, with fewer leaves; what it shows falls by as much."""
        self._levels[order.price_ticks].quantity_lots -= order.leaves_lots - leaves_lots
        order.leaves_lots = leaves_lots

    def unhide(self, order: LiveOrder, hidden_lots: int) -> None:
        """Let a resting order, where it stands, hide less of its leaves."""
        self._levels[order.price_ticks].quantity_lots += order.hidden_lots - hidden_lots
        order.hidden_lots = hidden_lots

    def refresh(self, order: LiveOrder, hidden_lots: int) -> None:
        """Put a resting order at the back of its level, hiding less of its leaves."""
        level = self._levels[order.price_ticks]
        level.remove(order)
        order.hidden_lots = hidden_lots
        level.append(order)

    def rescale(self, price_of: Callable[[int], int]) -> None:
        """Move every level, with its queue, to the price that `price_of` gives; their order stays."""
        levels = list(self._levels.values())
        for price_ticks in self._levels:
            self.ladder.remove(price_ticks)
        self._levels = {}
        for level in levels:
            level.price_ticks = price_of(level.price_ticks)
            self._levels[level.price_ticks] = level
            self.ladder.insert(level.price_ticks)

    def best(self) -> Level | None:
        price_ticks = self.ladder.best()
        return None if price_ticks is None else self._record(price_ticks)

    def levels(self, limit: int | None = None) -> list[Level]:
        """The best `limit` levels, or all of them, best first."""
        return [self._record(price_ticks) for price_ticks in islice(self.ladder, limit)]

    def _record(self, price_ticks: int) -> Level:
        level = self._levels[price_ticks]
        return Level(price_ticks, level.quantity_lots, level.order_count)
