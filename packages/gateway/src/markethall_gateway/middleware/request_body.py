"""Reads the body before the application starts, within a size and a time.

Every body of the API is one JSON document, so nothing is gained by starting before it is whole, and an
application that never waits for its caller cannot be held up by one. The server in front has neither limit.
"""

import asyncio
from typing import Final

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from markethall_gateway.transcoding import problem_kinds as kinds
from markethall_gateway.transcoding.problems import Problem, ProblemError
from markethall_gateway.transcoding.responses import send_problem

LINGER_S: Final = 2.0
"""How long the rest of a refused body is read and dropped, so that its sender gets to read the answer."""


class _ClientGone(Exception):
    """The connection ended before the body did."""


class RequestBody:
    """Hands the application the whole body as the first message that it receives."""

    def __init__(self, app: ASGIApp, *, max_bytes: int, timeout_s: float) -> None:
        self._app = app
        self._max_bytes = max_bytes
        self._timeout_s = timeout_s

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        try:
            body = await self._read(scope, receive)
        except ProblemError as error:
            await _refuse(error.problem, receive, send)
            return
        except _ClientGone:
            return
        first: Message | None = {"type": "http.request", "body": body, "more_body": False}

        async def receive_whole() -> Message:
            nonlocal first
            if first is None:
                return await receive()
            message, first = first, None
            return message

        await self._app(scope, receive_whole, send)

    async def _read(self, scope: Scope, receive: Receive) -> bytes:
        for name, value in scope["headers"]:
            if name == b"content-length" and value.isdigit() and int(value) > self._max_bytes:
                raise self._too_large(f"{int(value)}")
        parts: list[bytes] = []
        size = 0
        try:
            async with asyncio.timeout(self._timeout_s):
                while True:
                    message = await receive()
                    if message["type"] != "http.request":
                        raise _ClientGone
                    part = message.get("body", b"")
                    size += len(part)
                    if size > self._max_bytes:
                        raise self._too_large("more")
                    parts.append(part)
                    if not message.get("more_body", False):
                        return b"".join(parts)
        except TimeoutError:
            detail = f"expected the whole body within {self._timeout_s:g} s, found {size} bytes of it"
            raise ProblemError(Problem(kinds.REQUEST_TIMEOUT, detail)) from None

    def _too_large(self, found: str) -> ProblemError:
        detail = f"expected at most {self._max_bytes} bytes, found {found}"
        return ProblemError(Problem(kinds.CONTENT_TOO_LARGE, detail))


async def _refuse(problem: Problem, receive: Receive, send: Send) -> None:
    """Answer while the rest of the body still comes, and end the answer once it came or `LINGER_S` are over.

    The server closes the connection when the answer ends, and a sender who is still at it would be told of
    that instead of the answer. Hypercorn also queues ten pieces of a body for the application and then waits,
    even to end the answer; so what is not wanted must be read all the same.
    """

    async def send_unended(message: Message) -> None:
        await send({**message, "more_body": True} if message["type"] == "http.response.body" else message)

    rest = asyncio.create_task(_drop_rest(receive))
    try:
        await send_problem(send_unended, problem)
        await asyncio.wait([rest], timeout=LINGER_S)
        await send({"type": "http.response.body", "body": b""})
    finally:
        rest.cancel()


async def _drop_rest(receive: Receive) -> None:
    while (message := await receive())["type"] == "http.request" and message.get("more_body", False):
        pass
