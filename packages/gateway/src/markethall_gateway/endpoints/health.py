"""`/health`, `/ping` and `/ping/core-engine`: is the gateway there, is the engine, are both well.

Callers who ask about the engine at the same moment get the same answer from it.
"""

import json
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final

from starlette.types import Receive, Scope, Send

from markethall_common.clock import Clock
from markethall_common.request_context import RequestContext
from markethall_gateway.engine_client import EngineClient, EngineError
from markethall_gateway.engine_client.single_flight import SingleFlight
from markethall_gateway.transcoding.problems import problem_of
from markethall_gateway.transcoding.responses import send_json
from markethall_protos.v1 import RPCS, HealthCheckRequest, HealthCheckResponse

_HEALTH_CHECK: Final = RPCS["/markethall.v1.CoreEngineService/HealthCheck"]
_ENGINE_FACTS: Final = ("service", "port", "processors")
_UNKNOWN: Final = "unknown"
_encode: Final = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode


@dataclass(frozen=True, slots=True)
class Answer:
    """A status and a JSON document."""

    status: int
    body: bytes

    @classmethod
    def of(cls, *, is_healthy: bool, document: Mapping[str, Any]) -> "Answer":
        return cls(200 if is_healthy else 503, _encode(document).encode())

    async def send(self, send: Send) -> None:
        await send_json(send, self.status, self.body)


class Ping:
    """`/ping`, answered by the gateway alone."""

    def __init__(self, version: str, clock: Clock) -> None:
        self._version = version
        self._clock = clock

    async def __call__(self, _: Mapping[str, str], scope: Scope, receive: Receive, send: Send) -> None:
        document = {
            "message": "API Gateway ping successful",
            "healthy": True,
            "status": "healthy",
            "version": self._version,
            "timestamp": timestamp(self._clock),
        }
        await Answer.of(is_healthy=True, document=document).send(send)


class SharedAnswer:
    """Serves what `ask` answers, asked once for all who wait at the same moment."""

    def __init__(self, ask: Callable[[], Awaitable[Answer]]) -> None:
        self._answer = SingleFlight(ask)

    async def __call__(self, _: Mapping[str, str], scope: Scope, receive: Receive, send: Send) -> None:
        answer = await self._answer()
        await answer.send(send)


class EngineHealth:
    """Asks the engine how it is, and puts it in the words of `/ping/core-engine` and of `/health`."""

    def __init__(
        self,
        engine: EngineClient,
        *,
        address: str,
        timeout_s: float,
        gateway: Mapping[str, str],
        clock: Clock,
    ) -> None:
        """`gateway` is what `/health` says of the gateway itself: `version` and `environment`."""
        self._engine = engine
        self._address = address
        self._timeout_s = timeout_s
        self._gateway = gateway
        self._clock = clock

    async def ping(self) -> Answer:
        try:
            found = await self._check(HealthCheckRequest(skip_dependencies=True))
        except EngineError as error:
            document = {
                "message": "Core Engine ping failed",
                "healthy": False,
                "status": "unhealthy",
                "version": _UNKNOWN,
                "timestamp": timestamp(self._clock),
                "error": self._explain(error),
            }
            return Answer.of(is_healthy=False, document=document)
        document = {
            "message": "Core Engine ping successful" if found.healthy else "Core Engine is not healthy",
            "healthy": found.healthy,
            "status": found.status,
            "version": found.version,
            "timestamp": timestamp(self._clock),
        }
        if not found.healthy:
            document["error"] = f"{self._address} answers that it is {found.status}"
        return Answer.of(is_healthy=found.healthy, document=document)

    async def health(self) -> Answer:
        try:
            found = await self._check(HealthCheckRequest())
        except EngineError:
            port = self._address.rpartition(":")[2]
            facts = {"service": "core-engine", "port": port}
            found = HealthCheckResponse(status="unhealthy", version=_UNKNOWN, details=facts)
        document = {
            "status": "healthy" if found.healthy else "unhealthy",
            "timestamp": timestamp(self._clock),
            "services": {
                "api_gateway": {"status": "healthy", **self._gateway},
                "core_engine": {
                    "status": found.status,
                    "version": found.version,
                    "details": {name: found.details.get(name, _UNKNOWN) for name in _ENGINE_FACTS},
                },
            },
        }
        return Answer.of(is_healthy=found.healthy, document=document)

    async def _check(self, request: HealthCheckRequest) -> HealthCheckResponse:
        response: HealthCheckResponse = await self._engine.call(
            _HEALTH_CHECK, request, timeout_s=self._timeout_s, context=RequestContext.new()
        )
        return response

    def _explain(self, error: EngineError) -> str:
        """Say which address did not answer, and why, in gRPC's own words where it has some."""
        why = error.message or problem_of(error).detail
        return f"{self._address} did not answer: {why}"


def timestamp(clock: Clock) -> str:
    """The time in UTC to the second, as RFC 3339."""
    return datetime.fromtimestamp(clock.time_ns() // 1_000_000_000, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
