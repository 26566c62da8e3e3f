"""The four targets of a venue on one machine: health check, HTTP, connection set-up, `/health`."""

import asyncio
import time
from statistics import median

import grpc.aio

from tools.benchmarks import grpc_load, http_load
from tools.benchmarks.figures import Figure
from tools.benchmarks.processes import Venue

SECTION = "targets"
CALLS = 2_000
SET_UPS = 50


def health_check(venue: Venue) -> list[Figure]:
    """`HealthCheck` over gRPC, one caller, one connection."""
    load = grpc_load.Load(venue.engine_address, "health", calls=CALLS, in_flight=1, warm_up=200)
    timings = grpc_load.measure(load)
    p99 = timings.percentile_ms(0.99)
    return [
        Figure(SECTION, "gRPC health check, 1 caller, median", timings.percentile_ms(0.5), "ms", bar=1.0),
        Figure(SECTION, "gRPC health check, 1 caller, p99", p99, "ms"),
    ]


def http_responses(venue: Venue) -> list[Figure]:
    """HTTP answers with 16 requests in flight, and `/health` with one."""
    figures = []
    for path in ("/ping", "/ping/core-engine"):
        timings = http_load.measure(_get(venue, path, connections=16))
        figures.append(
            Figure(SECTION, f"GET {path}, 16 in flight, p99", timings.percentile_ms(0.99), "ms", bar=10.0)
        )
    timings = http_load.measure(_get(venue, "/health", connections=1))
    figures.append(Figure(SECTION, "GET /health, p99", timings.percentile_ms(0.99), "ms", bar=50.0))
    return figures


def connection_set_up(venue: Venue) -> list[Figure]:
    """From nothing to a gRPC channel that is ready."""

    async def set_up_s() -> float:
        started = time.perf_counter()
        async with grpc.aio.insecure_channel(
            venue.engine_address, options=[("grpc.use_local_subchannel_pool", 1)]
        ) as channel:
            await channel.channel_ready()
            return time.perf_counter() - started

    async def all_s() -> list[float]:
        return [await set_up_s() for _ in range(SET_UPS)]

    seconds = asyncio.run(all_s())
    return [
        Figure(SECTION, "gRPC connection set-up, median", median(seconds) * 1e3, "ms", bar=100.0),
        Figure(SECTION, "gRPC connection set-up, worst", max(seconds) * 1e3, "ms"),
    ]


def measure(venue: Venue) -> list[Figure]:
    return [*health_check(venue), *http_responses(venue), *connection_set_up(venue)]


def _get(venue: Venue, path: str, *, connections: int) -> http_load.Load:
    return http_load.Load(
        "127.0.0.1", venue.gateway_port, "GET", path, "", requests=CALLS, connections=connections, warm_up=300
    )
