"""Another tick size through the contract: every price is told as the decimal that it is, before and after."""

from markethall_protos import v1
from tests.core_engine.rpc.client import BUY, SELL, Client

SYMBOL = "BTC-USD"


async def change_tick(client: Client, tick_size: str = "0.05", **fields: str) -> v1.Instrument:
    response = await client.administration.update_instrument(
        v1.UpdateInstrumentRequest(SYMBOL, v1.Instrument(tick_size=tick_size, **fields))
    )
    assert response.instrument is not None
    return response.instrument


async def order_of(client: Client, placed: v1.PlaceOrderResponse) -> v1.Order:
    assert placed.order is not None
    found = (await client.orders.get_order(v1.GetOrderRequest(placed.order.order_id))).order
    assert found is not None
    return found


async def test_what_fits_stays_and_what_does_not_ends(client: Client):
    stays = await client.place("maker", BUY, price="99.95")
    ends = await client.place("maker", SELL, price="100.01")
    instrument = await change_tick(client, reference_price="100.05")
    assert (instrument.tick_size, instrument.revision) == ("0.05", 2)
    assert instrument.reference_price == "100.05"
    live, ended = await order_of(client, stays), await order_of(client, ends)
    assert (live.status, live.price) == (v1.OrderStatus.NEW, "99.95")
    assert (ended.status, ended.price) == (v1.OrderStatus.CANCELED, "100.01")
    assert ended.cancel_reason == v1.CancelReason.TICK_SIZE_CHANGED
    depth = (await client.market_data.get_depth(v1.GetDepthRequest(SYMBOL))).depth
    assert depth is not None
    assert ([level.price for level in depth.bids], depth.asks) == (["99.95"], [])
    placed = (await client.place("taker", SELL, price="99.95")).order
    assert placed is not None
    assert (placed.status, placed.price) == (v1.OrderStatus.FILLED, "99.95")


async def test_the_past_is_told_in_the_ticks_of_then(client: Client):
    await client.trade(price="100.01")
    first = await client.place("maker", BUY, client_order_id="first", price="99.95")
    await change_tick(client)
    await client.trade(price="100.05")
    trades = (await client.market_data.list_trades(v1.ListTradesRequest(SYMBOL))).trades
    assert [trade.price for trade in trades] == ["100.05", "100.01"]
    fills = (await client.orders.list_fills(v1.ListFillsRequest("taker"))).fills
    assert {fill.price for fill in fills} == {"100.05", "100.01"}
    again = await client.place("maker", BUY, client_order_id="first", price="99.95")
    assert again == first
    candles = await client.market_data.list_candles(
        v1.ListCandlesRequest(SYMBOL, interval=v1.CandleInterval.ONE_DAY)
    )
    assert (candles.candles[0].low, candles.candles[-1].high) == ("100.01", "100.05")
    ticker = (await client.market_data.get_ticker(v1.GetTickerRequest(SYMBOL))).ticker
    assert ticker is not None
    assert (ticker.last_price, ticker.low_price, ticker.high_price) == ("100.05", "100.01", "100.05")


async def test_streams_go_on_across_it(client: Client):
    await client.place("maker", BUY, price="99.95")
    await client.place("maker", SELL, price="100.01")
    depths = client.market_data.stream_depth(v1.StreamDepthRequest(SYMBOL))
    books = client.market_data.stream_book(v1.StreamBookRequest(SYMBOL))
    reports = client.orders.stream_execution_reports(v1.StreamExecutionReportsRequest("maker"))
    await depths.read()
    await books.read()
    await reports.initial_metadata()
    await change_tick(client)
    await client.place("taker", SELL, quantity="0.5", price="99.95")
    deltas = [(await depths.read()).delta for _ in range(2)]
    assert [(level.price, level.quantity) for level in deltas[0].asks] == [("100.01", "0")]
    assert [(level.price, level.quantity) for level in deltas[1].bids] == [("99.95", "0.5")]
    orders = [(await books.read()).orders for _ in range(2)]
    assert [(order.price, order.quantity) for [order] in orders] == [("100.01", "0"), ("99.95", "0.5")]
    told = [(await reports.read()).report for _ in range(2)]
    assert [report.order.price for report in told] == ["100.01", "99.95"]
    for stream in (depths, books, reports):
        stream.cancel()
