"""One line in the log for each request, written when it is over.

Hypercorn's own copies the process's environment for each line. The query is left out: it may hold what should
not be in a log.
"""

import time

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from markethall_common.logs import logger


class AccessLog:
    """Logs `request_answered` with method, path, status and duration; the status is 0 where none was sent."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        status = 0

        async def send_noted(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        started = time.perf_counter()
        try:
            await self._app(scope, receive, send_noted)
        finally:
            client = scope.get("client")
            logger.info(
                "request_answered",
                method=scope["method"],
                path=scope["path"],
                status=status,
                duration_ms=round((time.perf_counter() - started) * 1000, 3),
                client=client[0] if client else "",
            )
