"""Responses of one piece, written to ASGI with nothing in between."""

from collections.abc import Iterable
from typing import Final

from starlette.types import Send

from markethall_common import request_context
from markethall_gateway.transcoding.problems import Problem

JSON: Final = b"application/json"

Header = tuple[bytes, bytes]


async def send_body(
    send: Send, status: int, media_type: bytes, body: bytes, headers: Iterable[Header] = ()
) -> None:
    """Send a whole response."""
    await send(
        {
            "type": "http.response.start",
            "status": status,
            "headers": [(b"content-type", media_type), (b"content-length", b"%d" % len(body)), *headers],
        }
    )
    await send({"type": "http.response.body", "body": body})


async def send_problem(send: Send, problem: Problem) -> None:
    """Answer the current request with a problem document."""
    context = request_context.current()
    body = problem.document("" if context is None else context.request_id)
    length = (b"content-length", b"%d" % len(body))
    await send(
        {
            "type": "http.response.start",
            "status": problem.kind.status,
            "headers": [*problem.headers(), length],
        }
    )
    await send({"type": "http.response.body", "body": body})
