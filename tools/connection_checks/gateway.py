"""The gateway's checks: itself, the engine through it, the health of all, and the time that answers take."""

import asyncio
import json
import ssl
from collections.abc import Awaitable
from statistics import median
from urllib.parse import urlsplit

from tools.connection_checks.check import Check, Verdict, failed, percentile, time_calls_ms
from tools.connection_checks.http_client import HttpConnection, HttpError
from tools.connection_checks.reachability import why_unreachable

PING = "GET /ping"
ENGINE_PING = "GET /ping/core-engine"
HEALTH = "GET /health, median"
IN_FLIGHT = "GET /ping, 16 in flight, p99"

HEALTH_TARGET_MS = 50.0
IN_FLIGHT_TARGET_MS = 10.0

_CALLERS = 16
_WARM_UP = 20
_HEALTH_CALLS = 50
_OK = 200


async def check_gateway(url: str, *, calls: int, timeout_s: float, tls: ssl.SSLContext | None) -> list[Check]:
    """Ask the gateway at the base `url`; what needs a connection is skipped without one."""
    parts = urlsplit(url)
    port = parts.port or (443 if parts.scheme == "https" else 80)
    why = await why_unreachable(parts.hostname or "", port, timeout_s)
    if why:
        skipped = [Check(name, url, Verdict.SKIPPED) for name in (ENGINE_PING, HEALTH, IN_FLIGHT)]
        return [failed(PING, url, why), *skipped]

    async def answered(name: str, check: Awaitable[Check]) -> Check:
        try:
            async with asyncio.timeout(timeout_s):
                return await check
        except TimeoutError:
            return failed(name, url, f"not answered in {timeout_s:g} s")
        except (HttpError, OSError) as error:
            return failed(name, url, str(error))

    return [
        await answered(PING, _check_ping(url, tls)),
        await answered(ENGINE_PING, _check_engine_ping(url, tls)),
        await answered(HEALTH, _check_health(url, tls)),
        await answered(IN_FLIGHT, _check_in_flight(url, tls, calls)),
    ]


async def _check_ping(url: str, tls: ssl.SSLContext | None) -> Check:
    async with HttpConnection(url, tls) as connection:
        answer = await connection.get("/ping")
    verdict = Verdict.OK if answer.status == _OK else Verdict.FAILED
    return Check(PING, url, verdict, f"{answer.status}, version {_field(answer.body, 'version')}")


async def _check_engine_ping(url: str, tls: ssl.SSLContext | None) -> Check:
    async with HttpConnection(url, tls) as connection:
        answer = await connection.get("/ping/core-engine")
    if answer.status == _OK:
        return Check(ENGINE_PING, url, Verdict.OK, _field(answer.body, "message"))
    return failed(ENGINE_PING, url, f"{answer.status}: {_field(answer.body, 'error')}")


async def _check_health(url: str, tls: ssl.SSLContext | None) -> Check:
    async with HttpConnection(url, tls) as connection:
        answer = await connection.get("/health")
        if answer.status != _OK:
            return failed(HEALTH, url, f"{answer.status}: {_field(answer.body, 'status')}")
        latencies_ms = await time_calls_ms(lambda: connection.get("/health"), warm_up=0, count=_HEALTH_CALLS)
    return Check.timed(
        HEALTH,
        url,
        measured_ms=median(latencies_ms),
        target_ms=HEALTH_TARGET_MS,
        detail=f"{_field(answer.body, 'status')}; {_HEALTH_CALLS} requests",
    )


async def _check_in_flight(url: str, tls: ssl.SSLContext | None, calls: int) -> Check:
    """Sixteen callers at a time, each with a connection of its own."""

    async def one_caller() -> list[float]:
        async with HttpConnection(url, tls) as connection:
            return await time_calls_ms(
                lambda: connection.get("/ping"), warm_up=_WARM_UP, count=max(1, calls // _CALLERS)
            )

    latencies_ms = [
        latency_ms
        for latencies in await asyncio.gather(*(one_caller() for _ in range(_CALLERS)))
        for latency_ms in latencies
    ]
    return Check.timed(
        IN_FLIGHT,
        url,
        measured_ms=percentile(latencies_ms, 0.99),
        target_ms=IN_FLIGHT_TARGET_MS,
        detail=f"{len(latencies_ms):,} requests",
    )


def _field(body: bytes, name: str) -> str:
    """A field of a JSON object, as text; "" where there is none."""
    try:
        document = json.loads(body)
    except ValueError:
        return ""
    return str(document.get(name, "")) if isinstance(document, dict) else ""
