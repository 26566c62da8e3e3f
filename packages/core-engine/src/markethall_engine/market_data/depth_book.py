"""The book by price levels, as events tell it, with a gapless sequence of changes."""

from collections.abc import Callable, Iterable, Mapping
from itertools import islice
from typing import Final

from markethall_engine.domain.auction_price import AuctionPrice, auction_price
from markethall_engine.domain.book.level import Level
from markethall_engine.domain.book.price_ladder import PriceLadder
from markethall_engine.domain.order import Side
from markethall_engine.market_data.depth import BestBidOffer, Depth

_BUY: Final = Side.BUY
_SELL: Final = Side.SELL


class LevelSum:
    """What rests at one price, as it is kept."""

    __slots__ = ("order_count", "quantity_lots")

    def __init__(self, quantity_lots: int, order_count: int) -> None:
        self.quantity_lots = quantity_lots
        self.order_count = order_count


class DepthSide:
    """One side: a sum and a count at each price, and which prices the command under way touched.

    Prices are positive; 0 stands for that of an empty side's best level. What nobody sees is kept beside, for
    auctions, where it counts.
    """

    __slots__ = (
        "_best_lots",
        "_best_orders",
        "_best_ticks",
        "_hidden_lots",
        "_is_bid",
        "_ladder",
        "_levels",
        "_touched",
    )

    def __init__(self, side: Side) -> None:
        self._is_bid = side is _BUY
        self._ladder = PriceLadder(side)
        self._levels: dict[int, LevelSum] = {}
        self._hidden_lots: dict[int, int] = {}  # of prices where there is any
        self._touched: list[int] = []
        self._best_ticks = self._best_lots = self._best_orders = 0  # as the last `commit` found them

    def change(self, price_ticks: int, quantity_lots: int, orders: int) -> None:
        """Add to a price's sum and count; either may be below zero. A count of 0 ends the level."""
        level = self._levels.get(price_ticks)
        if level is None:
            self._ladder.insert(price_ticks)
            self._levels[price_ticks] = LevelSum(quantity_lots, orders)
        else:
            level.quantity_lots += quantity_lots
            level.order_count += orders
            if level.order_count == 0:
                self._ladder.remove(price_ticks)
                del self._levels[price_ticks]
        self._touched.append(price_ticks)

    def hide(self, price_ticks: int, hidden_lots: int) -> None:
        """Add to what a price hides; may be below zero."""
        hidden_lots += self._hidden_lots.get(price_ticks, 0)
        if hidden_lots:
            self._hidden_lots[price_ticks] = hidden_lots
        else:
            del self._hidden_lots[price_ticks]

    def is_touched(self) -> bool:
        return len(self._touched) > 0

    def commit(self) -> bool:
        """End a command, and say whether the best level is another than before."""
        self._touched.clear()
        price_ticks = self._ladder.best()
        if price_ticks is None:
            changed = self._best_ticks != 0
            self._best_ticks = self._best_lots = self._best_orders = 0
            return changed
        level = self._levels[price_ticks]
        if (
            price_ticks == self._best_ticks
            and level.quantity_lots == self._best_lots
            and level.order_count == self._best_orders
        ):
            return False
        self._best_ticks = price_ticks
        self._best_lots = level.quantity_lots
        self._best_orders = level.order_count
        return True

    def best(self) -> Level | None:
        """As of the last `commit`."""
        if self._best_ticks == 0:
            return None
        return Level(self._best_ticks, self._best_lots, self._best_orders)

    def levels(self, limit: int | None) -> list[Level]:
        return [self._level(price_ticks) for price_ticks in islice(self._ladder, limit)]

    def rescale(self, price_of: Callable[[int], int]) -> None:
        """Move every level to the price that `price_of` gives."""
        for price_ticks in self._levels:
            self._ladder.remove(price_ticks)
        self._levels = {price_of(price_ticks): level for price_ticks, level in self._levels.items()}
        for price_ticks in self._levels:
            self._ladder.insert(price_ticks)
        self._hidden_lots = {price_of(price_ticks): lots for price_ticks, lots in self._hidden_lots.items()}
        self._best_ticks = price_of(self._best_ticks)

    def best_ticks(self) -> int:
        """As of the last `commit`; 0 of an empty side."""
        return self._best_ticks

    def whole_levels(self, limit_ticks: int) -> list[tuple[int, int]]:
        """Price and quantity, hidden included, of the levels that the other side reaches at this limit."""
        hidden_lots = self._hidden_lots
        return [
            (price_ticks, self._levels[price_ticks].quantity_lots + hidden_lots.get(price_ticks, 0))
            for price_ticks in self._ladder.within(limit_ticks)
        ]

    def hidden(self) -> list[tuple[int, int]]:
        """Price and hidden quantity, where there is any, by price."""
        return sorted(self._hidden_lots.items())

    def changes(self) -> list[Level]:
        """The levels that the command under way touched, best first; one that is gone has nothing in it."""
        if not self._touched:
            return []
        return [self._level(price_ticks) for price_ticks in sorted(set(self._touched), reverse=self._is_bid)]

    def _level(self, price_ticks: int) -> Level:
        level = self._levels.get(price_ticks)
        return (
            Level(price_ticks, 0, 0)
            if level is None
            else Level(price_ticks, level.quantity_lots, level.order_count)
        )


