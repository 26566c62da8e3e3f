"""The end of a gateway: nothing under way is lost, and nothing keeps it longer than it may take."""

import asyncio
import json
from importlib.util import find_spec

import httpx2
import pytest

from tests.gateway.engines import Engine
from tests.gateway.gateways import running_gateway

SERVERS = [
    pytest.param(name, marks=pytest.mark.skipif(find_spec(name) is None, reason=f"{name} is not installed"))
    for name in ("hypercorn", "uvicorn", "granian")
]


@pytest.mark.parametrize("server", SERVERS)
async def test_what_is_under_way_is_answered(server: str) -> None:
    engine = Engine()
    engine.market_data.gate.clear()
    async with engine.serving(), running_gateway(engine.address, server=server) as gateway:
        calls = [asyncio.create_task(gateway.http.get(f"/v1/instruments/{number}")) for number in range(50)]
        while engine.market_data.under_way < 50:
            await asyncio.sleep(0.01)
        gateway.shutdown.request("test")
        await asyncio.sleep(0.05)
        engine.market_data.gate.set()
        responses = await asyncio.gather(*calls)
        await gateway.served
    assert [response.json()["symbol"] for response in responses] == [str(number) for number in range(50)]


async def test_under_load_no_response_under_way_is_lost() -> None:
    """Each client asks until it is refused; whatever reached the engine was answered to its client."""
    answered = 0
    started = asyncio.Event()

    async def ask_until_refused(url: str) -> None:
        nonlocal answered
        async with httpx2.AsyncClient(base_url=url, timeout=10) as http:
            while True:
                try:
                    response = await http.post("/v1/orders", json={"symbol": "X"})
                except (httpx2.ConnectError, httpx2.RemoteProtocolError, httpx2.ReadError):
                    return  # Between two requests a connection may be closed.
                if response.status_code == 503:
                    assert response.json()["reason"] == "SHUTTING_DOWN"
                    return
                assert response.status_code == 200, response.text
                answered += 1
                started.set()

    async with Engine().serving() as engine, running_gateway(engine.address) as gateway:
        clients = [asyncio.create_task(ask_until_refused(gateway.url)) for _ in range(20)]
        await started.wait()
        await asyncio.sleep(0.3)
        gateway.shutdown.request("test")
        await gateway.served
        await asyncio.gather(*clients)
    assert answered == engine.core.answered_commands > 20


async def test_what_comes_after_the_end_was_asked_for_is_refused_and_not_begun() -> None:
    engine = Engine()
    engine.market_data.gate.clear()
    async with (
        engine.serving(),
        running_gateway(engine.address) as gateway,
        httpx2.AsyncClient(base_url=gateway.url, http1=False, http2=True) as http,
    ):
        under_way = asyncio.create_task(http.get("/v1/instruments/X"))
        await engine.market_data.called.wait()
        gateway.shutdown.request("test")
        late = await http.post("/v1/orders", json={"symbol": "X"})
        engine.market_data.gate.set()
        assert (await under_way).status_code == 200
    assert (late.status_code, late.json()["reason"], late.headers["retry-after"]) == (
        503,
        "SHUTTING_DOWN",
        "1",
    )
    assert engine.core.batches == []


async def test_streams_are_ended_with_a_problem() -> None:
    async with Engine().serving() as engine, running_gateway(engine.address) as gateway:
        engine.market_data.trades.put_nowait("1")
        path = "/v1/instruments/X/trades:stream"
        async with gateway.http.stream("GET", path, headers={"accept": "application/x-ndjson"}) as response:
            lines = response.aiter_lines()
            await anext(lines)
            gateway.shutdown.request("test")
            last = json.loads(await anext(lines))
            assert (last["problem"]["status"], last["problem"]["reason"]) == (503, "SHUTTING_DOWN")
        async with asyncio.timeout(2):
            await gateway.served


@pytest.mark.parametrize("server", SERVERS)
async def test_what_does_not_end_keeps_the_gateway_no_longer_than_the_deadline(server: str) -> None:
    engine = Engine()
    engine.market_data.gate.clear()
    async with (
        engine.serving(),
        running_gateway(engine.address, server=server, shutdown_grace_s=0.5) as gateway,
    ):
        call = asyncio.create_task(gateway.http.get("/v1/instruments/X", headers={"x-request-timeout": "4"}))
        await engine.market_data.called.wait()
        gateway.shutdown.request("test")
        async with asyncio.timeout(3):
            await gateway.served
        engine.market_data.gate.set()
        await asyncio.gather(call, return_exceptions=True)


async def test_idle_connections_keep_nobody() -> None:
    async with Engine().serving() as engine, running_gateway(engine.address) as gateway:
        port = int(gateway.url.rpartition(":")[2])
        connections = [await asyncio.open_connection("127.0.0.1", port) for _ in range(20)]
        await gateway.http.get("/ping")
        gateway.shutdown.request("test")
        async with asyncio.timeout(2):
            await gateway.served
        for reader, writer in connections:
            assert await reader.read() == b""
            writer.close()
