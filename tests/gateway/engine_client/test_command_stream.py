"""The one stream for all commands: batching, answers, limits, losses. The engine is a real gRPC server."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import grpc
import pytest
from betterproto2 import which_one_of

from markethall_common.request_context import RequestContext
from markethall_gateway.engine_client.channel import open_channel
from markethall_gateway.engine_client.command_stream import MESSAGES_UNDER_WAY, CommandStream
from markethall_gateway.engine_client.errors import EngineError
from markethall_protos.v1 import (
    CancelAllOrdersRequest,
    CancelOrderRequest,
    MessagePriority,
    PlaceOrderRequest,
    PlaceOrderResponse,
    SetTradingStateRequest,
)
from tests.gateway.engines import Engine, details
from tools.loopback import free_port

CONTEXT = RequestContext.resume("request-1", "00-474c610fd36f713494c1d970b46dcc6f-71e958f580df2524-01")


@asynccontextmanager
async def command_stream(address: str, capacity: int = 1000) -> AsyncIterator[CommandStream]:
    channel = open_channel(address)
    stream = CommandStream(channel, capacity=capacity)
    try:
        yield stream
    finally:
        await stream.close()
        await channel.close()


def place(stream: CommandStream, client_order_id: str = "a", timeout_s: float = 10) -> "asyncio.Task[Any]":
    request = PlaceOrderRequest(symbol="BTC-USD", client_order_id=client_order_id)
    carried = stream.carry("place_order", request, timeout_s=timeout_s, context=CONTEXT)
    return asyncio.create_task(carried)


async def failure(task: "asyncio.Task[Any]") -> tuple[grpc.StatusCode, str]:
    with pytest.raises(EngineError) as failed:
        await task
    assert failed.value.is_for_caller or not failed.value.reason
    return failed.value.code, failed.value.reason


async def test_a_command_gets_the_reply_of_its_own_name() -> None:
    async with Engine().serving() as engine, command_stream(engine.address) as stream:
        reply = await place(stream, "a-1")
    assert isinstance(reply, PlaceOrderResponse)
    assert reply.order is not None
    assert reply.order.client_order_id == "a-1"


async def test_the_engine_learns_which_request_and_trace_a_command_is_of() -> None:
    async with Engine().serving() as engine, command_stream(engine.address) as stream:
        await place(stream)
    [message] = engine.core.batches[0].messages
    assert message.correlation_id == "request-1"
    assert message.traceparent == CONTEXT.trace.traceparent


async def test_each_caller_gets_the_answer_to_its_own_command() -> None:
    async with Engine().serving() as engine, command_stream(engine.address) as stream:
        replies = await asyncio.gather(*(place(stream, f"a-{number}") for number in range(500)))
    assert [reply.order.client_order_id for reply in replies] == [f"a-{number}" for number in range(500)]


async def test_what_gathers_while_messages_are_under_way_goes_out_as_one() -> None:
    engine = Engine()
    engine.core.gate.clear()
    async with engine.serving(), command_stream(engine.address) as stream:
        under_way = []
        for number in range(MESSAGES_UNDER_WAY):
            under_way.append(place(stream, f"first-{number}"))
            await asyncio.sleep(0.05)  # each is on its way by itself
        await engine.core.received.wait()
        gathered = [place(stream, f"a-{number}") for number in range(100)]
        await asyncio.sleep(0)
        engine.core.gate.set()
        await asyncio.gather(*under_way, *gathered)
    sizes = [len(batch.messages) for batch in engine.core.batches]
    assert sizes == [1] * MESSAGES_UNDER_WAY + [100]


async def test_commands_are_sent_in_the_order_in_which_they_came() -> None:
    async with Engine().serving() as engine, command_stream(engine.address) as stream:
        await asyncio.gather(*(place(stream, str(number)) for number in range(300)))
    sent = [
        message.place_order.client_order_id for batch in engine.core.batches for message in batch.messages
    ]
    assert sent == [str(number) for number in range(300)]


async def test_all_commands_go_over_one_stream() -> None:
    async with Engine().serving() as engine, command_stream(engine.address) as stream:
        for number in range(5):
            await place(stream, str(number))
    assert engine.core.streams == 1


async def test_large_commands_are_not_put_into_one_message_without_end() -> None:
    async with Engine().serving() as engine, command_stream(engine.address) as stream:
        await asyncio.gather(*(place(stream, "x" * 50_000) for _ in range(100)))
    assert max(len(batch.messages) for batch in engine.core.batches) <= 3


async def test_an_error_in_the_outcome_is_the_commands_alone() -> None:
    async with Engine().serving() as engine, command_stream(engine.address) as stream:
        bad = asyncio.create_task(
            stream.carry("cancel_order", CancelOrderRequest(order_id="1"), timeout_s=10, context=CONTEXT)
        )
        good = place(stream)
        assert await failure(bad) == (grpc.StatusCode.UNIMPLEMENTED, "NOT_IMPLEMENTED")
        await good


async def test_cancels_and_switches_are_urgent_and_nothing_else_is() -> None:
    urgent = {
        "cancel_order": CancelOrderRequest(order_id="1"),
        "cancel_all_orders": CancelAllOrdersRequest(),
        "set_trading_state": SetTradingStateRequest(),
    }
    async with Engine().serving() as engine, command_stream(engine.address) as stream:
        calls = [
            stream.carry(field, request, timeout_s=10, context=CONTEXT) for field, request in urgent.items()
        ]
        await asyncio.gather(*calls, place(stream), return_exceptions=True)
    sent = {
        which_one_of(message, "command")[0]: message.priority
        for batch in engine.core.batches
        for message in batch.messages
    }
    assert sent == dict.fromkeys(urgent, MessagePriority.HIGH) | {"place_order": MessagePriority.UNSPECIFIED}


async def test_where_no_order_may_wait_any_more_cancels_may() -> None:
    engine = Engine()
    engine.core.gate.clear()
    async with engine.serving(), command_stream(engine.address, capacity=32) as stream:
        waiting = [place(stream, str(number)) for number in range(30)]
        await asyncio.sleep(0)
        assert await failure(place(stream)) == (grpc.StatusCode.RESOURCE_EXHAUSTED, "TOO_MANY_COMMANDS")
        cancels = [
            asyncio.create_task(
                stream.carry("cancel_order", CancelOrderRequest(order_id="1"), timeout_s=10, context=CONTEXT)
            )
            for _ in range(3)
        ]
        assert await failure(cancels[2]) == (grpc.StatusCode.RESOURCE_EXHAUSTED, "TOO_MANY_COMMANDS")
        engine.core.gate.set()
        await asyncio.gather(*waiting)
        for cancel in cancels[:2]:
            assert (await failure(cancel))[1] == "NOT_IMPLEMENTED"


async def test_more_commands_than_may_wait_are_refused_at_once() -> None:
    engine = Engine()
    engine.core.gate.clear()
    async with engine.serving(), command_stream(engine.address, capacity=10) as stream:
        waiting = [place(stream, str(number)) for number in range(10)]
        await engine.core.received.wait()
        assert await failure(place(stream)) == (grpc.StatusCode.RESOURCE_EXHAUSTED, "TOO_MANY_COMMANDS")
        engine.core.gate.set()
        await asyncio.gather(*waiting)
        await place(stream)


async def test_a_command_that_was_sent_and_not_answered_in_time_has_an_unknown_outcome() -> None:
    engine = Engine()
    engine.core.gate.clear()
    async with engine.serving(), command_stream(engine.address) as stream:
        late = place(stream, timeout_s=0.2)
        assert await failure(late) == (grpc.StatusCode.DEADLINE_EXCEEDED, "OUTCOME_UNKNOWN")
        engine.core.gate.set()
        assert await place(stream, "next")


async def test_a_command_that_was_not_sent_in_time_is_never_sent() -> None:
    engine = Engine()
    engine.core.gate.clear()
    async with engine.serving(), command_stream(engine.address) as stream:
        under_way = []
        for number in range(MESSAGES_UNDER_WAY):
            under_way.append(place(stream, f"first-{number}"))
            await asyncio.sleep(0.05)
        late = place(stream, "late", timeout_s=0.1)
        assert await failure(late) == (grpc.StatusCode.DEADLINE_EXCEEDED, "NOT_SENT")
        engine.core.gate.set()
        await asyncio.gather(*under_way, place(stream, "next"))
    sent = [
        message.place_order.client_order_id for batch in engine.core.batches for message in batch.messages
    ]
    assert "late" not in sent


async def test_a_command_whose_caller_left_before_it_was_sent_is_never_sent() -> None:
    engine = Engine()
    engine.core.gate.clear()
    async with engine.serving(), command_stream(engine.address) as stream:
        under_way = []
        for number in range(MESSAGES_UNDER_WAY):
            under_way.append(place(stream, f"first-{number}"))
            await asyncio.sleep(0.05)
        left = place(stream, "left")
        await asyncio.sleep(0)
        left.cancel()
        engine.core.gate.set()
        await asyncio.gather(*under_way, place(stream, "next"))
    sent = [
        message.place_order.client_order_id for batch in engine.core.batches for message in batch.messages
    ]
    assert "left" not in sent


async def test_without_an_engine_a_command_fails_at_once_and_was_not_sent() -> None:
    async with command_stream(f"127.0.0.1:{free_port()}") as stream:
        assert await failure(place(stream)) == (grpc.StatusCode.UNAVAILABLE, "NOT_SENT")


async def test_a_lost_connection_leaves_the_outcome_unknown_and_nothing_is_sent_twice() -> None:
    engine, port = Engine(), free_port()
    async with command_stream(f"127.0.0.1:{port}") as stream:
        async with engine.serving(port):
            await place(stream, "answered")
            engine.core.gate.clear()
            lost = place(stream, "lost")
            while len(engine.core.batches) < 2:
                await asyncio.sleep(0.01)
        assert await failure(lost) == (grpc.StatusCode.UNAVAILABLE, "OUTCOME_UNKNOWN")
        engine.core.gate.set()
        async with engine.serving(port):
            await eventually_placed(stream, "after")
    sent = [
        message.place_order.client_order_id for batch in engine.core.batches for message in batch.messages
    ]
    assert sent.count("lost") == 1


async def test_an_engine_that_refuses_the_stream_says_why_itself() -> None:
    engine = Engine()
    engine.core.refusal = (
        grpc.StatusCode.UNAVAILABLE,
        "the engine recovers from its journal; try again shortly",
        details("RECOVERING", retry_after_s=1),
    )
    async with engine.serving(), command_stream(engine.address) as stream:
        with pytest.raises(EngineError) as refused:
            await place(stream)
        assert (refused.value.reason, refused.value.retry_after_s) == ("RECOVERING", 1)
        engine.core.refusal = None
        assert await place(stream)


async def test_an_engine_that_drains_answers_what_it_read_and_refuses_the_rest_itself() -> None:
    engine = Engine()
    engine.core.gate.clear()
    engine.core.answers_a_stream = 1
    async with engine.serving(), command_stream(engine.address) as stream:
        read = place(stream, "read")
        await engine.core.received.wait()
        unread = place(stream, "unread")
        await asyncio.sleep(0.05)
        engine.core.gate.set()
        assert (await read).order.client_order_id == "read"
        assert await failure(unread) == (grpc.StatusCode.UNAVAILABLE, "DRAINING")
        await eventually_placed(stream, "next")
    assert engine.core.streams == 2
    sent = [
        message.place_order.client_order_id for batch in engine.core.batches for message in batch.messages
    ]
    assert sent == ["read", "next"]


async def eventually_placed(stream: CommandStream, client_order_id: str) -> None:
    """Place an order as a client would that tries again while the engine is away."""
    async with asyncio.timeout(10):
        while True:
            try:
                await place(stream, client_order_id)
            except EngineError as error:
                assert error.code is grpc.StatusCode.UNAVAILABLE
                await asyncio.sleep(0.02)
            else:
                return
