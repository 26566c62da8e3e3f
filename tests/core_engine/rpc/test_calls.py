"""What happens around every call: who asked, by when, what fails and how that is told."""

import asyncio
import io
import json
import time
from collections.abc import Iterator
from contextlib import suppress

import grpc
import pytest

from markethall_common import logs
from markethall_engine.domain.exchange import Exchange
from markethall_engine.settings import EngineSettings, LimitSettings
from markethall_protos import v1
from tests.core_engine.rpc.client import Client, Refused, order, refused
from tests.core_engine.rpc.slow_disk import SlowDisk
from tests.engine_process import running_engine

TRACE_ID = "4bf92f3577b34da6a3ce929d0e0e4736"
RESOURCE_EXHAUSTED = grpc.StatusCode.RESOURCE_EXHAUSTED
HEADERS = (("x-request-id", "my-request"), ("traceparent", f"00-{TRACE_ID}-00f067aa0ba902b7-01"))


class LogLines:
    """What this process logs, as JSON lines."""

    def __init__(self) -> None:
        self._stream = io.StringIO()
        logs.configure("test", level="DEBUG", format="json", stream=self._stream)

    def of(self, event: str) -> list[dict[str, object]]:
        lines = [json.loads(line) for line in self._stream.getvalue().splitlines()]
        return [line for line in lines if line["event"] == event]


@pytest.fixture
def log_lines() -> Iterator[LogLines]:
    yield LogLines()
    logs.configure("test")


async def test_the_request_id_and_the_trace_come_back_in_the_trailers(client: Client):
    call = client.core_engine.health_check(v1.HealthCheckRequest(), metadata=HEADERS)
    await call
    trailers = dict(await call.trailing_metadata())
    assert trailers["x-request-id"] == "my-request"
    version, trace_id, span_id, flags = trailers["traceparent"].split("-")
    assert (version, trace_id, flags) == ("00", TRACE_ID, "01")
    assert span_id != "00f067aa0ba902b7"


async def test_a_call_without_a_request_id_is_given_one(client: Client):
    error = await refused(client.orders.place_order(order(quantity="x")))
    assert len(error.trailers["x-request-id"]) == 32


async def test_a_failed_call_leaves_one_line_with_its_request(client: Client, log_lines: LogLines):
    await refused(client.orders.place_order(order(quantity="x"), metadata=HEADERS))
    [line] = log_lines.of("call_failed")
    assert (
        line
        | {
            "level": "INFO",
            "request_id": "my-request",
            "trace_id": TRACE_ID,
            "method": "/markethall.v1.OrderService/PlaceOrder",
            "code": "INVALID_ARGUMENT",
            "reason": "INVALID_REQUEST",
        }
        == line
    )


async def test_a_failed_message_leaves_a_line_with_its_own_request(client: Client, log_lines: LogLines):
    message = v1.EngineMessage("17", correlation_id="inner", place_order=order(quantity="x"))
    await client.core_engine.process_message(v1.ProcessMessageRequest(message), metadata=HEADERS)
    [line] = log_lines.of("message_failed")
    assert line | {"request_id": "inner", "message_id": "17", "reason": "INVALID_REQUEST"} == line


async def test_bytes_that_are_no_message_are_an_invalid_argument(client: Client):
    async with running_engine() as engine:
        call = engine.channel.unary_unary("/markethall.v1.OrderService/PlaceOrder")
        error = await refused(call(b"\xff\xff\xff"))
    assert (error.code, error.reason) == (grpc.StatusCode.INVALID_ARGUMENT, "MALFORMED_MESSAGE")


async def test_a_fault_of_ours_is_internal_and_tells_nothing_but_is_in_the_log(
    client: Client, log_lines: LogLines, monkeypatch: pytest.MonkeyPatch
):
    def broken(*_: object) -> None:
        raise KeyError("an inner secret")

    monkeypatch.setattr(Exchange, "accounts", broken)
    error = await refused(client.administration.list_accounts(v1.ListAccountsRequest(), metadata=HEADERS))
    assert (error.code, error.reason) == (grpc.StatusCode.INTERNAL, "INTERNAL")
    assert "secret" not in error.message + repr(error.trailers)
    [line] = log_lines.of("call_failed")
    assert line["level"] == "ERROR"
    assert line["request_id"] == "my-request"
    assert "an inner secret" in str(line["exception"])


