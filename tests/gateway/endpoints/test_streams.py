"""The contract's server streams over HTTP, through the whole gateway on Hypercorn."""

import asyncio
import json
from collections.abc import AsyncIterator
from typing import Any

import grpc
import pytest

from tests.gateway.engines import Engine, details
from tests.gateway.gateways import Gateway, running_gateway
from tools.loopback import free_port

PATH = "/v1/instruments/BTC-USD/trades:stream"
LINES = {"accept": "application/x-ndjson"}


@pytest.fixture
async def engine() -> AsyncIterator[Engine]:
    async with Engine().serving() as engine:
        yield engine


@pytest.fixture
async def gateway(engine: Engine) -> AsyncIterator[Gateway]:
    async with running_gateway(engine.address, heartbeat_s=0.2) as gateway:
        yield gateway


async def events(lines: AsyncIterator[str]) -> AsyncIterator[dict[str, str]]:
    """Read server-sent events as the standard says, comments too."""
    event: dict[str, str] = {}
    async for line in lines:
        if not line:
            if event:
                yield event
            event = {}
        else:
            name, _, value = line.partition(":")
            event[name or "comment"] = value.strip()


def trade_ids(document: str) -> list[str]:
    return [trade["trade_id"] for trade in json.loads(document)["trades"]]


async def test_messages_come_as_events_with_ids(engine: Engine, gateway: Gateway) -> None:
    for trade_id in ("1", "2", None):
        engine.market_data.trades.put_nowait(trade_id)
    async with gateway.http.stream("GET", PATH) as response:
        assert response.status_code == 200
        assert response.headers["content-type"] == "text/event-stream"
        assert response.headers["cache-control"] == "no-store"
        found = [event async for event in events(response.aiter_lines())]
    assert found[0] == {"retry": "1000"}
    assert [(event["id"], trade_ids(event["data"])) for event in found[1:]] == [("1", ["1"]), ("2", ["2"])]


async def test_messages_come_as_lines_of_json(engine: Engine, gateway: Gateway) -> None:
    for trade_id in ("1", "2", None):
        engine.market_data.trades.put_nowait(trade_id)
    async with gateway.http.stream("GET", PATH, headers=LINES) as response:
        assert response.headers["content-type"] == "application/x-ndjson"
        lines = [line async for line in response.aiter_lines()]
    assert [trade_ids(line) for line in lines] == [["1"], ["2"]]


async def test_a_message_comes_when_it_happens(engine: Engine, gateway: Gateway) -> None:
    async with gateway.http.stream("GET", PATH, headers=LINES) as response:
        lines = response.aiter_lines()
        for trade_id in ("1", "2", "3"):
            engine.market_data.trades.put_nowait(trade_id)
            assert trade_ids(await anext(lines)) == [trade_id]


async def test_a_stream_opens_before_anything_has_happened(gateway: Gateway) -> None:
    async with asyncio.timeout(5), gateway.http.stream("GET", PATH) as response:
        assert response.status_code == 200


async def test_silence_is_broken_by_heartbeats(engine: Engine, gateway: Gateway) -> None:
    async with asyncio.timeout(5), gateway.http.stream("GET", PATH) as response:
        stream = events(response.aiter_lines())
        assert await anext(stream) == {"retry": "1000"}
        assert await anext(stream) == {"comment": "still here"}
        engine.market_data.trades.put_nowait("1")
        assert (await anext(stream))["id"] == "1"
        assert await anext(stream) == {"comment": "still here"}


async def test_the_last_event_id_says_where_to_go_on(engine: Engine, gateway: Gateway) -> None:
    engine.market_data.trades.put_nowait(None)
    await gateway.http.get(PATH, headers={"last-event-id": "17"})
    [request] = engine.market_data.stream_requests
    assert (request.symbol, request.after_trade_id) == ("BTC-USD", "17")


