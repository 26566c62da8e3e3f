"""Auctions through the contract: the call, what it tells, and what its end does to each order."""

import grpc
import pytest

from markethall_protos import v1
from tests.core_engine.rpc.client import BUY, SELL, Client, btc_usd, refused

SYMBOL = "BTC-USD"
OPEN, AUCTION, HALTED = v1.InstrumentStatus.OPEN, v1.InstrumentStatus.AUCTION, v1.InstrumentStatus.HALTED


async def change_status(client: Client, status: v1.InstrumentStatus) -> v1.Instrument:
    response = await client.administration.update_instrument(
        v1.UpdateInstrumentRequest(SYMBOL, v1.Instrument(status=status))
    )
    assert response.instrument is not None
    return response.instrument


async def indication(client: Client) -> tuple[str, str, str]:
    ticker = (await client.market_data.get_ticker(v1.GetTickerRequest(SYMBOL))).ticker
    assert ticker is not None
    return told(ticker)


def told(ticker: v1.Ticker) -> tuple[str, str, str]:
    return ticker.indicative_price, ticker.indicative_quantity, ticker.indicative_imbalance


async def test_an_auction_from_its_call_to_its_end(client: Client):
    assert await indication(client) == ("", "", "")
    assert (await change_status(client, AUCTION)).status == AUCTION
    assert await indication(client) == ("", "0", "0")

    ask = (await client.place("maker", SELL, quantity="2", price="99")).order
    bid = (await client.place("taker", BUY, quantity="3", price="101")).order
    assert ask is not None and bid is not None
    assert (bid.status, bid.leaves_quantity) == (v1.OrderStatus.NEW, "3")
    best = (await client.market_data.get_best_bid_offer(v1.GetBestBidOfferRequest(SYMBOL))).best_bid_offer
    assert best is not None and best.bid is not None and best.ask is not None
    assert (best.bid.price, best.ask.price) == ("101", "99")
    assert await indication(client) == ("101", "2", "1")

    assert (await change_status(client, OPEN)).status == OPEN
    assert await indication(client) == ("", "", "")
    [trade] = (await client.market_data.list_trades(v1.ListTradesRequest(SYMBOL))).trades
    assert (trade.price, trade.quantity, trade.taker_side, trade.in_auction) == ("101", "2", BUY, True)

    for account_id, order, role, fee in (
        ("maker", ask, v1.LiquidityRole.MAKER, "0.202"),
        ("taker", bid, v1.LiquidityRole.TAKER, "0.404"),
    ):
        [fill] = (await client.orders.list_fills(v1.ListFillsRequest(account_id))).fills
        assert (fill.order_id, fill.liquidity_role, fill.price, fill.fee) == (
            order.order_id,
            role,
            "101",
            fee,
        )
    rest = (await client.orders.get_order(v1.GetOrderRequest(bid.order_id))).order
    assert rest is not None
    assert (rest.status, rest.leaves_quantity) == (v1.OrderStatus.PARTIALLY_FILLED, "1")


async def test_both_sides_of_an_auction_s_trade_are_reported_live_and_when_resumed(client: Client):
    await change_status(client, AUCTION)
    ask = (await client.place("maker", SELL, quantity="2", price="99")).order
    bid = (await client.place("taker", BUY, quantity="2", price="101")).order
    assert ask is not None and bid is not None
    streams = {
        order.order_id: client.orders.stream_execution_reports(
            v1.StreamExecutionReportsRequest(order.account_id)
        )
        for order in (ask, bid)
    }
    for stream in streams.values():
        await stream.initial_metadata()
    await change_status(client, OPEN)
    for order in (ask, bid):
        report = (await streams[order.order_id].read()).report
        assert report is not None and report.order is not None
        assert (report.type, report.order.status) == (v1.ExecutionType.TRADE, v1.OrderStatus.FILLED)
        resumed = client.orders.stream_execution_reports(
            v1.StreamExecutionReportsRequest(order.account_id, after_sequence=order.sequence)
        )
        assert (await resumed.read()).report == report
        for stream in (resumed, streams[order.order_id]):
            stream.cancel()


async def test_tickers_stream_what_the_auction_would_come_to(client: Client):
    await client.place("maker", SELL, quantity="2", price="99")
    stream = client.market_data.stream_tickers(v1.StreamTickersRequest([SYMBOL]))
    await stream.initial_metadata()
    seen = []
    for status in (None, AUCTION):
        if status is not None:
            await change_status(client, status)
        seen.append((await stream.read()).ticker)
    await client.place("taker", BUY, quantity="1.5", price="100")
    seen.append((await stream.read()).ticker)
    await change_status(client, HALTED)
    seen.append((await stream.read()).ticker)
    stream.cancel()
    assert [told(ticker) for ticker in seen if ticker] == [
        ("", "", ""),
        ("", "0", "0"),
        ("99", "1.5", "-0.5"),
        ("", "", ""),
    ]


async def test_an_order_that_cannot_rest_is_rejected_in_a_call(client: Client):
    await change_status(client, AUCTION)
    order = (await client.place(price="")).order
    assert order is not None
    assert (order.status, order.reject_reason) == (
        v1.OrderStatus.REJECTED,
        v1.RejectReason.INSTRUMENT_IN_AUCTION,
    )


@pytest.mark.parametrize(
    ("status", "expected"),
    [(v1.InstrumentStatus.UNSPECIFIED, OPEN), (AUCTION, AUCTION), (HALTED, HALTED)],
)
async def test_an_instrument_begins_as_it_is_asked_to(
    client: Client, status: v1.InstrumentStatus, expected: v1.InstrumentStatus
):
    request = btc_usd(symbol="BTC-2", status=status)
    created = (await client.administration.create_instrument(request)).instrument
    assert created is not None
    assert created.status == expected
    # Asked for again it is given as it is, whatever has become of its status.
    again = await client.administration.create_instrument(btc_usd(symbol="BTC-2"))
    assert again.instrument == created


async def test_an_instrument_does_not_begin_closed(client: Client):
    request = btc_usd(symbol="BTC-2", status=v1.InstrumentStatus.CLOSED)
    error = await refused(client.administration.create_instrument(request))
    assert error.code == grpc.StatusCode.INVALID_ARGUMENT
    assert list(error.violations) == ["status"]


async def test_a_volatility_auction_begins_and_ends_by_itself(client: Client):
    await client.administration.update_instrument(
        v1.UpdateInstrumentRequest(
            SYMBOL,
            v1.Instrument(volatility_band="0.1", reference_price="100", volatility_auction_seconds=1),
        )
    )
    await client.place("maker", SELL, quantity="1", price="120")
    stream = client.orders.stream_execution_reports(v1.StreamExecutionReportsRequest("maker"))
    await stream.initial_metadata()
    bid = (await client.place("taker", BUY, quantity="2", price="120")).order
    assert bid is not None
    assert (bid.status, bid.leaves_quantity) == (v1.OrderStatus.NEW, "2")
    instrument = (await client.market_data.get_instrument(v1.GetInstrumentRequest(SYMBOL))).instrument
    assert instrument is not None
    assert instrument.status == AUCTION
    report = (await stream.read()).report
    stream.cancel()
    assert report is not None and report.fill is not None
    assert (report.type, report.fill.price) == (v1.ExecutionType.TRADE, "120")
    instrument = (await client.market_data.get_instrument(v1.GetInstrumentRequest(SYMBOL))).instrument
    assert instrument is not None
    assert instrument.status == OPEN
