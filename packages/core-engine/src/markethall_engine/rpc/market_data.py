"""MarketDataService: what everyone may see of the market, by query and as streams.

Market data follows the journal's durable records, so reading it needs no waiting.
"""

from collections.abc import AsyncIterator
from contextlib import aclosing
from dataclasses import dataclass

from markethall_common.clock import Clock
from markethall_engine.domain.book.book_order import BookOrder
from markethall_engine.domain.order import Side
from markethall_engine.market_data.candles import Candle, CandleInterval
from markethall_engine.market_data.instrument_data import InstrumentData
from markethall_engine.rpc.calls import Context
from markethall_engine.rpc.lifecycle import Lifecycle
from markethall_engine.rpc.pages import PageTokens, page_by_name, read_page_size
from markethall_engine.rpc.streaming import opened
from markethall_engine.rpc.translate.faults import Faults
from markethall_engine.rpc.translate.instruments import instrument_message, read_symbol, unknown_instrument
from markethall_engine.rpc.translate.market import (
    best_bid_offer_message,
    book_order_message,
    candle_message,
    depth_message,
    ticker_message,
    trade_message,
)
from markethall_engine.rpc.translate.quotation import Quotation
from markethall_engine.rpc.translate.times import nanoseconds
from markethall_engine.rpc.translate.vocabulary import CANDLE_INTERVAL_READ
from markethall_engine.rpc.venue import Venue
from markethall_protos import v1

_MOST_LEVELS = 5_000
_DEFAULT_LEVELS = 20
_MOST_ORDERS = 10_000
_DEFAULT_ORDERS = 1_000


