"""The one place where an exception that nobody expected ends: in the log, and as a problem document."""

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from markethall_common.logs import logger
from markethall_gateway.transcoding.problems import broken
from markethall_gateway.transcoding.responses import send_problem


class Failures:
    """Logs what went wrong inside and tells the caller no more than the request id."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        is_started = is_whole = False

        async def send_noted(message: Message) -> None:
            nonlocal is_started, is_whole
            is_started = True
            is_whole = message["type"] == "http.response.body" and not message.get("more_body", False)
            await send(message)

        try:
            await self._app(scope, receive, send_noted)
        except Exception:
            logger.exception("request_failed", method=scope["method"], path=scope["path"])
            if not is_started:
                await send_problem(send, broken())
            elif not is_whole:
                raise  # The server cuts the connection, so that half an answer is not taken for a whole one.