class DepthBook:
    """Both sides of one instrument."""

    __slots__ = (
        "_asks",
        "_best",
        "_best_sequence",
        "_best_time_ns",
        "_bids",
        "_sequence",
        "_symbol",
        "_tick_revision",
        "_update_time_ns",
    )

    def __init__(self, symbol: str, tick_revision: int = 1) -> None:
        self._symbol = symbol
        self._tick_revision = tick_revision
        self._sequence = 0
        self._update_time_ns = 0
        self._bids = DepthSide(_BUY)
        self._asks = DepthSide(_SELL)
        self._best: BestBidOffer | None = None  # made when it is asked for
        self._best_sequence = 0
        self._best_time_ns = 0

    def change(self, side: Side, price_ticks: int, quantity_lots: int, orders: int) -> None:
        """Add to the sum and count of a level; see `DepthSide.change`."""
        (self._bids if side is _BUY else self._asks).change(price_ticks, quantity_lots, orders)

    def hide(self, side: Side, price_ticks: int, hidden_lots: int) -> None:
        """Add to what a level hides; see `DepthSide.hide`."""
        (self._bids if side is _BUY else self._asks).hide(price_ticks, hidden_lots)

    def auction_price(self, reference_ticks: int) -> AuctionPrice | None:
        """What an auction would come to now; `None` where nothing would trade."""
        bid_ticks, ask_ticks = self._bids.best_ticks(), self._asks.best_ticks()
        if not bid_ticks or not ask_ticks or bid_ticks < ask_ticks:
            return None
        return auction_price(
            self._bids.whole_levels(ask_ticks), self._asks.whole_levels(bid_ticks), reference_ticks
        )

    def hidden(self, side: Side) -> list[tuple[int, int]]:
        """Price and hidden quantity of the levels that have any."""
        return (self._bids if side is _BUY else self._asks).hidden()

    def changes(self, time_ns: int) -> Depth:
        """What the command under way, which came at `time_ns`, changes; to be asked before its `commit`."""
        return Depth(
            self._symbol,
            self._sequence + 1,
            time_ns,
            self._bids.changes(),
            self._asks.changes(),
            self._tick_revision,
        )

    def commit(self, time_ns: int) -> bool:
        """End a command that changed levels, and say whether the best ones are others than before."""
        self._sequence += 1
        self._update_time_ns = time_ns
        bid_changed = self._bids.is_touched() and self._bids.commit()
        ask_changed = self._asks.is_touched() and self._asks.commit()
        if not bid_changed and not ask_changed:
            return False
        self._best = None
        self._best_sequence = self._sequence
        self._best_time_ns = time_ns
        return True

    @property
    def sequence(self) -> int:
        """Of the last command that changed a level."""
        return self._sequence

    def rescale(self, price_of: Callable[[int], int], tick_revision: int) -> None:
        """Tell every price in the ticks of another revision, as `price_of` does; between two commands."""
        self._bids.rescale(price_of)
        self._asks.rescale(price_of)
        self._tick_revision = tick_revision
        self._best = None

    def is_touched(self) -> bool:
        """Whether the command under way changes a level."""
        return self._bids.is_touched() or self._asks.is_touched()

    def depth(self, limit: int | None = None) -> Depth:
        """The best `limit` levels of each side, or all."""
        return Depth(
            self._symbol,
            self._sequence,
            self._update_time_ns,
            self._bids.levels(limit),
            self._asks.levels(limit),
            self._tick_revision,
        )

    def best_bid_offer(self) -> BestBidOffer:
        best = self._best
        if best is None:
            best = self._best = BestBidOffer(
                self._symbol,
                self._bids.best(),
                self._asks.best(),
                self._best_sequence,
                self._best_time_ns,
                self._tick_revision,
            )
        return best

    @classmethod
    def restore(
        cls, depth: Depth, best: BestBidOffer, hidden: Mapping[Side, Iterable[tuple[int, int]]]
    ) -> "DepthBook":
        """The book that `depth()`, `best_bid_offer()` and `hidden()` were read from."""
        book = cls(depth.symbol, depth.tick_revision)
        for side, levels in ((book._bids, depth.bids), (book._asks, depth.asks)):
            for level in levels:
                side.change(level.price_ticks, level.quantity_lots, level.order_count)
            side.commit()
        for name, prices in hidden.items():
            for price_ticks, hidden_lots in prices:
                book.hide(name, price_ticks, hidden_lots)
        book._sequence = depth.sequence
        book._update_time_ns = depth.update_time_ns
        book._best_sequence = best.sequence
        book._best_time_ns = best.update_time_ns
        return book