class MarketDataService(v1.MarketDataServiceServicer):
    def __init__(self, lifecycle: Lifecycle, clock: Clock) -> None:
        self._lifecycle = lifecycle
        self._clock = clock

    async def list_instruments(
        self, request: v1.ListInstrumentsRequest, context: Context
    ) -> v1.ListInstrumentsResponse:
        answer = await self._lifecycle.venue.queries.read(lambda exchange: exchange.instruments())
        page, next_page_token = page_by_name(answer.value, lambda instrument: instrument.symbol, request)
        return v1.ListInstrumentsResponse(
            instruments=[instrument_message(instrument) for instrument in page],
            next_page_token=next_page_token,
        )

    async def get_instrument(
        self, request: v1.GetInstrumentRequest, context: Context
    ) -> v1.GetInstrumentResponse:
        faults = Faults()
        symbol = read_symbol(request.symbol, faults)
        faults.check()
        answer = await self._lifecycle.venue.queries.read(lambda exchange: exchange.instrument(symbol))
        if answer.value is None:
            raise unknown_instrument(symbol)
        return v1.GetInstrumentResponse(instrument=instrument_message(answer.value))

    async def get_best_bid_offer(
        self, request: v1.GetBestBidOfferRequest, context: Context
    ) -> v1.GetBestBidOfferResponse:
        market = self._market(request.symbol, Faults())
        best = market.data.best_bid_offer()
        return v1.GetBestBidOfferResponse(best_bid_offer=best_bid_offer_message(best, market.quotation))

    async def get_depth(self, request: v1.GetDepthRequest, context: Context) -> v1.GetDepthResponse:
        faults = Faults()
        levels = _read_levels(request.levels, faults) or _DEFAULT_LEVELS
        market = self._market(request.symbol, faults)
        return v1.GetDepthResponse(depth=depth_message(market.data.depth(levels), market.quotation))

    async def get_book(self, request: v1.GetBookRequest, context: Context) -> v1.GetBookResponse:
        faults = Faults()
        if not 0 <= request.page_size <= _MOST_ORDERS:
            faults.expected("page_size", f"1 to {_MOST_ORDERS}, or nothing", str(request.page_size))
        market = self._market(request.symbol, faults)
        limit = request.page_size or _DEFAULT_ORDERS
        answer = await market.venue.queries.read_with_projections(
            lambda exchange: [exchange.book_orders(request.symbol, side, limit) for side in Side]
        )
        sequence, revision = market.data.sequence, market.data.best_bid_offer().tick_revision
        bids, asks = ([market.order_message(order, revision) for order in orders] for orders in answer.value)
        return v1.GetBookResponse(symbol=request.symbol, bids=bids, asks=asks, sequence=sequence)

    async def list_trades(self, request: v1.ListTradesRequest, context: Context) -> v1.ListTradesResponse:
        faults = Faults()
        tokens = PageTokens("trades", request.symbol)
        page_size = read_page_size(request.page_size, faults)
        place = tokens.read(request.page_token, faults)
        market = self._market(request.symbol, faults)
        before = None if place is None else int(place[0])
        trades = market.data.trades(page_size + 1, before=before)
        page = trades[:page_size]
        return v1.ListTradesResponse(
            trades=[trade_message(trade, market.quotation) for trade in page],
            next_page_token=tokens.write((page[-1].trade_id,)) if len(trades) > page_size else "",
        )

    async def list_candles(self, request: v1.ListCandlesRequest, context: Context) -> v1.ListCandlesResponse:
        faults = Faults()
        interval = _read_interval(request.interval, faults)
        tokens = PageTokens("candles", request.symbol, interval, request.start_time, request.end_time)
        page_size = read_page_size(request.page_size, faults)
        place = tokens.read(request.page_token, faults)
        market = self._market(request.symbol, faults)
        if place is not None:
            start_time_ns: int | None = int(place[0])
        else:
            start_time_ns = None if request.start_time is None else nanoseconds(request.start_time)
        end_time_ns = None if request.end_time is None else nanoseconds(request.end_time)
        # One more than asked for tells whether there is a next page; the newest ones have none.
        candles = market.data.candles(interval, start_time_ns, end_time_ns, page_size + 1)
        is_newest = start_time_ns is None
        page = candles[-page_size:] if is_newest else candles[:page_size]
        has_more = not is_newest and len(candles) > page_size
        return v1.ListCandlesResponse(
            candles=[market.candle_message(candle, interval) for candle in page],
            next_page_token=tokens.write((candles[-1].open_time_ns,)) if has_more else "",
        )

    async def get_ticker(self, request: v1.GetTickerRequest, context: Context) -> v1.GetTickerResponse:
        market = self._market(request.symbol, Faults())
        ticker = market.data.ticker(self._clock.time_ns())
        return v1.GetTickerResponse(ticker=ticker_message(ticker, market.quotation))

    async def stream_depth(
        self, request: v1.StreamDepthRequest, context: Context
    ) -> AsyncIterator[v1.StreamDepthResponse]:
        faults = Faults()
        levels = _read_levels(request.levels, faults) or None
        market = self._market(request.symbol, faults)
        is_snapshot = True
        updates = market.venue.market_streams.depth(request.symbol, levels)
        async with aclosing(opened(updates, context)) as depths:
            async for depth in depths:
                message = depth_message(depth, market.quotation)
                if is_snapshot:
                    yield v1.StreamDepthResponse(snapshot=message)
                    is_snapshot = False
                else:
                    yield v1.StreamDepthResponse(delta=message)

    async def stream_book(
        self, request: v1.StreamBookRequest, context: Context
    ) -> AsyncIterator[v1.StreamBookResponse]:
        market = self._market(request.symbol, Faults())
        is_snapshot = True
        changes = market.venue.market_streams.book(request.symbol)
        async with aclosing(opened(changes, context)) as books:
            async for book in books:
                # What is too long for one message comes in several.
                for start in range(0, max(1, len(book.orders)), _MOST_ORDERS):
                    orders = book.orders[start : start + _MOST_ORDERS]
                    yield v1.StreamBookResponse(
                        is_snapshot=is_snapshot,
                        orders=[
                            book_order_message(order, market.quotation, book.tick_revision)
                            for order in orders
                        ],
                        sequence=book.sequence,
                    )
                is_snapshot = False

    async def stream_trades(
        self, request: v1.StreamTradesRequest, context: Context
    ) -> AsyncIterator[v1.StreamTradesResponse]:
        faults = Faults()
        after = None
        if request.after_trade_id:
            after = faults.identifier("after_trade_id", request.after_trade_id, "an id")
        market = self._market(request.symbol, faults)
        updates = market.venue.market_streams.trades(request.symbol, after)
        async with aclosing(opened(updates, context)) as commands:
            async for trades in commands:
                yield v1.StreamTradesResponse(
                    trades=[trade_message(trade, market.quotation) for trade in trades]
                )

    async def stream_tickers(
        self, request: v1.StreamTickersRequest, context: Context
    ) -> AsyncIterator[v1.StreamTickersResponse]:
        faults = Faults()
        symbols = dict.fromkeys(request.symbols)
        for index, symbol in enumerate(request.symbols):
            read_symbol(symbol, faults, f"symbols[{index}]")
        faults.check()
        venue = self._lifecycle.venue
        for symbol in symbols:
            if venue.market_data.instrument(symbol) is None:
                raise unknown_instrument(symbol)
        async with aclosing(opened(venue.market_streams.tickers(*symbols), context)) as tickers:
            async for ticker in tickers:
                message = ticker_message(ticker, venue.quotations.of(ticker.symbol))
                yield v1.StreamTickersResponse(ticker=message)

    async def stream_candles(
        self, request: v1.StreamCandlesRequest, context: Context
    ) -> AsyncIterator[v1.StreamCandlesResponse]:
        faults = Faults()
        interval = _read_interval(request.interval, faults)
        market = self._market(request.symbol, faults)
        updates = market.venue.market_streams.candles(request.symbol, interval)
        async with aclosing(opened(updates, context)) as candles:
            async for candle in candles:
                yield v1.StreamCandlesResponse(candle=market.candle_message(candle, interval))

    def _market(self, symbol: str, faults: Faults) -> "_Market":
        """Find an instrument's market data; raises the faults of the request, if any, or `NotFound`."""
        read_symbol(symbol, faults)
        faults.check()
        venue = self._lifecycle.venue
        data = venue.market_data.instrument(symbol)
        if data is None:
            raise unknown_instrument(symbol)
        return _Market(venue, data)


@dataclass(frozen=True, slots=True)
class _Market:
    """One instrument's market data, and how its figures are written."""

    venue: Venue
    data: InstrumentData

    @property
    def quotation(self) -> Quotation:
        """Of the instrument as it is now; market data says itself which ticks it is counted in."""
        return self.venue.quotations.of(self.data.symbol)

    def order_message(self, order: BookOrder, tick_revision: int) -> v1.BookOrder:
        return book_order_message(order, self.quotation, tick_revision)

    def candle_message(self, candle: Candle, interval: CandleInterval) -> v1.Candle:
        return candle_message(candle, interval, self.quotation, self.data.price_step)


def _read_levels(levels: int, faults: Faults) -> int:
    if not 0 <= levels <= _MOST_LEVELS:
        faults.expected("levels", f"1 to {_MOST_LEVELS}, or nothing", str(levels))
    return levels


def _read_interval(interval: v1.CandleInterval, faults: Faults) -> CandleInterval:
    if not interval:
        return CandleInterval.ONE_MINUTE
    read = CANDLE_INTERVAL_READ.get(interval)
    if read is None:
        faults.not_a_member("interval", interval, v1.CandleInterval, "one of the intervals")
    return read or CandleInterval.ONE_MINUTE
