"""The engine's checks: connection, standard health, its own health, and the time of a health check."""

import asyncio
import time
from statistics import median

import grpc.aio
from grpc_health.v1.health_pb2 import HealthCheckRequest as StandardRequest
from grpc_health.v1.health_pb2 import HealthCheckResponse as StandardResponse

from markethall_protos.v1 import CoreEngineServiceStub, HealthCheckRequest
from tools.connection_checks.check import Check, Verdict, failed, time_calls_ms
from tools.connection_checks.reachability import why_unreachable

CONNECTION = "connection set-up"
STANDARD_HEALTH = "grpc.health.v1 Check"
HEALTH = "HealthCheck"
ROUND_TRIP = "HealthCheck, one caller, median"

SET_UP_TARGET_MS = 100.0
ROUND_TRIP_TARGET_MS = 1.0

_SET_UPS = 5
_WARM_UP = 50


async def check_engine(address: str, *, calls: int, timeout_s: float) -> list[Check]:
    """Ask the engine at `address`, `host:port`; what needs a connection is skipped without one."""
    host, _, port = address.rpartition(":")
    why = await why_unreachable(host, int(port), timeout_s)
    if why:
        skipped = [Check(name, address, Verdict.SKIPPED) for name in (STANDARD_HEALTH, HEALTH, ROUND_TRIP)]
        return [failed(CONNECTION, address, why), *skipped]
    async with grpc.aio.insecure_channel(address) as channel:
        return [
            await _check_set_up(address, timeout_s),
            await _check_standard_health(channel, address, timeout_s),
            await _check_health(channel, address, timeout_s),
            await _check_round_trip(channel, address, calls, timeout_s),
        ]


async def _check_set_up(address: str, timeout_s: float) -> Check:
    """From nothing to a channel that is ready, several times; the worst counts."""
    latencies_ms = []
    # A pool of its own, since the channels of one process share their connections otherwise.
    options = (("grpc.use_local_subchannel_pool", 1),)
    try:
        for _ in range(_SET_UPS):
            started = time.perf_counter_ns()
            async with asyncio.timeout(timeout_s), grpc.aio.insecure_channel(address, options) as channel:
                await channel.channel_ready()
                latencies_ms.append((time.perf_counter_ns() - started) / 1e6)
    except TimeoutError:
        return failed(CONNECTION, address, f"accepts connections, but does not speak gRPC in {timeout_s:g} s")
    return Check.timed(
        CONNECTION,
        address,
        measured_ms=max(latencies_ms),
        target_ms=SET_UP_TARGET_MS,
        detail=f"worst of {_SET_UPS}",
    )


async def _check_standard_health(channel: grpc.aio.Channel, address: str, timeout_s: float) -> Check:
    check = channel.unary_unary(
        "/grpc.health.v1.Health/Check",
        request_serializer=StandardRequest.SerializeToString,
        response_deserializer=StandardResponse.FromString,
    )
    try:
        response = await check(StandardRequest(), timeout=timeout_s)
    except grpc.aio.AioRpcError as error:
        return failed(STANDARD_HEALTH, address, _describe(error))
    verdict = Verdict.OK if response.status == StandardResponse.SERVING else Verdict.FAILED
    return Check(STANDARD_HEALTH, address, verdict, StandardResponse.ServingStatus.Name(response.status))


async def _check_health(channel: grpc.aio.Channel, address: str, timeout_s: float) -> Check:
    try:
        response = await CoreEngineServiceStub(channel).health_check(HealthCheckRequest(), timeout=timeout_s)
    except grpc.aio.AioRpcError as error:
        return failed(HEALTH, address, _describe(error))
    dependencies = (
        f"; {dependency.name} {'healthy' if dependency.healthy else dependency.error}"
        for dependency in response.dependencies
    )
    detail = f"{response.status}, version {response.version}{''.join(dependencies)}"
    return Check(HEALTH, address, Verdict.OK if response.healthy else Verdict.FAILED, detail)


async def _check_round_trip(channel: grpc.aio.Channel, address: str, calls: int, timeout_s: float) -> Check:
    stub = CoreEngineServiceStub(channel)
    request = HealthCheckRequest(skip_dependencies=True)
    try:
        latencies_ms = await time_calls_ms(
            lambda: stub.health_check(request, timeout=timeout_s), warm_up=_WARM_UP, count=calls
        )
    except grpc.aio.AioRpcError as error:
        return failed(ROUND_TRIP, address, _describe(error))
    return Check.timed(
        ROUND_TRIP,
        address,
        measured_ms=median(latencies_ms),
        target_ms=ROUND_TRIP_TARGET_MS,
        detail=f"{calls:,} calls",
    )


def _describe(error: grpc.aio.AioRpcError) -> str:
    return f"{error.code().name}: {error.details()}"
