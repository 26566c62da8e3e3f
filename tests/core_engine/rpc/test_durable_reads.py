"""What is read shows no command whose flush is under way: it waits for the disk, and then shows it."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any

import grpc
import pytest

from markethall_protos import v1
from tests.core_engine.rpc.client import SELL, Client
from tests.core_engine.rpc.slow_disk import SlowDisk

PATIENCE_S = 0.1
SYMBOL = "BTC-USD"

Call = Callable[[Client, float | None], Awaitable[Any]]


@asynccontextmanager
async def undurable_order(client: Client, disk: SlowDisk) -> AsyncIterator[None]:
    """An order of `maker` that is decided and that the disk has not taken."""
    with disk.stuck():
        placing = asyncio.create_task(client.place("maker", SELL))
        while not (await client.core_engine.get_status(v1.GetStatusRequest())).queued_commands:
            await asyncio.sleep(0)
        yield
    await placing


@pytest.mark.parametrize(
    "call",
    [
        lambda client, timeout: client.market_data.get_book(v1.GetBookRequest(SYMBOL), timeout=timeout),
        lambda client, timeout: client.portfolio.get_portfolio(
            v1.GetPortfolioRequest("maker"), timeout=timeout
        ),
        lambda client, timeout: client.portfolio.list_postings(
            v1.ListPostingsRequest("maker"), timeout=timeout
        ),
        lambda client, timeout: client.portfolio.list_equity_history(
            v1.ListEquityHistoryRequest("maker"), timeout=timeout
        ),
    ],
    ids=["book", "portfolio", "postings", "equity"],
)
async def test_a_query_waits_until_what_it_saw_is_durable(
    client: Client, monkeypatch: pytest.MonkeyPatch, call: Call
):
    async with undurable_order(client, SlowDisk(monkeypatch)):
        with pytest.raises(grpc.aio.AioRpcError) as caught:
            await call(client, PATIENCE_S)
        assert caught.value.code() == grpc.StatusCode.DEADLINE_EXCEEDED
    await call(client, None)


async def test_a_stream_begins_once_what_it_begins_with_is_durable(
    client: Client, monkeypatch: pytest.MonkeyPatch
):
    async with undurable_order(client, SlowDisk(monkeypatch)):
        book = asyncio.ensure_future(client.market_data.stream_book(v1.StreamBookRequest(SYMBOL)).read())
        portfolio = asyncio.ensure_future(
            client.portfolio.stream_portfolio(v1.StreamPortfolioRequest("maker")).read()
        )
        told, _ = await asyncio.wait({book, portfolio}, timeout=PATIENCE_S)
        assert not told
    assert [order.price for order in (await book).orders] == ["100"]
    held = (await portfolio).portfolio
    assert held is not None
    assert [(balance.asset, balance.reserved) for balance in held.balances] == [("BTC", "1"), ("USD", "0")]


async def test_streams_tell_a_change_once_it_is_durable(client: Client, monkeypatch: pytest.MonkeyPatch):
    streams = [
        client.market_data.stream_book(v1.StreamBookRequest(SYMBOL)),
        client.market_data.stream_tickers(v1.StreamTickersRequest([SYMBOL])),
        client.portfolio.stream_portfolio(v1.StreamPortfolioRequest("maker")),
    ]
    for stream in streams:
        await stream.read()
    async with undurable_order(client, SlowDisk(monkeypatch)):
        reads = {asyncio.ensure_future(stream.read()) for stream in streams}
        told, _ = await asyncio.wait(reads, timeout=PATIENCE_S)
        assert not told
    assert len(await asyncio.gather(*reads)) == 3
    for stream in streams:
        stream.cancel()
