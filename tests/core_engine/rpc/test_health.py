"""The standard health service, HealthCheck and GetStatus, through the engine's life."""

import asyncio

import grpc
import pytest
from grpc_health.v1 import health_pb2, health_pb2_grpc

from markethall_engine.application.ports import JournalCorrupt
from markethall_engine.journal.memory import MemoryJournal
from markethall_engine.rpc.services import Services
from markethall_engine.settings import EngineSettings
from markethall_protos import v1
from tests.core_engine.rpc.client import Client, order, refused
from tests.core_engine.rpc.slow_disk import SlowDisk
from tests.engine_process import running_engine

SERVING = health_pb2.HealthCheckResponse.SERVING
NOT_SERVING = health_pb2.HealthCheckResponse.NOT_SERVING


@pytest.mark.parametrize("service", ["", *Services.names])
async def test_each_service_is_checked_and_watched_by_name(client: Client, service: str):
    async with running_engine() as engine:
        health = health_pb2_grpc.HealthStub(engine.channel)
        response = await health.Check(health_pb2.HealthCheckRequest(service=service))
        assert response.status == SERVING
        watch = health.Watch(health_pb2.HealthCheckRequest(service=service))
        assert (await watch.read()).status == SERVING
        engine.shutdown.request("draining")
        assert (await watch.read()).status == NOT_SERVING


async def test_a_service_that_is_not_built_is_unknown_to_health_checks():
    async with running_engine() as engine:
        health = health_pb2_grpc.HealthStub(engine.channel)
        with pytest.raises(grpc.aio.AioRpcError) as caught:
            await health.Check(health_pb2.HealthCheckRequest(service="markethall.v1.IdentityService"))
        assert caught.value.code() == grpc.StatusCode.NOT_FOUND


async def test_health_check_can_leave_the_dependencies_out(client: Client):
    response = await client.core_engine.health_check(v1.HealthCheckRequest(skip_dependencies=True))
    assert (response.healthy, response.dependencies) == (True, [])


async def test_an_engine_that_cannot_read_its_journal_is_unhealthy(
    client: Client, monkeypatch: pytest.MonkeyPatch
):
    def unreadable(*_: object) -> None:
        raise JournalCorrupt(9, "not as it was written")

    monkeypatch.setattr(MemoryJournal, "read_each", unreadable)
    health = await client.core_engine.health_check(v1.HealthCheckRequest())
    assert (health.healthy, health.status) == (False, "unhealthy")
    [journal] = health.dependencies
    assert (journal.name, journal.healthy) == ("journal", False)
    assert "not as it was written" in journal.error


async def test_status_gives_the_engines_figures(client: Client):
    await client.trade()
    await client.place()
    stream = client.orders.stream_execution_reports(v1.StreamExecutionReportsRequest("maker"))
    await stream.initial_metadata()
    status = await client.core_engine.get_status(v1.GetStatusRequest(include_digest=True))
    assert status == v1.GetStatusResponse(
        state="running",
        version=status.version,
        start_time=status.start_time,
        sequence=12,
        queue_capacity=65_536,
        instrument_count=1,
        account_count=2,
        resting_order_count=1,
        trade_count=1,
        digest=status.digest,
        open_stream_count=1,
    )
    assert len(status.digest) == 64
    stream.cancel()


async def test_while_a_call_is_under_way_the_engine_drains_and_says_so():
    async with running_engine() as engine:
        client = Client(engine.channel)
        await client.open_market()
        stream = client.core_engine.process_messages()
        # What was sent is under way until its answer is read: the stream cannot end before.
        message = v1.EngineMessage("1", place_order=order())
        for _ in range(50):
            await stream.write(v1.ProcessMessagesRequest([message] * 200))
        engine.shutdown.request("the test says so")
        await asyncio.sleep(0)
        answers = 0
        with pytest.raises(grpc.aio.AioRpcError) as caught:
            while True:
                answer = await stream.read()
                answers += 1
                assert all(outcome.place_order is not None for outcome in answer.outcomes)
        assert caught.value.code() == grpc.StatusCode.UNAVAILABLE
        assert answers > 0
        await engine.task


async def test_a_draining_engine_finishes_what_is_under_way_and_refuses_what_comes(
    monkeypatch: pytest.MonkeyPatch,
):
    disk = SlowDisk(monkeypatch)
    async with running_engine() as engine:
        client = Client(engine.channel)
        await client.open_market()
        watch = health_pb2_grpc.HealthStub(engine.channel).Watch(health_pb2.HealthCheckRequest())
        assert (await watch.read()).status == SERVING
        with disk.stuck():
            under_way = asyncio.ensure_future(client.place())
            while not (await status(client)).queued_commands:
                await asyncio.sleep(0)
            engine.shutdown.request("the test says so")
            assert (await watch.read()).status == NOT_SERVING
            error = await refused(client.orders.place_order(order()))
            assert (error.code, error.reason) == (grpc.StatusCode.UNAVAILABLE, "DRAINING")
            assert error.retry_after_s == 1
            health = await client.core_engine.health_check(v1.HealthCheckRequest())
            assert (health.healthy, health.status) == (False, "draining")
        placed = (await under_way).order
        assert placed is not None and placed.status == v1.OrderStatus.NEW
        await engine.task


async def test_a_call_that_takes_longer_than_the_drain_is_canceled(monkeypatch: pytest.MonkeyPatch):
    disk = SlowDisk(monkeypatch)
    async with running_engine(EngineSettings(journal="memory", drain_s=0.05)) as engine:
        client = Client(engine.channel)
        await client.open_market()
        with disk.stuck():
            under_way = client.orders.place_order(order())
            while not (await status(client)).queued_commands:
                await asyncio.sleep(0)
            engine.shutdown.request("the test says so")
            assert (await refused(under_way)).code == grpc.StatusCode.UNAVAILABLE
        await engine.task


async def status(client: Client) -> v1.GetStatusResponse:
    return await client.core_engine.get_status(v1.GetStatusRequest())
