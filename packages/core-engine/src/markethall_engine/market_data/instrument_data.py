"""The market data of one instrument."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any, Final

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
from markethall_engine.domain.order import Side
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

    __slots__ = ("_book", "_chart", "_day", "_orders", "_orders_readers", "_pending", "_tape", "symbol")

    def __init__(self, symbol: str) -> None:
        self.symbol = symbol
        self._book = DepthBook(symbol)
        self._tape = TradeTape()
        self._chart = CandleChart()
        self._day: DayWindow | None = None  # made when it is asked for
        self._pending: list[Trade] = []  # of the command under way
        self._orders: BookOrders | None = None  # while it has readers
        self._orders_readers = 0

    def rested(self, event: OrderRested, sequence: int, time_ns: int) -> None:
        self._book.change(event.side, event.price_ticks, event.leaves_lots - event.hidden_lots, 1)

    def refreshed(self, event: OrderRefreshed, sequence: int, time_ns: int) -> None:
        self._book.change(event.side, event.price_ticks, event.leaves_lots - event.hidden_lots, 0)

    def traded(self, event: TradeExecuted, sequence: int, time_ns: int) -> None:
        taker_side, price_ticks, quantity_lots = event.taker_side, event.price_ticks, event.quantity_lots
        maker_side = _SELL if taker_side is _BUY else _BUY
        self._book.change(maker_side, price_ticks, -quantity_lots, 0 if event.maker_leaves_lots else -1)
        trade = Trade(
            event.trade_id,
            self.symbol,
            price_ticks,
            quantity_lots,
            event.notional,
            taker_side,
            sequence,
            time_ns,
        )
        self._chart.add(trade)
        self._pending.append(trade)

    def canceled(self, event: OrderCanceled, sequence: int, time_ns: int) -> None:
        if event.was_resting:
            self._book.change(event.side, event.price_ticks, event.hidden_lots - event.canceled_lots, -1)

    def reduced(self, event: OrderReduced, sequence: int, time_ns: int) -> None:
        if event.was_resting:
            shown_lots = event.reduced_lots - event.reduced_hidden_lots
            self._book.change(event.side, event.price_ticks, -shown_lots, 0)

    def replaced(self, event: OrderReplaced, sequence: int, time_ns: int) -> None:
        old_lots = event.old_leaves_lots - event.old_hidden_lots
        if event.keeps_priority:
            lots = event.leaves_lots - event.hidden_lots - old_lots
            self._book.change(event.side, event.old_price_ticks, lots, 0)
        else:
            self._book.change(event.side, event.old_price_ticks, -old_lots, -1)

    def commit(self, events: Sequence[Event], time_ns: int, *, tells: bool) -> MarketUpdate | None:
        """End the command of `events` and, if `tells`, say what it changed, if anything."""
        book = self._book
        trades, self._pending = self._pending, []
        if trades:
            self._tape.add(trades)
        if not book.is_touched():
            return None
        if not tells:
            book.commit(time_ns)
            return None
        depth = book.changes(time_ns)
        best = book.best_bid_offer() if book.commit(time_ns) else None
        orders = None if self._orders is None else self._orders.changes(events)
        return MarketUpdate(self.symbol, depth, best, trades, orders)

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

    def last_candle(self, interval: CandleInterval) -> Candle | None:
        return self._chart.series(interval).last()

    def ticker(self, time_ns: int) -> Ticker:
        """The figures of the 24 hours up to `time_ns`."""
        minutes = self._chart.series(CandleInterval.ONE_MINUTE)
        if self._day is None:
            self._day = DayWindow(minutes)
        return ticker(self._tape.last(), self._book.best_bid_offer(), self._day.figures(time_ns))

    def record(self) -> InstrumentRecord:
        return InstrumentRecord(
            depth=self._book.depth(),
            best=self._book.best_bid_offer(),
            trades=list(self._tape),
            candles=[
                [CandleRecord.of(candle) for candle in self._chart.series(interval)]
                for interval in CandleInterval
            ],
        )

    @classmethod
    def restore(cls, record: InstrumentRecord) -> "InstrumentData":
        data = cls(record.depth.symbol)
        data._book = DepthBook.restore(record.depth, record.best)
        data._tape = TradeTape(record.trades)
        data._chart = CandleChart(
            {
                interval: [candle.candle() for candle in candles]
                for interval, candles in zip(CandleInterval, record.candles, strict=True)
            }
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
