"""All of the gateway's paths as one route of Starlette, found by table instead of one after the other."""

from collections.abc import Awaitable, Callable, Mapping

from starlette.routing import BaseRoute, Match
from starlette.types import Receive, Scope, Send

from markethall_gateway.engine_client import EngineError, Violation
from markethall_gateway.transcoding import problem_kinds as kinds
from markethall_gateway.transcoding.problems import Problem, ProblemError, invalid_request, problem_of
from markethall_gateway.transcoding.responses import send_problem
from markethall_gateway.transcoding.routes import Found, RouteTable

Endpoint = Callable[[Mapping[str, str], Scope, Receive, Send], Awaitable[None]]
"""Serves a request, whose path variables come first. May raise `ProblemError` and `EngineError`."""

_FOUND = "markethall.found"


class TableRoute(BaseRoute):
    """Serves every path of a table, and answers with a problem document where an endpoint cannot."""

    def __init__(self, table: RouteTable[Endpoint]) -> None:
        self._table = table

    def matches(self, scope: Scope) -> tuple[Match, Scope]:
        if scope["type"] != "http":
            return Match.NONE, {}
        found = self._find(scope)
        return (Match.NONE, {}) if found is None else (Match.FULL, {_FOUND: found})

    async def handle(self, scope: Scope, receive: Receive, send: Send) -> None:
        found: Found[Endpoint] = scope[_FOUND]
        try:
            if found.endpoint is None:
                allowed = ", ".join(found.allowed)
                detail = f"expected {allowed}, found {scope['method']}"
                raise ProblemError(Problem(kinds.METHOD_NOT_ALLOWED, detail, allowed=found.allowed))
            await found.endpoint(found.values, scope, receive, send)
        except ProblemError as error:
            await send_problem(send, error.problem)
        except EngineError as error:
            await send_problem(send, problem_of(error))

    def _find(self, scope: Scope) -> Found[Endpoint] | None:
        path: str = scope["raw_path"].decode("ascii")
        try:
            return self._table.find(scope["method"], path)
        except UnicodeDecodeError:
            return Found(_not_utf8, {})


async def _not_utf8(_: Mapping[str, str], scope: Scope, receive: Receive, send: Send) -> None:
    raise invalid_request(Violation("", "expected a path in percent-encoded UTF-8, found other bytes"))
