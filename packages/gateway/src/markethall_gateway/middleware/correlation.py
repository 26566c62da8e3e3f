"""Gives each request its id and its place in a trace, inwards and outwards.

What the caller sends in `x-request-id` and `traceparent` is taken over where it is fit; the response,
whatever it is, carries both, and so do log lines and the call of the engine.
"""

from typing import Final

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from markethall_common import request_context
from markethall_common.request_context import REQUEST_ID, TRACEPARENT, RequestContext

_REQUEST_ID: Final = REQUEST_ID.encode()
_TRACEPARENT: Final = TRACEPARENT.encode()


class Correlation:
    """Enters the request's context around the application."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        context = RequestContext.receive(scope["headers"])

        async def send_correlated(message: Message) -> None:
            if message["type"] == "http.response.start":
                message["headers"] += (
                    (_REQUEST_ID, context.request_id.encode()),
                    (_TRACEPARENT, context.trace.traceparent.encode()),
                )
            await send(message)

        with request_context.entered(context):
            await self._app(scope, receive, send_correlated)
