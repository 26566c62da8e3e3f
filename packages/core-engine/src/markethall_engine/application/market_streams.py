"""Streams of market data: what is at their opening, and then every change, in order and without a gap.

They are made of durable records alone, and need no account. A reader that loses its stream opens another,
which starts with how things stand then. All of them raise `SlowReader`, `StreamEnded` when the engine shuts
down, and `LookupError` for an instrument that does not exist; their reader closes them
(`contextlib.aclosing`), which ends the subscription.
"""

from collections.abc import AsyncGenerator
from itertools import groupby
from typing import NamedTuple

from markethall_common.clock import Clock
from markethall_engine.application.feed import Feed
from markethall_engine.application.queries import Queries
from markethall_engine.domain.book.book_order import BookOrder
from markethall_engine.domain.order import Side
from markethall_engine.market_data.candles import Candle, CandleInterval
from markethall_engine.market_data.depth import Depth
from markethall_engine.market_data.instrument_data import InstrumentData
from markethall_engine.market_data.ticker import Ticker
from markethall_engine.market_data.trades import Trade


class BookChange(NamedTuple):
    """All orders of a book, or those that one command changed."""

    sequence: int
    """Of the instrument's market data."""
    orders: list[BookOrder]
    tick_revision: int
    """Of the instrument, whose ticks the prices are counted in."""


class MarketStreams:
    """Opens streams on the market data that a feed keeps."""

    def __init__(self, feed: Feed, queries: Queries, clock: Clock) -> None:
        self._feed = feed
        self._queries = queries
        self._clock = clock

    async def depth(self, symbol: str, limit: int | None = None) -> AsyncGenerator[Depth, None]:
        """Yield the best `limit` levels of each side, or all, and then the levels that change.

        Each change has the sequence of the one before it plus one, and speaks of all levels.
        """
        with self._feed.instruments(symbol) as updates:
            yield self._instrument(symbol).depth(limit)
            async for update in updates:
                if update.depth is not None:
                    yield update.depth

    async def book(self, symbol: str) -> AsyncGenerator[BookChange, None]:
        """Yield all orders by price and time, bids first, and then those that change.

        They are told as `BookOrders.changes` does, under the sequence of the depth.
        """
        answer = await self._queries.read_with_projections(
            lambda exchange: [
                *exchange.book_orders(symbol, Side.BUY),
                *exchange.book_orders(symbol, Side.SELL),
            ]
        )
        instrument = self._instrument(symbol)
        with instrument.telling_orders(answer.value), self._feed.instruments(symbol) as updates:
            yield BookChange(instrument.sequence, answer.value, instrument.best_bid_offer().tick_revision)
            async for update in updates:
                if update.depth is not None:
                    assert update.orders is not None, "this stream has had them told"
                    yield BookChange(update.depth.sequence, update.orders, update.tick_revision)

    async def trades(
        self, symbol: str, after_trade_id: int | None = None
    ) -> AsyncGenerator[list[Trade], None]:
        """Yield the trades of each command; first those after `after_trade_id`, as far as they are kept."""
        with self._feed.instruments(symbol) as updates:
            instrument = self._instrument(symbol)
            if after_trade_id is not None:
                newer = [trade for trade in instrument.trades() if trade.trade_id > after_trade_id]
                for _, trades in groupby(reversed(newer), key=lambda trade: trade.sequence):
                    yield list(trades)
            async for update in updates:
                if update.trades:
                    yield update.trades

    async def tickers(self, *symbols: str) -> AsyncGenerator[Ticker, None]:
        """Yield the ticker of each instrument named, or of all there are and will be, and when it changes.

        A reader that is late gets fewer states of a ticker, but the last one.
        """
        with self._feed.instruments(*symbols) as updates:
            told: dict[str, Ticker] = {}
            for symbol in symbols or sorted(self._feed.market_data.symbols()):
                told[symbol] = self._instrument(symbol).ticker(self._clock.time_ns())
                yield told[symbol]
            async for update in updates:
                symbol = update.symbol
                newest = self._instrument(symbol).ticker(self._clock.time_ns())
                if newest != told.get(symbol):
                    told[symbol] = newest
                    yield newest

    async def candles(self, symbol: str, interval: CandleInterval) -> AsyncGenerator[Candle, None]:
        """Yield the candle under way, if there is one, and again when it changes.

        A reader that is late gets fewer states of a candle, but of every candle the last one.
        """
        with self._feed.instruments(symbol) as updates:
            instrument = self._instrument(symbol)
            told = instrument.last_candle(interval)
            if told is not None:
                yield told
            async for _ in updates:
                newest = instrument.last_candle(interval)
                if newest is None or newest is told:
                    continue
                if told is not None and told.open_time_ns != newest.open_time_ns:
                    for candle in instrument.candles(interval, told.open_time_ns, newest.open_time_ns):
                        if candle != told:
                            yield candle
                told = newest
                yield newest

    def _instrument(self, symbol: str) -> InstrumentData:
        instrument = self._feed.market_data.instrument(symbol)
        if instrument is None:
            raise LookupError(f"there is no instrument {symbol}")
        return instrument
