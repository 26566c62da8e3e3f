"""What a restarted engine knows is what the one before it told."""

from pathlib import Path

import pytest

from markethall_engine.settings import EngineSettings
from markethall_protos import v1
from markethall_protos.codec import encode
from tests.core_engine.rpc.client import BUY, SELL, Client, order
from tests.engine_process import running_engine


@pytest.fixture
def settings(tmp_path: Path) -> EngineSettings:
    return EngineSettings(data_directory=tmp_path, snapshot_every=0)


async def test_a_retry_after_a_restart_gets_the_same_answer_byte_for_byte(settings: EngineSettings):
    requests = [
        order("maker", SELL, client_order_id="resting", quantity="2"),
        order("taker", BUY, client_order_id="filled", quantity="0.5"),
        order("taker", BUY, client_order_id="partly", quantity="3", price="100.01"),
        order("taker", BUY, client_order_id="remainder", time_in_force=v1.TimeInForce.IOC, price="1"),
        order("taker", SELL, client_order_id="market", price="", quantity="1"),
        order("taker", BUY, client_order_id="rejected", quantity="999", price="999999"),
    ]
    async with running_engine(settings) as engine:
        client = Client(engine.channel)
        await client.open_market()
        answers = [encode(await client.orders.place_order(request)) for request in requests]
        before = await client.core_engine.get_status(v1.GetStatusRequest(include_digest=True))
    async with running_engine(settings) as engine:
        client = Client(engine.channel)
        retried = [encode(await client.orders.place_order(request)) for request in requests]
        batch = await client.orders.place_orders(v1.PlaceOrdersRequest(orders=requests))
        after = await client.core_engine.get_status(v1.GetStatusRequest(include_digest=True))
    assert retried == answers
    assert [encode(result.response) for result in batch.results if result.response] == answers
    assert (after.sequence, after.digest) == (before.sequence, before.digest)
    assert after.recovered_commands == before.sequence


async def test_every_query_answers_after_a_restart_as_before(settings: EngineSettings):
    async def everything(client: Client) -> list[object]:
        orders, market, portfolio = client.orders, client.market_data, client.portfolio
        return [
            await orders.list_orders(v1.ListOrdersRequest("maker")),
            await orders.list_fills(v1.ListFillsRequest("taker")),
            await market.list_instruments(v1.ListInstrumentsRequest()),
            await market.get_depth(v1.GetDepthRequest("BTC-USD")),
            await market.get_best_bid_offer(v1.GetBestBidOfferRequest("BTC-USD")),
            await market.list_trades(v1.ListTradesRequest("BTC-USD")),
            await market.list_candles(v1.ListCandlesRequest("BTC-USD")),
            await portfolio.get_portfolio(v1.GetPortfolioRequest("maker")),
            await portfolio.get_portfolio(v1.GetPortfolioRequest("taker")),
            await client.administration.list_journal_records(v1.ListJournalRecordsRequest()),
        ]

    async with running_engine(settings) as engine:
        client = Client(engine.channel)
        await client.open_market()
        for price in ("100", "101", "102"):
            await client.trade(price=price)
            await client.place("maker", SELL, price="110", quantity="3")
        before = await everything(client)
    async with running_engine(settings) as engine:
        assert await everything(Client(engine.channel)) == before


async def test_a_stream_of_reports_is_resumed_across_a_restart(settings: EngineSettings):
    async with running_engine(settings) as engine:
        client = Client(engine.channel)
        await client.open_market()
        placed = (await client.place("maker", SELL, quantity="3")).order
        assert placed is not None
        await client.place("taker", BUY, quantity="1")
    async with running_engine(settings) as engine:
        client = Client(engine.channel)
        stream = client.orders.stream_execution_reports(
            v1.StreamExecutionReportsRequest("maker", after_sequence=placed.sequence)
        )
        await client.place("taker", BUY, quantity="1")
        reports = [(await stream.read()).report for _ in range(2)]
        stream.cancel()
    assert [report.order.filled_quantity for report in reports if report and report.order] == ["1", "2"]


async def test_a_restart_begins_at_the_newest_snapshot(tmp_path: Path):
    settings = EngineSettings(data_directory=tmp_path, snapshot_every=20)
    async with running_engine(settings) as engine:
        client = Client(engine.channel)
        await client.open_market()
        for _ in range(20):
            await client.place()
        status = await client.core_engine.get_status(v1.GetStatusRequest(include_digest=True))
        while not status.snapshot_sequence:
            status = await client.core_engine.get_status(v1.GetStatusRequest(include_digest=True))
    async with running_engine(settings) as engine:
        after = await Client(engine.channel).core_engine.get_status(v1.GetStatusRequest(include_digest=True))
    assert (after.sequence, after.digest) == (status.sequence, status.digest)
    assert after.recovered_commands == status.sequence - status.snapshot_sequence
    assert after.snapshot_sequence == status.snapshot_sequence
