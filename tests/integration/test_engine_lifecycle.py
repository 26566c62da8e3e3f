"""An engine comes up, says so, serves, drains and ends, in order."""

import asyncio
from pathlib import Path

from markethall_protos import v1
from tests.engine_process import engine_process, running_engine


async def test_an_engine_in_process_answers_health_checks():
    async with running_engine() as engine:
        health = await v1.CoreEngineServiceStub(engine.channel).health_check(v1.HealthCheckRequest())
    assert (health.healthy, health.status) == (True, "healthy")
    assert health.details == {
        "service": "core-engine",
        "port": str(engine.engine.port),
        "processors": health.details["processors"],
    }
    assert [(d.name, d.healthy, d.error) for d in health.dependencies] == [("journal", True, "")]


async def test_an_engine_process_serves_and_ends_on_sigterm_with_status_0(tmp_path: Path):
    with engine_process(tmp_path) as engine:
        async with engine.channel() as channel:
            health = await v1.CoreEngineServiceStub(channel).health_check(v1.HealthCheckRequest())
        assert health.healthy
        assert await asyncio.to_thread(engine.terminate) == 0