@pytest.mark.parametrize("accept", ["text/event-stream", "application/x-ndjson"])
async def test_a_call_that_fails_at_once_is_an_ordinary_problem(
    engine: Engine, gateway: Gateway, accept: str
) -> None:
    engine.market_data.trades.put_nowait(
        (grpc.StatusCode.NOT_FOUND, "no instrument BTC-USD", details("UNKNOWN_INSTRUMENT"))
    )
    response = await gateway.http.get(PATH, headers={"accept": accept})
    assert response.status_code == 404
    assert response.headers["content-type"] == "application/problem+json"
    assert response.json()["reason"] == "UNKNOWN_INSTRUMENT"


SLOW = (grpc.StatusCode.RESOURCE_EXHAUSTED, "the reader fell behind", details("SLOW_READER"))


def is_slow_reader(problem: dict[str, Any], request_id: str) -> bool:
    return (problem["status"], problem["reason"], problem["request_id"]) == (429, "SLOW_READER", request_id)


async def test_a_problem_on_the_way_is_the_last_event(engine: Engine, gateway: Gateway) -> None:
    for message in ("1", SLOW):
        engine.market_data.trades.put_nowait(message)
    async with gateway.http.stream("GET", PATH) as response:
        *_, last = [event async for event in events(response.aiter_lines())]
    assert last["event"] == "problem"
    assert is_slow_reader(json.loads(last["data"]), response.headers["x-request-id"])


async def test_a_problem_on_the_way_is_the_last_line(engine: Engine, gateway: Gateway) -> None:
    for message in ("1", SLOW):
        engine.market_data.trades.put_nowait(message)
    async with gateway.http.stream("GET", PATH, headers=LINES) as response:
        *_, last = [line async for line in response.aiter_lines()]
    assert is_slow_reader(json.loads(last)["problem"], response.headers["x-request-id"])


async def test_a_reader_who_goes_takes_the_call_along(engine: Engine, gateway: Gateway) -> None:
    engine.market_data.trades.put_nowait("1")
    async with gateway.http.stream("GET", PATH) as response:
        await anext(response.aiter_lines())
    async with asyncio.timeout(5):
        await engine.market_data.canceled.wait()


async def test_a_stream_ends_with_its_lifetime(engine: Engine) -> None:
    async with (
        running_gateway(engine.address, lifetime_s=0.4) as gateway,
        gateway.http.stream("GET", PATH, headers=LINES) as response,
    ):
        [last] = [line async for line in response.aiter_lines()]
    assert json.loads(last)["problem"]["status"] == 504


async def test_a_form_that_there_is_not_is_406(gateway: Gateway) -> None:
    response = await gateway.http.get(PATH, headers={"accept": "application/json"})
    assert (response.status_code, response.json()["type"]) == (406, "/problems/not-acceptable")


async def test_the_request_id_travels_with_the_stream(engine: Engine, gateway: Gateway) -> None:
    engine.market_data.trades.put_nowait(None)
    response = await gateway.http.get(PATH, headers={"x-request-id": "my-stream"})
    assert response.headers["x-request-id"] == "my-stream"
    assert engine.market_data.metadata["x-request-id"] == "my-stream"


async def test_a_stream_of_an_engine_that_is_away_is_503() -> None:
    async with running_gateway(f"127.0.0.1:{free_port()}") as gateway:
        response = await gateway.http.get(PATH)
    assert (response.status_code, response.headers["retry-after"]) == (503, "1")


async def test_an_engine_that_goes_ends_the_stream_with_a_problem() -> None:
    engine = Engine()
    async with engine.serving(), running_gateway(engine.address) as gateway:
        engine.market_data.trades.put_nowait("1")
        async with gateway.http.stream("GET", PATH, headers=LINES) as response:
            lines = response.aiter_lines()
            await anext(lines)
            await engine.stop()
            assert json.loads(await anext(lines))["problem"]["status"] == 503
