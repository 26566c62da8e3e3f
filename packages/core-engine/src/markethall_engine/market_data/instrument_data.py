"""The market data of one instrument."""

from typing import Final

import msgspec

from markethall_engine.domain.events import (
    OrderCanceled,
    OrderReduced,
    OrderReplaced,
    OrderRested,
    TradeExecuted,
)
from markethall_engine.domain.order import Side
from markethall_engine.market_data.candles import Candle, CandleInterval, CandleSeries, candle_of
from markethall_engine.market_data.depth import BestBidOffer, Depth, DepthBook
from markethall_engine.market_data.ticker import Ticker, ticker
from markethall_engine.market_data.trades import Trade, TradeTape

MARKET_EVENTS: Final = (OrderRested, TradeExecuted, OrderCanceled, OrderReplaced, OrderReduced)
"""The events that `InstrumentData.follow` takes; no other concerns the market."""

_BUY: Final = Side.BUY
_SELL: Final = Side.SELL


class MarketUpdate(msgspec.Struct, frozen=True, gc=False):
    """What one command changed in one instrument's market data."""

    symbol: str
    depth: Depth
    """The levels that changed."""
    best_bid_offer: BestBidOffer | None
    """The best levels, if they are others than before."""
    trades: list[Trade]
    """In the order of execution."""


class InstrumentData:
    """Depth, trades and candles of one instrument.

    What is read is immutable; `projection.MarketData` alone writes, with `follow` and `commit`.
    """

    __slots__ = ("_book", "_candles", "_pending", "_tape", "symbol")

    def __init__(self, symbol: str) -> None:
        self.symbol = symbol
        self._book = DepthBook(symbol)
        self._tape = TradeTape()
        self._candles = {interval: CandleSeries(interval) for interval in CandleInterval}
        self._pending: list[Trade] = []  # of the command under way

    def follow(
        self,
        event: OrderRested | TradeExecuted | OrderCanceled | OrderReplaced | OrderReduced,
        sequence: int,
        time_ns: int,
    ) -> None:
        """Take in one event of the command under way."""
        change = self._book.change
        if isinstance(event, OrderRested):
            change(event.side, event.price_ticks, quantity_lots=event.leaves_lots, orders=1)
        elif isinstance(event, TradeExecuted):
            change(
                _SELL if event.taker_side is _BUY else _BUY,
                event.price_ticks,
                quantity_lots=-event.quantity_lots,
                orders=0 if event.maker_leaves_lots else -1,
            )
            self._pending.append(
                Trade(
                    event.trade_id,
                    event.symbol,
                    event.price_ticks,
                    event.quantity_lots,
                    event.notional,
                    event.taker_side,
                    sequence,
                    time_ns,
                )
            )
        elif isinstance(event, OrderCanceled):
            if event.was_resting:
                change(event.side, event.price_ticks, quantity_lots=-event.canceled_lots, orders=-1)
        elif isinstance(event, OrderReduced):
            if event.was_resting:
                change(event.side, event.price_ticks, quantity_lots=-event.reduced_lots, orders=0)
        elif event.keeps_priority:
            lots = event.leaves_lots - event.old_leaves_lots
            change(event.side, event.old_price_ticks, quantity_lots=lots, orders=0)
        else:
            change(event.side, event.old_price_ticks, quantity_lots=-event.old_leaves_lots, orders=-1)

    def commit(self, time_ns: int) -> MarketUpdate | None:
        """End a command, and say what it changed, if anything."""
        trades, self._pending = self._pending, []
        if trades:
            for trade in trades:
                self._tape.add(trade)
            candle = candle_of(trades)
            for series in self._candles.values():
                series.add(candle)
        best_before = self._book.best_bid_offer()
        depth = self._book.commit(time_ns)
        if depth is None:
            return None
        best = self._book.best_bid_offer()
        return MarketUpdate(self.symbol, depth, None if best is best_before else best, trades)

    def depth(self, limit: int | None = None) -> Depth:
        """The best `limit` levels of each side, or all."""
        return self._book.depth(limit)

    def best_bid_offer(self) -> BestBidOffer:
        return self._book.best_bid_offer()

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
        return self._candles[interval].between(start_time_ns, end_time_ns, limit)

    def last_candle(self, interval: CandleInterval) -> Candle | None:
        return self._candles[interval].last()

    def ticker(self, time_ns: int) -> Ticker:
        """The figures of the 24 hours up to `time_ns`."""
        minutes = self._candles[CandleInterval.ONE_MINUTE]
        return ticker(self._tape.last(), self._book.best_bid_offer(), minutes, time_ns)

    def record(self) -> "InstrumentRecord":
        return InstrumentRecord(
            depth=self._book.depth(),
            best=self._book.best_bid_offer(),
            trades=list(self._tape),
            candles=[[_CandleRecord.of(candle) for candle in self._candles[name]] for name in CandleInterval],
        )

    @classmethod
    def restore(cls, record: "InstrumentRecord") -> "InstrumentData":
        data = cls(record.depth.symbol)
        data._book = DepthBook.restore(record.depth, record.best)
        data._tape = TradeTape(record.trades)
        for interval, candles in zip(CandleInterval, record.candles, strict=True):
            data._candles[interval] = CandleSeries(interval, [candle.candle() for candle in candles])
        return data


class InstrumentRecord(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """All of one instrument's market data, for a snapshot; candles by interval, in the enum's order."""

    depth: Depth
    best: BestBidOffer
    trades: list[Trade]
    candles: list[list["_CandleRecord"]]


class _CandleRecord(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """A candle whose sums, which may pass 64 bits, are text."""

    open_time_ns: int
    open_ticks: int
    high_ticks: int
    low_ticks: int
    close_ticks: int
    volume_lots: str
    notional: str
    trade_count: int

    @classmethod
    def of(cls, candle: Candle) -> "_CandleRecord":
        return cls(
            candle.open_time_ns,
            candle.open_ticks,
            candle.high_ticks,
            candle.low_ticks,
            candle.close_ticks,
            str(candle.volume_lots),
            str(candle.notional),
            candle.trade_count,
        )

    def candle(self) -> Candle:
        return Candle(
            self.open_time_ns,
            self.open_ticks,
            self.high_ticks,
            self.low_ticks,
            self.close_ticks,
            int(self.volume_lots),
            int(self.notional),
            self.trade_count,
        )
