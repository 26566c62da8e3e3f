"""Takes up nothing new once the gateway has been asked to end, and lets what is under way be finished.

A server that closes its idle connections can close one whose next request has just come in; its answer would
be lost. What has not begun by then is therefore never begun: it has had no effect, and its caller can send it
again.
"""

from typing import Final

from starlette.types import ASGIApp, Receive, Scope, Send

from markethall_common.shutdown import Shutdown
from markethall_gateway.transcoding import problem_kinds as kinds
from markethall_gateway.transcoding.problems import Problem
from markethall_gateway.transcoding.responses import send_problem

_SHUTTING_DOWN: Final = Problem(
    kinds.UNAVAILABLE,
    "the gateway is shutting down; the request was not taken up",
    "SHUTTING_DOWN",
    retry_after_s=1,
)


class Draining:
    """Refuses every request that begins after `shutdown` was requested."""

    def __init__(self, app: ASGIApp, shutdown: Shutdown) -> None:
        self._app = app
        self._shutdown = shutdown

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and self._shutdown.is_requested:
            await send_problem(send, _SHUTTING_DOWN)
        else:
            await self._app(scope, receive, send)