async def test_a_call_whose_deadline_has_passed_is_not_decided(client: Client):
    for attempt in range(10):
        call = client.orders.place_order(order(client_order_id=f"late-{attempt}"), timeout=0.005)
        await asyncio.sleep(0)
        time.sleep(0.02)  # client and engine share this thread: neither gets to it in time
        assert (await refused(call)).code == grpc.StatusCode.DEADLINE_EXCEEDED
    listed = await client.orders.list_orders(v1.ListOrdersRequest(account_id="maker"))
    assert listed.orders == []


async def test_a_call_with_a_deadline_to_come_is_answered(client: Client):
    response = await client.orders.place_order(order(), timeout=30)
    assert response.order is not None


async def test_a_call_without_a_deadline_is_given_one(monkeypatch: pytest.MonkeyPatch):
    disk = SlowDisk(monkeypatch)
    settings = EngineSettings(journal="memory", limits=LimitSettings(call_timeout_s=0.1))
    async with running_engine(settings) as engine:
        client = Client(engine.channel)
        await client.open_market()
        with disk.stuck():
            error = await refused(client.orders.place_order(order()))
    assert (error.code, error.reason) == (grpc.StatusCode.DEADLINE_EXCEEDED, "DEADLINE_EXCEEDED")


async def test_a_message_beyond_the_size_limit_is_refused():
    settings = EngineSettings(journal="memory", limits=LimitSettings(message_bytes=64 * 1024))
    async with running_engine(settings) as engine:
        error = await refused(Client(engine.channel).orders.place_order(order(symbol="X" * 70_000)))
    assert error.code == RESOURCE_EXHAUSTED


async def test_calls_beyond_the_limit_of_those_under_way_are_refused():
    settings = EngineSettings(journal="memory", limits=LimitSettings(concurrent_calls=2))
    async with running_engine(settings) as engine:
        client = Client(engine.channel)
        await client.open_market()
        reports = [
            client.orders.stream_execution_reports(v1.StreamExecutionReportsRequest("maker"))
            for _ in range(2)
        ]
        for stream in reports:
            await stream.initial_metadata()
        health = v1.HealthCheckRequest()
        assert (await refused(client.core_engine.health_check(health))).code == RESOURCE_EXHAUSTED
        for stream in reports:
            stream.cancel()
        while True:  # until the engine has noticed
            with suppress(grpc.aio.AioRpcError):
                assert (await client.core_engine.health_check(health)).healthy
                break


async def test_a_burst_of_calls_upon_a_busy_engine_is_answered(client: Client):
    calls = [client.core_engine.health_check(v1.HealthCheckRequest()) for _ in range(3_000)]
    answers = asyncio.gather(*calls)
    await asyncio.sleep(0)
    time.sleep(0.3)  # the event loop is busy, so that the calls wait in gRPC
    assert all(answer.healthy for answer in await answers)


async def test_a_reader_that_falls_behind_is_cut_off_and_told(client: Client):
    settings = EngineSettings(journal="memory", limits=LimitSettings(stream_backlog=5))
    async with running_engine(settings) as engine:
        client = Client(engine.channel)
        await client.open_market()
        stream = client.orders.stream_execution_reports(v1.StreamExecutionReportsRequest("maker"))
        await stream.initial_metadata()
        batch = v1.PlaceOrdersRequest([order() for _ in range(500)])
        await client.orders.place_orders(batch)
        with pytest.raises(grpc.aio.AioRpcError) as caught:
            while True:
                await stream.read()
        told = Refused(caught.value)
    assert (told.code, told.reason) == (RESOURCE_EXHAUSTED, "SLOW_READER")


async def test_a_call_that_its_client_gives_up_is_noticed_and_leaves_no_error(
    client: Client, log_lines: LogLines
):
    call = client.orders.stream_execution_reports(v1.StreamExecutionReportsRequest("maker"))
    await call.initial_metadata()
    call.cancel()
    while (await client.core_engine.get_status(v1.GetStatusRequest())).open_stream_count:
        await asyncio.sleep(0)
    assert log_lines.of("call_failed") == []
    assert len(log_lines.of("call_canceled")) == 1
