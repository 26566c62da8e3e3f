"""Gateway and engine as processes: loss and return, signals, one request in two logs."""

import asyncio
import json
import signal
import socket
import time
from pathlib import Path

import httpx2
import pytest

from tests.engine_process import engine_process
from tests.gateway.engines import Engine
from tests.gateway.processes import GatewayProcess, gateway_process
from tools.loopback import free_port

BACK_WITHIN_S = 0.5
"""From the engine's port being open to the gateway's first answer that came from it."""


async def port_opens(port: int) -> float:
    """Wait until somebody listens on `port`, and return when that was."""
    async with asyncio.timeout(30):
        while True:
            with socket.socket() as probe:
                probe.setblocking(False)
                try:
                    await asyncio.get_running_loop().sock_connect(probe, ("127.0.0.1", port))
                except OSError:
                    await asyncio.sleep(0.002)
                else:
                    return time.monotonic()


async def answers_from_the_engine(http: httpx2.AsyncClient) -> float:
    """Ask until an answer comes from the engine, whatever it says, and return when that was."""
    async with asyncio.timeout(30):
        while True:
            response = await http.get("/ping/core-engine")
            if "did not answer" not in response.json().get("error", ""):
                return time.monotonic()
            await asyncio.sleep(0.005)


async def healthy(http: httpx2.AsyncClient) -> None:
    async with asyncio.timeout(30):
        while (await http.get("/health")).status_code != 200:
            await asyncio.sleep(0.02)


async def test_the_gateway_finds_an_engine_that_starts_after_it(tmp_path: Path) -> None:
    port = free_port()
    with gateway_process(tmp_path, f"127.0.0.1:{port}") as gateway:
        async with gateway.http() as http:
            assert (await http.get("/ping")).status_code == 200
            assert (await http.get("/health")).status_code == 503
            with engine_process(tmp_path, port=port, journal="memory"):
                opened, answered = await asyncio.gather(port_opens(port), answers_from_the_engine(http))
                assert answered - opened < BACK_WITHIN_S
                await healthy(http)


async def test_the_gateway_finds_an_engine_that_was_killed_and_started_again(tmp_path: Path) -> None:
    port = free_port()
    with gateway_process(tmp_path, f"127.0.0.1:{port}") as gateway:
        async with gateway.http() as http:
            with engine_process(tmp_path, port=port, journal="memory") as engine:
                await healthy(http)
                assert (await http.post("/v1/assets", json={"asset": "USD", "scale": 2})).status_code == 200
                engine.kill()
            lost = await http.post("/v1/assets", json={"asset": "USD", "scale": 2})
            assert lost.status_code == 503
            with engine_process(tmp_path, port=port, journal="memory"):
                opened, answered = await asyncio.gather(port_opens(port), answers_from_the_engine(http))
                assert answered - opened < BACK_WITHIN_S
                await healthy(http)
                assert (await http.post("/v1/assets", json={"asset": "USD", "scale": 2})).status_code == 200


async def test_the_log_tells_when_the_engine_comes_and_goes_though_nobody_calls(tmp_path: Path) -> None:
    def events() -> list[str]:
        told = ("engine_away", "engine_connected")
        return [str(line["event"]) for line in gateway.lines() if line["event"] in told]

    async def until(expected: list[str]) -> None:
        async with asyncio.timeout(10):
            while events() != expected:
                await asyncio.sleep(0.02)

    port = free_port()
    with gateway_process(tmp_path, f"127.0.0.1:{port}") as gateway:
        await gateway.listening()
        await until(["engine_away"])
        async with Engine().serving(port):
            await until(["engine_away", "engine_connected"])
        await until(["engine_away", "engine_connected", "engine_away"])
        assert await asyncio.to_thread(gateway.terminate) == 0


async def test_a_long_absence_does_not_make_the_return_slower(tmp_path: Path) -> None:
    """gRPC waits longer and longer between attempts, up to two minutes where it is not told otherwise."""
    port = free_port()
    with gateway_process(tmp_path, f"127.0.0.1:{port}") as gateway:
        async with gateway.http() as http:
            async with asyncio.timeout(30):
                for _ in range(40):
                    assert (await http.get("/ping/core-engine")).status_code == 503
                    await asyncio.sleep(0.1)
            async with Engine().serving(port):
                opened = time.monotonic()
                assert await answers_from_the_engine(http) - opened < BACK_WITHIN_S


async def test_one_request_id_stands_in_the_log_lines_of_both_services(tmp_path: Path) -> None:
    with (
        engine_process(tmp_path, journal="memory", log_format="json", log_level="DEBUG") as engine,
        gateway_process(tmp_path, engine.address) as gateway,
    ):
        async with gateway.http() as http:
            await healthy(http)
            response = await http.get("/v1/orders/999", headers={"x-request-id": "find-me-1"})
            assert response.status_code == 404
        found = [json.loads(line) for line in engine.log.read_text().splitlines() if "find-me-1" in line]
        assert found, "the engine's log does not have the request id"
        assert {line["request_id"] for line in found} == {"find-me-1"}
        await asyncio.to_thread(gateway.terminate)
        [answered] = [line for line in gateway.lines() if line.get("request_id") == "find-me-1"]
        assert {line["trace_id"] for line in found} == {answered["trace_id"]}


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
async def test_a_signal_ends_the_gateway_in_order(tmp_path: Path, number: signal.Signals) -> None:
    with gateway_process(tmp_path, f"127.0.0.1:{free_port()}") as gateway:
        await gateway.listening()
        gateway.process.send_signal(number)
        assert await asyncio.to_thread(gateway.process.wait, 10) == 0
        assert (gateway.lines()[-1]["event"], gateway.lines()[-1]["reason"]) == (
            "gateway_stopped",
            number.name,
        )


async def test_a_second_signal_ends_the_gateway_at_once(tmp_path: Path) -> None:
    engine = Engine()
    engine.market_data.gate.clear()
    async with engine.serving():
        with gateway_process(tmp_path, engine.address) as gateway:
            async with gateway.http() as http:
                call = asyncio.create_task(http.get("/v1/instruments/X"))
                await engine.market_data.called.wait()
                gateway.process.terminate()
                while not connection_is_refused(gateway):
                    await asyncio.sleep(0.01)
                assert gateway.process.poll() is None
                gateway.process.terminate()
                assert await asyncio.to_thread(gateway.process.wait, 2) == 128 + signal.SIGTERM
                with pytest.raises(httpx2.TransportError):
                    await call


def connection_is_refused(gateway: GatewayProcess) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", int(gateway.url.rpartition(":")[2]))) != 0


async def test_a_port_that_is_taken_is_said_in_one_line(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with gateway_process(tmp_path, "127.0.0.1:1", port=port) as gateway:
            assert await asyncio.to_thread(gateway.process.wait, 10) == 1
    [line] = gateway.lines()
    assert line["event"] == "gateway_cannot_run"
    assert f"cannot listen on 127.0.0.1:{port}" in str(line["problem"])
