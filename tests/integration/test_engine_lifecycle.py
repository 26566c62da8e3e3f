"""An engine comes up, says so, serves, drains and ends, in order; and says why where it cannot."""

import asyncio
import json
import resource
import threading
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import grpc
import pytest
from grpc_health.v1 import health_pb2, health_pb2_grpc

from markethall_engine import bootstrap
from markethall_engine.application.ports import JournalInUse, JournalReader, SnapshotStore
from markethall_engine.application.recovery import Recovery, recover
from markethall_engine.settings import EngineSettings
from markethall_protos import v1
from tests.core_engine.rpc.client import Client, order, refused
from tests.engine_process import EngineProcess, engine_process, running_engine

NOT_SERVING = health_pb2.HealthCheckResponse.NOT_SERVING
SERVING = health_pb2.HealthCheckResponse.SERVING


def log_lines(engine: EngineProcess, event: str) -> list[dict[str, object]]:
    lines = map(json.loads, engine.log.read_text().splitlines())
    return [line for line in lines if line["event"] == event]


async def ended(engine: EngineProcess) -> int:
    """Wait for the process to end by itself, and give its exit status."""
    return await asyncio.to_thread(engine.process.wait, 30)


async def test_health_check_tells_service_port_and_processors():
    async with running_engine(EngineSettings(journal="memory", processors=4)) as engine:
        health = await v1.CoreEngineServiceStub(engine.channel).health_check(v1.HealthCheckRequest())
    assert (health.healthy, health.status) == (True, "healthy")
    assert health.details == {"service": "core-engine", "port": str(engine.engine.port), "processors": "4"}
    [journal] = health.dependencies
    assert (journal.name, journal.healthy, journal.error) == ("journal", True, "")
    assert float(journal.response_time_ms) >= 0


async def test_a_process_serves_and_ends_on_sigterm_with_status_0(tmp_path: Path):
    with engine_process(tmp_path) as engine:
        async with engine.channel() as channel:
            client = Client(channel)
            await client.open_market()
            assert (await client.place()).order is not None
            assert (await client.core_engine.health_check(v1.HealthCheckRequest())).healthy
        assert await asyncio.to_thread(engine.terminate) == 0
    events = [json.loads(line)["event"] for line in engine.log.read_text().splitlines()]
    assert events == ["engine_listening", "engine_serving", "engine_draining", "engine_stopped"]


@asynccontextmanager
async def recovering_engine(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[threading.Event]:
    """An engine on a journal that takes as long to recover as the test wants."""
    may_recover = threading.Event()

    def slow_recover(journal: JournalReader, snapshots: SnapshotStore) -> Recovery:
        may_recover.wait()
        return recover(journal, snapshots)

    monkeypatch.setattr(bootstrap, "recover", slow_recover)
    try:
        yield may_recover
    finally:
        may_recover.set()


async def test_the_port_is_open_while_the_engine_recovers_and_says_that_it_does(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
):
    settings = EngineSettings(data_directory=tmp_path)
    async with recovering_engine(monkeypatch) as may_recover, running_engine(settings, wait=False) as engine:
        client = Client(engine.channel)
        watch = health_pb2_grpc.HealthStub(engine.channel).Watch(health_pb2.HealthCheckRequest())
        assert (await watch.read()).status == NOT_SERVING
        health = await client.core_engine.health_check(v1.HealthCheckRequest())
        assert (health.healthy, health.status) == (False, "recovering")
        assert (await client.core_engine.get_status(v1.GetStatusRequest())).state == "recovering"
        error = await refused(client.orders.place_order(order()))
        assert (error.code, error.reason) == (grpc.StatusCode.UNAVAILABLE, "RECOVERING")
        may_recover.set()
        assert (await watch.read()).status == SERVING
        await client.open_market()
        watch.cancel()


async def test_an_engine_that_is_asked_to_end_while_it_recovers_ends_at_once(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
):
    settings = EngineSettings(data_directory=tmp_path)
    async with recovering_engine(monkeypatch), running_engine(settings, wait=False) as engine:
        await engine.stop()


async def test_a_second_engine_on_the_port_is_refused_and_the_first_serves_on(tmp_path: Path):
    with engine_process(tmp_path) as first:
        async with first.channel() as channel:
            other = tmp_path / "other"
            other.mkdir()
            with engine_process(other, port=first.port) as second:
                assert await ended(second) == 1
            [line] = log_lines(second, "engine_cannot_run")
            assert f"cannot listen on 127.0.0.1:{first.port}: Address already in use" in str(line["problem"])
            health = await v1.CoreEngineServiceStub(channel).health_check(v1.HealthCheckRequest())
            assert health.healthy


async def test_a_second_engine_on_the_journal_is_refused_and_the_first_serves_on(tmp_path: Path):
    with engine_process(tmp_path) as first:
        async with first.channel() as channel:
            with engine_process(tmp_path) as second:
                assert await ended(second) == 1
            [line] = log_lines(second, "engine_cannot_run")
            assert "another engine owns the journal" in str(line["problem"])
            health = await v1.CoreEngineServiceStub(channel).health_check(v1.HealthCheckRequest())
            assert health.healthy


async def test_an_engine_that_cannot_own_its_journal_gives_its_port_back(tmp_path: Path):
    settings = EngineSettings(data_directory=tmp_path)
    async with running_engine(settings):
        with pytest.raises(JournalInUse):
            async with running_engine(settings):
                raise AssertionError("two engines run on one journal")


@pytest.mark.skipif(not hasattr(resource, "prlimit"), reason="limiting another process's files needs Linux")
async def test_an_engine_whose_disk_is_full_says_so_and_ends_with_status_1(tmp_path: Path):
    with engine_process(tmp_path) as engine:
        async with engine.channel() as channel:
            client = Client(channel)
            await client.open_market()
            placed = (await client.place(client_order_id="before")).order
            full = max(path.stat().st_size for path in (tmp_path / "data" / "engine").iterdir())
            resource.prlimit(engine.process.pid, resource.RLIMIT_FSIZE, (full, full))
            with pytest.raises(grpc.aio.AioRpcError) as caught:
                for number in range(1_000):
                    await client.place(client_order_id=f"after-{number}")
            assert caught.value.code() == grpc.StatusCode.UNAVAILABLE
            assert await ended(engine) == 1
    [line] = log_lines(engine, "engine_failed")
    assert "could not be written" in str(line["exception"])

    with engine_process(tmp_path) as restarted:
        async with restarted.channel() as channel:
            found = await Client(channel).orders.get_order(
                v1.GetOrderRequest(client_order_id="before", account_id="maker")
            )
            assert found.order == placed


async def test_a_journal_in_memory_is_forgotten_with_the_process(tmp_path: Path):
    settings = EngineSettings(journal="memory", data_directory=tmp_path)
    async with running_engine(settings) as engine:
        await Client(engine.channel).open_market()
    async with running_engine(settings) as engine:
        status = await Client(engine.channel).core_engine.get_status(v1.GetStatusRequest())
    assert status.sequence == 0
    assert list(tmp_path.iterdir()) == []
