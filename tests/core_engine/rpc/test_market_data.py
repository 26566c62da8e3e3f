"""Market data through the contract, by query and as streams."""

import datetime

import grpc
import pytest

from markethall_protos import v1
from tests.core_engine.rpc.client import BUY, SELL, Client, btc_usd, refused

SYMBOL = "BTC-USD"


def level(price: str, quantity: str, order_count: int = 1) -> v1.Level:
    return v1.Level(price=price, quantity=quantity, order_count=order_count)


async def test_instruments_are_listed_by_symbol_page_by_page(client: Client):
    for symbol in ("Z-1", "A-1"):
        await client.administration.create_instrument(btc_usd(symbol=symbol))
    first = await client.market_data.list_instruments(v1.ListInstrumentsRequest(page_size=2))
    await client.administration.create_instrument(btc_usd(symbol="A-2"))
    second = await client.market_data.list_instruments(
        v1.ListInstrumentsRequest(page_size=2, page_token=first.next_page_token)
    )
    assert [i.symbol for i in first.instruments] == ["A-1", "BTC-USD"]
    assert [i.symbol for i in second.instruments] == ["Z-1"]
    assert second.next_page_token == ""


async def test_an_instrument_is_got_as_it_was_created(client: Client):
    instrument = (await client.market_data.get_instrument(v1.GetInstrumentRequest(SYMBOL))).instrument
    assert instrument is not None and instrument.create_time is not None
    assert instrument == v1.Instrument(
        symbol=SYMBOL,
        base_asset="BTC",
        quote_asset="USD",
        tick_size="0.01",
        lot_size="0.001",
        min_quantity="0.001",
        max_quantity="0",
        price_band="0",
        maker_fee="0.001",
        taker_fee="0.002",
        status=v1.InstrumentStatus.OPEN,
        revision=1,
        create_time=instrument.create_time,
        update_time=instrument.create_time,
        market_protection="0",
        volatility_band="0",
        volatility_auction_seconds=300,
    )


async def test_what_is_asked_of_an_unknown_symbol_is_not_found(client: Client):
    market = client.market_data
    for call in (
        market.get_instrument(v1.GetInstrumentRequest("NO")),
        market.get_best_bid_offer(v1.GetBestBidOfferRequest("NO")),
        market.get_depth(v1.GetDepthRequest("NO")),
        market.get_book(v1.GetBookRequest("NO")),
        market.list_trades(v1.ListTradesRequest("NO")),
        market.list_candles(v1.ListCandlesRequest("NO")),
        market.get_ticker(v1.GetTickerRequest("NO")),
    ):
        error = await refused(call)
        assert (error.code, error.reason) == (grpc.StatusCode.NOT_FOUND, "UNKNOWN_INSTRUMENT")


async def test_best_prices_and_depth_sum_up_what_rests(client: Client):
    await client.place("maker", SELL, quantity="1", price="101")
    await client.place("maker", SELL, quantity="2", price="101")
    await client.place("maker", SELL, quantity="4", price="102")
    await client.place("taker", BUY, quantity="0.5", price="99")
    best = (await client.market_data.get_best_bid_offer(v1.GetBestBidOfferRequest(SYMBOL))).best_bid_offer
    assert best is not None
    assert (best.bid, best.ask) == (level("99", "0.5"), level("101", "3", 2))
    depth = (await client.market_data.get_depth(v1.GetDepthRequest(SYMBOL))).depth
    assert depth is not None and depth.update_time is not None
    assert (depth.bids, depth.asks) == ([level("99", "0.5")], [level("101", "3", 2), level("102", "4")])
    top = (await client.market_data.get_depth(v1.GetDepthRequest(SYMBOL, levels=1))).depth
    assert top is not None
    assert top.asks == [level("101", "3", 2)]


async def test_an_empty_book_has_neither_levels_nor_times(client: Client):
    best = (await client.market_data.get_best_bid_offer(v1.GetBestBidOfferRequest(SYMBOL))).best_bid_offer
    assert best == v1.BestBidOffer(symbol=SYMBOL)
    depth = (await client.market_data.get_depth(v1.GetDepthRequest(SYMBOL))).depth
    assert depth == v1.Depth(symbol=SYMBOL)


@pytest.mark.parametrize("levels", [-1, 5001])
async def test_levels_out_of_range_are_refused(client: Client, levels: int):
    error = await refused(client.market_data.get_depth(v1.GetDepthRequest(SYMBOL, levels=levels)))
    assert error.violations == {"levels": f"expected 1 to 5000, or nothing, found '{levels}'"}


async def test_trades_are_listed_newest_first_page_by_page(client: Client):
    for price in ("100", "101", "102"):
        await client.trade(quantity="1", price=price)
    first = await client.market_data.list_trades(v1.ListTradesRequest(SYMBOL, page_size=2))
    await client.trade(price="103")
    second = await client.market_data.list_trades(
        v1.ListTradesRequest(SYMBOL, page_size=2, page_token=first.next_page_token)
    )
    assert [(trade.trade_id, trade.price) for trade in first.trades] == [("3", "102"), ("2", "101")]
    assert [(trade.trade_id, trade.price) for trade in second.trades] == [("1", "100")]
    assert second.next_page_token == ""
    assert {trade.taker_side for trade in first.trades} == {BUY}


