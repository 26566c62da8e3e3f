"""All of the gateway's paths, found by table instead of one after the other."""

from collections.abc import Awaitable, Callable, Mapping

from starlette.types import ASGIApp, Receive, Scope, Send

from markethall_gateway.engine_client import EngineError, Violation
from markethall_gateway.transcoding import problem_kinds as kinds
from markethall_gateway.transcoding.problems import Problem, ProblemError, invalid_request, problem_of
from markethall_gateway.transcoding.responses import send_problem
from markethall_gateway.transcoding.routes import Found, RouteTable

Endpoint = Callable[[Mapping[str, str], Scope, Receive, Send], Awaitable[None]]
"""Serves a request, whose path variables come first. May raise `ProblemError` and `EngineError`."""


class Table:
    """Serves every path of a table, with a problem document where it cannot; the rest is for `other`.

    It stands before Starlette and not in it, as one of its routes: what Starlette puts around a route costs
    as much as all of the gateway's middleware, and none of it is needed here.
    """

    def __init__(self, table: RouteTable[Endpoint], other: ASGIApp) -> None:
        self._table = table
        self._other = other

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        found = self._find(scope) if scope["type"] == "http" else None
        if found is None:
            await self._other(scope, receive, send)
            return
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
        try:
            return self._table.find(scope["method"], scope["raw_path"].decode("ascii"))
        except UnicodeDecodeError:
            return Found(_not_utf8, {})


async def _not_utf8(_: Mapping[str, str], scope: Scope, receive: Receive, send: Send) -> None:
    raise invalid_request(Violation("", "expected a path in percent-encoded UTF-8, found other bytes"))
