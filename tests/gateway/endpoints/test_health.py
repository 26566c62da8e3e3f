"""`/health`, `/ping` and `/ping/core-engine`: the exact shapes, with the engine there, ill and away."""

import asyncio
import re
from datetime import UTC, datetime

import pytest

from markethall_common.clock import ManualClock
from tests.gateway.engines import Engine
from tests.gateway.gateways import running_gateway
from tools.loopback import free_port

NOON = ManualClock(int(datetime(2026, 11, 23, 13, 30, tzinfo=UTC).timestamp()) * 10**9 + 999_999_999)
TIME = "2026-11-23T13:30:00Z"


async def test_health_with_everything_well() -> None:
    async with Engine().serving() as engine, running_gateway(engine.address, clock=NOON) as gateway:
        response = await gateway.http.get("/health")
    assert response.status_code == 200
    assert response.json() == {
        "status": "healthy",
        "timestamp": TIME,
        "services": {
            "api_gateway": {"status": "healthy", "version": "0.1.0", "environment": "development"},
            "core_engine": {
                "status": "healthy",
                "version": "0.1.0",
                "details": {"service": "core-engine", "port": "50052", "processors": "4"},
            },
        },
    }


async def test_health_without_the_engine_has_the_same_shape() -> None:
    port = free_port()
    async with running_gateway(f"127.0.0.1:{port}", clock=NOON) as gateway:
        response = await gateway.http.get("/health")
    assert response.status_code == 503
    assert response.json() == {
        "status": "unhealthy",
        "timestamp": TIME,
        "services": {
            "api_gateway": {"status": "healthy", "version": "0.1.0", "environment": "development"},
            "core_engine": {
                "status": "unhealthy",
                "version": "unknown",
                "details": {"service": "core-engine", "port": str(port), "processors": "unknown"},
            },
        },
    }


async def test_health_while_the_engine_recovers_is_unhealthy() -> None:
    engine = Engine()
    engine.core.status = "recovering"
    async with engine.serving(), running_gateway(engine.address) as gateway:
        response = await gateway.http.get("/health")
    assert response.status_code == 503
    assert response.json()["status"] == "unhealthy"
    assert response.json()["services"]["core_engine"]["status"] == "recovering"


async def test_health_names_the_installation() -> None:
    async with (
        Engine().serving() as engine,
        running_gateway(engine.address, environment="staging") as gateway,
    ):
        response = await gateway.http.get("/health")
    assert response.json()["services"]["api_gateway"]["environment"] == "staging"


async def test_ping_is_answered_by_the_gateway_alone() -> None:
    async with running_gateway(f"127.0.0.1:{free_port()}", clock=NOON) as gateway:
        response = await gateway.http.get("/ping")
    assert response.status_code == 200
    assert response.json() == {
        "message": "API Gateway ping successful",
        "healthy": True,
        "status": "healthy",
        "version": "0.1.0",
        "timestamp": TIME,
    }


async def test_ping_of_the_engine() -> None:
    async with Engine().serving() as engine, running_gateway(engine.address, clock=NOON) as gateway:
        response = await gateway.http.get("/ping/core-engine")
    assert response.status_code == 200
    assert response.json() == {
        "message": "Core Engine ping successful",
        "healthy": True,
        "status": "healthy",
        "version": "0.1.0",
        "timestamp": TIME,
    }


async def test_ping_without_the_engine_says_which_address_did_not_answer_and_why() -> None:
    address = f"127.0.0.1:{free_port()}"
    async with running_gateway(address) as gateway:
        response = await gateway.http.get("/ping/core-engine")
    assert response.status_code == 503
    assert response.json()["healthy"] is False
    assert re.fullmatch(rf"{address} did not answer: .*Connection refused.*", response.json()["error"])


async def test_ping_of_an_engine_that_hangs_ends_with_its_own_deadline() -> None:
    engine = Engine()
    engine.core.gate.clear()
    async with engine.serving(), running_gateway(engine.address, health_timeout_s=0.2) as gateway:
        response = await gateway.http.get("/ping/core-engine")
    assert response.status_code == 503
    assert response.json()["error"] == f"{engine.address} did not answer: Deadline Exceeded"


async def test_ping_of_an_engine_that_is_ill_says_so() -> None:
    engine = Engine()
    engine.core.status = "draining"
    async with engine.serving(), running_gateway(engine.address) as gateway:
        response = await gateway.http.get("/ping/core-engine")
    assert response.status_code == 503
    assert response.json()["status"] == "draining"
    assert response.json()["error"] == f"{engine.address} answers that it is draining"


async def test_pings_of_the_same_moment_share_one_call() -> None:
    engine = Engine()
    engine.core.gate.clear()
    async with engine.serving(), running_gateway(engine.address) as gateway:
        pings = [asyncio.create_task(gateway.http.get("/ping/core-engine")) for _ in range(20)]
        await asyncio.sleep(0.2)
        engine.core.gate.set()
        responses = await asyncio.gather(*pings)
    assert {response.status_code for response in responses} == {200}
    assert len({response.headers["x-request-id"] for response in responses}) == 20
    assert len(engine.core.health_checks) == 1


async def test_a_ping_leaves_the_engines_dependencies_alone_and_health_does_not() -> None:
    async with Engine().serving() as engine, running_gateway(engine.address) as gateway:
        await gateway.http.get("/ping/core-engine")
        await gateway.http.get("/health")
    assert [check.skip_dependencies for check in engine.core.health_checks] == [True, False]


@pytest.mark.parametrize("path", ["/health", "/ping", "/ping/core-engine"])
async def test_health_is_never_stored(path: str) -> None:
    async with Engine().serving() as engine, running_gateway(engine.address) as gateway:
        response = await gateway.http.get(path)
    assert response.headers["cache-control"] == "no-store"