async def test_candles_sum_up_trades_and_are_listed_from_a_time_page_by_page(client: Client):
    for price in ("100", "104", "98", "101"):
        await client.trade(quantity="0.5", price=price)
    newest = await client.market_data.list_candles(
        v1.ListCandlesRequest(SYMBOL, interval=v1.CandleInterval.ONE_DAY)
    )
    [*_, last] = newest.candles
    assert last.open_time is not None
    assert sum(candle.trade_count for candle in newest.candles) == 4
    assert max(float(candle.high) for candle in newest.candles) == 104
    assert last.close == "101"
    assert newest.next_page_token == ""

    start = last.open_time - datetime.timedelta(days=2)
    request = v1.ListCandlesRequest(
        SYMBOL, interval=v1.CandleInterval.ONE_SECOND, start_time=start, page_size=1
    )
    seconds: list[v1.Candle] = []
    while True:
        page = await client.market_data.list_candles(request)
        seconds += page.candles
        request.page_token = page.next_page_token
        if not request.page_token:
            break
    assert sum(candle.trade_count for candle in seconds) == 4
    assert [candle.open_time for candle in seconds] == sorted({candle.open_time for candle in seconds})
    before = await client.market_data.list_candles(v1.ListCandlesRequest(SYMBOL, end_time=start))
    assert before.candles == []


async def test_a_ticker_has_the_last_trade_the_best_prices_and_the_days_figures(client: Client):
    quiet = (await client.market_data.get_ticker(v1.GetTickerRequest(SYMBOL))).ticker
    assert quiet == v1.Ticker(symbol=SYMBOL, volume="0", notional="0")
    await client.trade(quantity="1", price="100")
    await client.trade(quantity="2", price="90")
    await client.place("maker", SELL, price="120")
    ticker = (await client.market_data.get_ticker(v1.GetTickerRequest(SYMBOL))).ticker
    assert ticker is not None and ticker.update_time is not None
    assert ticker == v1.Ticker(
        symbol=SYMBOL,
        last_price="90",
        last_quantity="2",
        ask_price="120",
        open_price="100",
        high_price="100",
        low_price="90",
        volume="3",
        notional="280",
        trade_count=2,
        update_time=ticker.update_time,
    )


async def test_depth_streams_a_snapshot_and_then_every_change_without_a_gap(client: Client):
    await client.place("maker", SELL, quantity="1", price="101")
    stream = client.market_data.stream_depth(v1.StreamDepthRequest(SYMBOL))
    snapshot = (await stream.read()).snapshot
    assert snapshot is not None
    assert (snapshot.bids, snapshot.asks) == ([], [level("101", "1")])
    await client.place("maker", SELL, quantity="2", price="102")
    await client.place("taker", BUY, quantity="1.5", price="101")
    deltas = [(await stream.read()).delta for _ in range(2)]
    assert [(delta.sequence - snapshot.sequence, delta.bids, delta.asks) for delta in deltas if delta] == [
        (1, [], [level("102", "2")]),
        (2, [level("101", "0.5")], [level("101", "0", 0)]),
    ]
    stream.cancel()


async def test_trades_stream_as_they_happen_and_from_a_trade_on(client: Client):
    await client.trade(price="100")
    live = client.market_data.stream_trades(v1.StreamTradesRequest(SYMBOL))
    resumed = client.market_data.stream_trades(v1.StreamTradesRequest(SYMBOL, after_trade_id="1"))
    await live.initial_metadata()
    await resumed.initial_metadata()
    await client.trade(price="101")
    for stream in (live, resumed):
        [trade] = (await stream.read()).trades
        assert (trade.trade_id, trade.price) == ("2", "101")
        stream.cancel()


async def test_candles_stream_as_they_change(client: Client):
    stream = client.market_data.stream_candles(
        v1.StreamCandlesRequest(SYMBOL, interval=v1.CandleInterval.ONE_DAY)
    )
    await stream.initial_metadata()
    await client.trade(price="100")
    await client.trade(price="101")
    candles = [(await stream.read()).candle for _ in range(2)]
    assert [(candle.close, candle.trade_count) for candle in candles if candle] == [("100", 1), ("101", 2)]
    stream.cancel()


async def test_a_stream_of_an_unknown_symbol_is_not_found(client: Client):
    with pytest.raises(grpc.aio.AioRpcError) as caught:
        await client.market_data.stream_depth(v1.StreamDepthRequest("NO")).read()
    assert caught.value.code() == grpc.StatusCode.NOT_FOUND


def shown(placed: v1.PlaceOrderResponse, quantity: str, price: str) -> v1.BookOrder:
    assert placed.order is not None
    return v1.BookOrder(placed.order.order_id, placed.order.side, price, quantity)


