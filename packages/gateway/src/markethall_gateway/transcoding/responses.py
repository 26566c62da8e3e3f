"""Responses of one piece, written to ASGI with nothing in between."""

from starlette.types import Send

from markethall_common import request_context
from markethall_gateway.transcoding.problems import Problem

Header = tuple[bytes, bytes]


async def send_json(send: Send, status: int, body: bytes) -> None:
    """Send a whole response of JSON."""
    await _send(send, status, [(b"content-type", b"application/json")], body)


async def send_problem(send: Send, problem: Problem) -> None:
    """Answer the current request with a problem document."""
    context = request_context.current()
    body = problem.document("" if context is None else context.request_id)
    await _send(send, problem.kind.status, problem.headers(), body)


async def _send(send: Send, status: int, headers: list[Header], body: bytes) -> None:
    headers.append((b"content-length", b"%d" % len(body)))
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})
