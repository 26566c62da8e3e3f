"""The book by price levels, as events tell it, with a gapless sequence of changes."""

from itertools import islice
from typing import Final

import msgspec

from markethall_engine.domain.book.level import Level
from markethall_engine.domain.book.price_ladder import PriceLadder
from markethall_engine.domain.order import Side

_BUY: Final = Side.BUY


class Depth(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """Levels of one instrument, best first on both sides: the whole book, the top of it, or a change.

    In a change a level has its new quantity, and a quantity of 0 means that it is gone. Whoever has the book
    at one sequence and applies the changes of each following one has the book at the last.
    """

    symbol: str
    sequence: int
    """Of the instrument's market data: rises by one with every command that changed a level."""
    update_time_ns: int
    """When it last changed; 0 before the first time."""
    bids: list[Level]
    asks: list[Level]


class BestBidOffer(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """The best levels of one instrument."""

    symbol: str
    bid: Level | None
    ask: Level | None
    sequence: int
    """The market data's, at which these became the best levels."""
    update_time_ns: int


class DepthSide:
    """One side: a sum and a count at each price, and which prices changed since that was last asked."""

    __slots__ = ("_changed", "_ladder", "_levels", "_side")

    def __init__(self, side: Side) -> None:
        self._side = side
        self._ladder = PriceLadder(side)
        self._levels: dict[int, Level] = {}
        self._changed: set[int] = set()

    def change(self, price_ticks: int, *, quantity_lots: int, orders: int) -> None:
        """Add to a price's sum and count; either may be below zero. A count of 0 ends the level."""
        level = self._levels.get(price_ticks)
        if level is None:
            self._ladder.insert(price_ticks)
            self._levels[price_ticks] = Level(price_ticks, quantity_lots, orders)
        else:
            order_count = level.order_count + orders
            if order_count:
                self._levels[price_ticks] = Level(
                    price_ticks, level.quantity_lots + quantity_lots, order_count
                )
            else:
                self._ladder.remove(price_ticks)
                del self._levels[price_ticks]
        self._changed.add(price_ticks)

    def best(self) -> Level | None:
        price_ticks = self._ladder.best()
        return None if price_ticks is None else self._levels[price_ticks]

    def levels(self, limit: int | None) -> list[Level]:
        return [self._levels[price_ticks] for price_ticks in islice(self._ladder, limit)]

    def take_changes(self) -> list[Level]:
        """The levels that changed since the last time, best first; one that is gone has nothing in it."""
        if not self._changed:
            return []
        levels = self._levels
        prices = sorted(self._changed, reverse=self._side is _BUY)
        self._changed.clear()
        return [levels.get(price_ticks) or Level(price_ticks, 0, 0) for price_ticks in prices]


class DepthBook:
    """Both sides of one instrument."""

    __slots__ = ("_asks", "_best", "_bids", "_sequence", "_symbol", "_update_time_ns")

    def __init__(self, symbol: str) -> None:
        self._symbol = symbol
        self._sequence = 0
        self._update_time_ns = 0
        self._bids = DepthSide(Side.BUY)
        self._asks = DepthSide(Side.SELL)
        self._best = BestBidOffer(symbol, None, None, 0, 0)

    def change(self, side: Side, price_ticks: int, *, quantity_lots: int, orders: int) -> None:
        (self._bids if side is _BUY else self._asks).change(
            price_ticks, quantity_lots=quantity_lots, orders=orders
        )

    def commit(self, time_ns: int) -> Depth | None:
        """End a command: the levels that it changed, under the next sequence; `None` if it changed none."""
        bids, asks = self._bids.take_changes(), self._asks.take_changes()
        if not bids and not asks:
            return None
        self._sequence += 1
        self._update_time_ns = time_ns
        bid, ask = self._bids.best(), self._asks.best()
        if bid != self._best.bid or ask != self._best.ask:
            self._best = BestBidOffer(self._symbol, bid, ask, self._sequence, time_ns)
        return Depth(self._symbol, self._sequence, time_ns, bids, asks)

    def depth(self, limit: int | None = None) -> Depth:
        """The best `limit` levels of each side, or all."""
        return Depth(
            self._symbol,
            self._sequence,
            self._update_time_ns,
            self._bids.levels(limit),
            self._asks.levels(limit),
        )

    def best_bid_offer(self) -> BestBidOffer:
        return self._best

    @classmethod
    def restore(cls, depth: Depth, best: BestBidOffer) -> "DepthBook":
        """The book that `depth()` and `best_bid_offer()` were read from."""
        book = cls(depth.symbol)
        for side, levels in ((book._bids, depth.bids), (book._asks, depth.asks)):
            for level in levels:
                side.change(level.price_ticks, quantity_lots=level.quantity_lots, orders=level.order_count)
            side.take_changes()
        book._sequence = depth.sequence
        book._update_time_ns = depth.update_time_ns
        book._best = best
        return book