async def test_the_full_book_shows_the_orders_by_priority_and_nothing_that_they_hide(client: Client):
    iceberg = await client.place("maker", SELL, quantity="10", price="101", display_quantity="2")
    second = await client.place("taker", SELL, quantity="1", price="101")
    best = await client.place("maker", SELL, quantity="1", price="100.5")
    bid = await client.place("maker", BUY, quantity="3", price="99")
    book = await client.market_data.get_book(v1.GetBookRequest(SYMBOL))
    assert book.bids == [shown(bid, "3", "99")]
    assert book.asks == [shown(best, "1", "100.5"), shown(iceberg, "2", "101"), shown(second, "1", "101")]
    depth = (await client.market_data.get_depth(v1.GetDepthRequest(SYMBOL))).depth
    assert depth is not None and book.sequence == depth.sequence
    shortened = await client.market_data.get_book(v1.GetBookRequest(SYMBOL, page_size=1))
    assert (shortened.bids, shortened.asks) == (book.bids, book.asks[:1])


@pytest.mark.parametrize("page_size", [-1, 10_001])
async def test_more_orders_of_a_book_than_there_may_be_are_refused(client: Client, page_size: int):
    error = await refused(client.market_data.get_book(v1.GetBookRequest(SYMBOL, page_size)))
    assert error.violations == {"page_size": f"expected 1 to 10000, or nothing, found '{page_size}'"}


async def test_the_full_book_streams_every_order_and_then_those_that_change(client: Client):
    iceberg = await client.place("maker", SELL, quantity="10", price="101", display_quantity="2")
    stream = client.market_data.stream_book(v1.StreamBookRequest(SYMBOL))
    snapshot = await stream.read()
    assert (snapshot.is_snapshot, snapshot.orders) == (True, [shown(iceberg, "2", "101")])
    second = await client.place("maker", SELL, quantity="1", price="101")
    await client.place("taker", BUY, quantity="2.5", price="101")
    assert [await stream.read() for _ in range(2)] == [
        v1.StreamBookResponse(False, [shown(second, "1", "101")], snapshot.sequence + 1),
        v1.StreamBookResponse(
            False,
            [shown(iceberg, "0", "101"), shown(second, "0.5", "101"), shown(iceberg, "2", "101")],
            snapshot.sequence + 2,
        ),
    ]
    stream.cancel()


async def test_an_empty_book_streams_an_empty_snapshot(client: Client):
    stream = client.market_data.stream_book(v1.StreamBookRequest(SYMBOL))
    assert await stream.read() == v1.StreamBookResponse(is_snapshot=True)
    stream.cancel()


async def test_tickers_of_some_instruments_are_streamed_as_they_are_and_as_they_change(client: Client):
    await client.administration.create_instrument(btc_usd(symbol="A-1"))
    await client.administration.create_instrument(btc_usd(symbol="B-1"))
    await client.trade(price="100")
    symbols = [SYMBOL, "A-1", SYMBOL]
    stream = client.market_data.stream_tickers(v1.StreamTickersRequest(symbols))
    first, second = [(await stream.read()).ticker for _ in range(2)]
    assert first is not None and second is not None
    assert (first.symbol, first.last_price, second.symbol, second.last_price) == (SYMBOL, "100", "A-1", "")
    await client.place(symbol="B-1")
    await client.place(price="90")
    changed = (await stream.read()).ticker
    assert changed is not None
    assert (changed.symbol, changed.bid_price, changed.last_price) == (SYMBOL, "90", "100")
    assert changed == (await client.market_data.get_ticker(v1.GetTickerRequest(SYMBOL))).ticker
    stream.cancel()


async def test_the_stream_of_all_tickers_has_those_of_later_instruments_too(client: Client):
    stream = client.market_data.stream_tickers(v1.StreamTickersRequest())
    first = (await stream.read()).ticker
    assert first is not None and first.symbol == SYMBOL
    await client.administration.create_instrument(btc_usd(symbol="LATER"))
    await client.place(symbol="LATER", price="90")
    later = (await stream.read()).ticker
    assert later is not None and (later.symbol, later.bid_price) == ("LATER", "90")
    stream.cancel()


@pytest.mark.parametrize(
    ("symbols", "code", "violations"),
    [
        ([SYMBOL, "NO"], grpc.StatusCode.NOT_FOUND, {}),
        (
            [SYMBOL, "no"],
            grpc.StatusCode.INVALID_ARGUMENT,
            {"symbols[1]": "expected a symbol, 1 to 32 of A-Z 0-9 . _ -, found 'no'"},
        ),
    ],
)
async def test_tickers_of_what_is_no_instrument_are_not_streamed(
    client: Client, symbols: list[str], code: grpc.StatusCode, violations: dict[str, str]
):
    error = await refused(client.market_data.stream_tickers(v1.StreamTickersRequest(symbols)).read())
    assert (error.code, error.violations) == (code, violations)
