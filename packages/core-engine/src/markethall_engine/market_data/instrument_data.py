"""The market data of one instrument."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any, Final

from markethall_engine.domain.auction_price import AuctionPrice
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
from markethall_engine.domain.instrument import Instrument, InstrumentStatus, Step
from markethall_engine.domain.order import Side
from markethall_engine.domain.tick_change import TickChange
from markethall_engine.market_data.book_orders import BookOrders
from markethall_engine.market_data.candle_chart import CandleChart
from markethall_engine.market_data.candles import Candle, CandleInterval
from markethall_engine.market_data.depth import BestBidOffer, Depth
from markethall_engine.market_data.depth_book import DepthBook
from markethall_engine.market_data.snapshot import CandleRecord, InstrumentRecord
from markethall_engine.market_data.ticker import DayWindow, Ticker, ticker
from markethall_engine.market_data.trades import Trade, TradeTape
from markethall_engine.market_data.updates import MarketUpdate

_BUY: Final = Side.BUY
_SELL: Final = Side.SELL


class InstrumentData:
    """Depth, trades and candles of one instrument.

    What is read is immutable; `projection.MarketData` alone writes: it calls the method that an event has in
    `FOLLOWED` for each event of a command, and then `commit`.
    """

    __slots__ = (
        "_auction",
        "_auction_is_known",
        "_book",
        "_chart",
        "_day",
        "_instrument",
        "_is_redefined",
        "_last_price_ticks",
        "_orders",
        "_orders_readers",
        "_pending",
        "_tape",
        "_tick_change",
        "symbol",
    )

    def __init__(self, instrument: Instrument) -> None:
        self.symbol = instrument.symbol
        self._instrument = instrument
        self._is_redefined = False  # by the command under way
        self._tick_change: TickChange | None = None  # by the command under way
        self._last_price_ticks = 0  # the last trade's, in ticks as they are now
        self._auction: AuctionPrice | None = None  # what the auction would come to, if that is known
        self._auction_is_known = False
        self._book = DepthBook(instrument.symbol, instrument.revision)
        self._tape = TradeTape()
        self._chart = CandleChart(instrument.tick_size)
        self._day: DayWindow | None = None  # made when it is asked for
        self._pending: list[Trade] = []  # of the command under way
        self._orders: BookOrders | None = None  # while it has readers
        self._orders_readers = 0

    def redefined(self, instrument: Instrument) -> None:
        old, self._instrument = self._instrument, instrument
        self._is_redefined = True
        if instrument.revision != old.revision:
            self._tick_change = TickChange(old.tick_size, instrument.tick_size)

    def rested(self, event: OrderRested, sequence: int, time_ns: int) -> None:
        self._book.change(event.side, event.price_ticks, event.leaves_lots - event.hidden_lots, 1)
        if event.hidden_lots:
            self._book.hide(event.side, event.price_ticks, event.hidden_lots)

    def refreshed(self, event: OrderRefreshed, sequence: int, time_ns: int) -> None:
        shown_lots = event.leaves_lots - event.hidden_lots
        self._book.change(event.side, event.price_ticks, shown_lots, 0)
        self._book.hide(event.side, event.price_ticks, -shown_lots)

    def traded(self, event: TradeExecuted, sequence: int, time_ns: int) -> None:
        taker_side, price_ticks, quantity_lots = event.taker_side, event.price_ticks, event.quantity_lots
        maker_side = _SELL if taker_side is _BUY else _BUY
        auction = event.auction
        if auction is None:
            self._book.change(maker_side, price_ticks, -quantity_lots, 0 if event.maker_leaves_lots else -1)
        else:
            maker_ticks, maker_lots = auction.maker_limit_ticks, auction.maker_shown_lots
            taker_ticks, taker_lots = auction.taker_limit_ticks, auction.taker_shown_lots
            self._filled(maker_side, maker_ticks, quantity_lots, maker_lots, event.maker_leaves_lots)
            self._filled(taker_side, taker_ticks, quantity_lots, taker_lots, event.taker_leaves_lots)
        trade = Trade(
            event.trade_id,
            self.symbol,
            price_ticks,
            quantity_lots,
            event.notional,
            taker_side,
            sequence,
            time_ns,
            auction is not None,
        )
        self._chart.add(trade)
        self._pending.append(trade)

    def _filled(
        self, side: Side, price_ticks: int, quantity_lots: int, shown_lots: int, leaves_lots: int
    ) -> None:
        """Take a trade of an auction off one of its levels."""
        self._book.change(side, price_ticks, -shown_lots, 0 if leaves_lots else -1)
        if quantity_lots != shown_lots:
            self._book.hide(side, price_ticks, shown_lots - quantity_lots)

    def canceled(self, event: OrderCanceled, sequence: int, time_ns: int) -> None:
        if event.was_resting:
            self._book.change(event.side, event.price_ticks, event.hidden_lots - event.canceled_lots, -1)
            if event.hidden_lots:
                self._book.hide(event.side, event.price_ticks, -event.hidden_lots)

    def reduced(self, event: OrderReduced, sequence: int, time_ns: int) -> None:
        if event.was_resting:
            shown_lots = event.reduced_lots - event.reduced_hidden_lots
            self._book.change(event.side, event.price_ticks, -shown_lots, 0)
            if event.reduced_hidden_lots:
                self._book.hide(event.side, event.price_ticks, -event.reduced_hidden_lots)

    def replaced(self, event: OrderReplaced, sequence: int, time_ns: int) -> None:
        if not event.was_resting:
            return
        old_lots = event.old_leaves_lots - event.old_hidden_lots
        if event.keeps_priority:
            lots = event.leaves_lots - event.hidden_lots - old_lots
            self._book.change(event.side, event.old_price_ticks, lots, 0)
        else:
            self._book.change(event.side, event.old_price_ticks, -old_lots, -1)
        if event.old_hidden_lots != event.hidden_lots:
            self._book.hide(event.side, event.old_price_ticks, event.hidden_lots - event.old_hidden_lots)

    def commit(self, events: Sequence[Event], time_ns: int, *, tells: bool) -> MarketUpdate | None:
        """End the command of `events` and, if `tells`, say what it changed, if anything."""
        book = self._book
        trades, self._pending = self._pending, []
        if trades:
            self._tape.add(trades)
            self._last_price_ticks = trades[-1].price_ticks
        is_redefined, self._is_redefined = self._is_redefined, False
        self._auction_is_known = False
        depth = orders = None
        is_best_changed = False
        if book.is_touched():
            if tells:
                depth = book.changes(time_ns)
                orders = None if self._orders is None else self._orders.changes(events)
            is_best_changed = book.commit(time_ns)
        elif not is_redefined:
            return None
        if self._tick_change is not None:
            self._change_tick(self._tick_change)
        if not tells:
            return None
        best = book.best_bid_offer() if is_best_changed else None
        revision = self._instrument.revision if depth is None else depth.tick_revision
        return MarketUpdate(self.symbol, depth, best, trades, orders, revision)

    def _change_tick(self, change: TickChange) -> None:
        """Tell all that is now in other ticks; what was told before says itself what it is counted in."""
        self._tick_change = None
        self._book.rescale(change.exact, self._instrument.revision)
        if self._orders is not None:
            self._orders.rescale(change.exact)
        self._last_price_ticks = change.nearest(self._last_price_ticks)
        self._chart.change_tick(self._instrument.tick_size)
        self._day = None

    @contextmanager
    def telling_orders(self, orders: Iterable[BookOrder]) -> Iterator[None]:
        """Have updates tell orders, too, given those that are in the book now; `commit` must always tell."""
        if self._orders is None:
            self._orders = BookOrders(self.symbol, orders)
        self._orders_readers += 1
        try:
            yield
        finally:
            self._orders_readers -= 1
            if self._orders_readers == 0:
                self._orders = None

    def depth(self, limit: int | None = None) -> Depth:
        """The best `limit` levels of each side, or all."""
        return self._book.depth(limit)

    def best_bid_offer(self) -> BestBidOffer:
        return self._book.best_bid_offer()

    @property
    def sequence(self) -> int:
        """Of the last command that changed a level."""
        return self._book.sequence

    def trades(self, limit: int | None = None, *, before: int | None = None) -> list[Trade]:
        """Newest first, at most `limit`, from those with an id below `before`."""
        return self._tape.newest_first(limit, before=before)

    def candles(
        self,
        interval: CandleInterval,
        start_time_ns: int | None = None,
        end_time_ns: int | None = None,
        limit: int | None = None,
    ) -> list[Candle]:
        """Oldest first: see `CandleSeries.between`."""
        return self._chart.series(interval).between(start_time_ns, end_time_ns, limit)

    @property
    def price_step(self) -> Step:
        """What the prices of candles are counted in."""
        return self._chart.price_step

    def last_candle(self, interval: CandleInterval) -> Candle | None:
        return self._chart.series(interval).last()

    def ticker(self, time_ns: int) -> Ticker:
        """The figures of the 24 hours up to `time_ns`."""
        minutes = self._chart.series(CandleInterval.ONE_MINUTE)
        if self._day is None:
            self._day = DayWindow(minutes)
        return ticker(
            self._tape.last(),
            self._book.best_bid_offer(),
            self._day.figures(time_ns),
            in_auction=self._instrument.status is InstrumentStatus.AUCTION,
            auction=self.auction(),
            price_step=self._chart.price_step,
        )

    def auction(self) -> AuctionPrice | None:
        """What the auction would come to now; `None` where nothing would trade, or there is none."""
        if not self._auction_is_known:
            self._auction = None
            if self._instrument.status is InstrumentStatus.AUCTION:
                self._auction = self._book.auction_price(
                    self._last_price_ticks or self._instrument.reference_price_ticks
                )
            self._auction_is_known = True
        return self._auction

    def record(self) -> InstrumentRecord:
        return InstrumentRecord(
            instrument=self._instrument,
            depth=self._book.depth(),
            hidden_bids=self._book.hidden(_BUY),
            hidden_asks=self._book.hidden(_SELL),
            best=self._book.best_bid_offer(),
            trades=list(self._tape),
            last_price_ticks=self._last_price_ticks,
            price_step=self._chart.price_step,
            candles=[
                [CandleRecord.of(candle) for candle in self._chart.series(interval)]
                for interval in CandleInterval
            ],
        )

    @classmethod
    def restore(cls, record: InstrumentRecord) -> "InstrumentData":
        data = cls(record.instrument)
        hidden = {_BUY: record.hidden_bids, _SELL: record.hidden_asks}
        data._book = DepthBook.restore(record.depth, record.best, hidden)
        data._tape = TradeTape(record.trades)
        data._last_price_ticks = record.last_price_ticks
        data._chart = CandleChart(
            record.instrument.tick_size,
            record.price_step,
            {
                interval: [candle.candle() for candle in candles]
                for interval, candles in zip(CandleInterval, record.candles, strict=True)
            },
        )
        return data


FOLLOWED: Final[dict[type, Callable[[InstrumentData, Any, int, int], None]]] = {
    OrderRested: InstrumentData.rested,
    TradeExecuted: InstrumentData.traded,
    OrderCanceled: InstrumentData.canceled,
    OrderReplaced: InstrumentData.replaced,
    OrderReduced: InstrumentData.reduced,
    OrderRefreshed: InstrumentData.refreshed,
}
"""The events that concern the market, all of which have a `symbol`, and what each does."""
