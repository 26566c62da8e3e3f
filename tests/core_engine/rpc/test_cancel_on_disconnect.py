"""Streams that ask for it take their orders with them when they end, however they end."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from markethall_protos import v1
from tests.core_engine.rpc.client import Client, order
from tests.engine_process import engine_process, running_engine


def request(*client_order_ids: str, cancel_on_disconnect: bool = False) -> v1.ProcessMessagesRequest:
    return v1.ProcessMessagesRequest(
        messages=[
            v1.EngineMessage(place_order=order(client_order_id=client_order_id, quantity="0.1"))
            for client_order_id in client_order_ids
        ],
        cancel_on_disconnect=cancel_on_disconnect,
    )


@asynccontextmanager
async def stream(client: Client) -> AsyncIterator[tuple[asyncio.Queue[Any], AsyncIterator[Any]]]:
    """What to put requests in (None ends them), and the answers; leaving it disconnects."""
    requests: asyncio.Queue[v1.ProcessMessagesRequest | None] = asyncio.Queue()

    async def sent() -> AsyncIterator[v1.ProcessMessagesRequest]:
        while (request := await requests.get()) is not None:
            yield request

    call = client.core_engine.process_messages(sent())
    try:
        yield requests, aiter(call)
    finally:
        call.cancel()


async def next_end(client: Client, then: asyncio.Event) -> v1.Order:
    """The next order of `maker` to end; `then` is set when the wait for it has begun."""
    call = client.orders.stream_execution_reports(v1.StreamExecutionReportsRequest("maker"))
    await call.initial_metadata()
    then.set()
    async for response in call:
        assert response.report is not None and response.report.order is not None
        if response.report.type is v1.ExecutionType.CANCELED:
            call.cancel()
            return response.report.order
    raise AssertionError("the stream of reports ended")


async def live(client: Client) -> list[str]:
    response = await client.orders.list_orders(
        v1.ListOrdersRequest("maker", statuses=[v1.OrderStatus.NEW, v1.OrderStatus.PARTIALLY_FILLED])
    )
    return [order.client_order_id for order in response.orders]


async def test_a_broken_connection_takes_the_orders_that_came_after_it_asked(client: Client):
    begun = asyncio.Event()
    ended = asyncio.create_task(next_end(client, begun))
    await begun.wait()
    async with stream(client) as (requests, answers):
        requests.put_nowait(request("before"))
        requests.put_nowait(request("asks", cancel_on_disconnect=True))
        requests.put_nowait(request("after"))
        for _ in range(3):
            await anext(answers)
        assert await live(client) == ["after", "asks", "before"]
    canceled = await ended
    assert (canceled.client_order_id, canceled.cancel_reason) == ("asks", v1.CancelReason.DISCONNECTED)
    assert await live(client) == ["before"]


async def test_a_stream_that_ends_in_order_takes_them_too_and_one_that_did_not_ask_takes_none(client: Client):
    begun = asyncio.Event()
    ended = asyncio.create_task(next_end(client, begun))
    await begun.wait()
    async with stream(client) as (requests, answers):
        requests.put_nowait(request("stays"))
        requests.put_nowait(None)
        assert len([answer async for answer in answers]) == 1
    async with stream(client) as (requests, answers):
        requests.put_nowait(request("goes", cancel_on_disconnect=True))
        requests.put_nowait(None)
        assert len([answer async for answer in answers]) == 1
    assert (await ended).client_order_id == "goes"
    assert await live(client) == ["stays"]


async def test_batches_within_the_stream_end_with_it(client: Client):
    begun = asyncio.Event()
    ended = asyncio.create_task(next_end(client, begun))
    await begun.wait()
    async with stream(client) as (requests, answers):
        batch = v1.PlaceOrdersRequest([order(client_order_id="in a batch")], all_or_none=True)
        messages = [v1.EngineMessage(place_orders=batch)]
        requests.put_nowait(v1.ProcessMessagesRequest(messages, cancel_on_disconnect=True))
        await anext(answers)
        assert await live(client) == ["in a batch"]
    assert (await ended).client_order_id == "in a batch"


async def test_the_engines_end_in_order_ends_the_session_before_the_journal_closes(tmp_path: Path):
    with engine_process(tmp_path) as engine:
        async with engine.channel() as channel:
            client = Client(channel)
            await client.open_market()
            async with stream(client) as (requests, answers):
                requests.put_nowait(request("goes", cancel_on_disconnect=True))
                await anext(answers)
                assert await asyncio.to_thread(engine.terminate) == 0
    await assert_gone_after_restart(tmp_path)


async def test_a_killed_engine_ends_the_sessions_when_it_is_started_again(tmp_path: Path):
    with engine_process(tmp_path) as engine:
        async with engine.channel() as channel:
            client = Client(channel)
            await client.open_market()
            await client.place(client_order_id="stays")
            async with stream(client) as (requests, answers):
                requests.put_nowait(request("goes", cancel_on_disconnect=True))
                await anext(answers)
                engine.kill()
    await assert_gone_after_restart(tmp_path, "stays")


async def assert_gone_after_restart(directory: Path, *left: str) -> None:
    with engine_process(directory) as engine:
        async with engine.channel() as channel:
            client = Client(channel)
            assert await live(client) == list(left)
            response = await client.orders.get_order(
                v1.GetOrderRequest(client_order_id="goes", account_id="maker")
            )
            assert response.order is not None
            assert response.order.cancel_reason is v1.CancelReason.DISCONNECTED


async def test_a_retry_over_another_connection_is_a_retry(client: Client):
    async with stream(client) as (requests, answers):
        requests.put_nowait(request("mine", cancel_on_disconnect=True))
        answer = await anext(answers)
    again = await client.orders.place_order(order(client_order_id="mine", quantity="0.1"))
    assert answer.outcomes[0].place_order == again


async def test_sessions_end_with_an_engine_in_memory():
    async with running_engine() as engine:
        client = Client(engine.channel)
        await client.open_market()
        async with stream(client) as (requests, answers):
            requests.put_nowait(request("goes", cancel_on_disconnect=True))
            await anext(answers)
            await engine.stop()
        assert engine.task.exception() is None
