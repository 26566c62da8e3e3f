"""The request of a call, from what ASGI says of an HTTP request."""

from collections.abc import Mapping
from typing import Final

import betterproto2
from starlette.types import Receive, Scope

from markethall_gateway.engine_client import Violation
from markethall_gateway.transcoding import problem_kinds as kinds
from markethall_gateway.transcoding.binding import Binding
from markethall_gateway.transcoding.problems import Problem, ProblemError, invalid_request

JSON_TYPE: Final = "application/json"


async def read_request(
    binding: Binding, path_values: Mapping[str, str], scope: Scope, receive: Receive
) -> betterproto2.Message:
    """Read the body, which comes in one piece, and bind. Raises `ProblemError`."""
    message = await receive()
    body: bytes = message.get("body", b"")
    if body:
        if not binding.takes_body:
            raise invalid_request(Violation("", "expected no body"))
        _check_media_type(scope)
    return binding.bind(path_values, scope["query_string"], body)


def _check_media_type(scope: Scope) -> None:
    """Insist on JSON by name: web pages of other origins cannot send it without being asked first."""
    found = b""
    for name, value in scope["headers"]:
        if name == b"content-type":
            found = value
            break
    if found == b"application/json":
        return
    media_type = found.decode("latin-1")
    if media_type.partition(";")[0].strip().lower() != JSON_TYPE:
        detail = f"expected Content-Type {JSON_TYPE}, found {media_type or 'none'}"
        raise ProblemError(Problem(kinds.UNSUPPORTED_MEDIA_TYPE, detail))
