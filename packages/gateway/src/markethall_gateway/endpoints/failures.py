"""What Starlette itself has to say, as problem documents."""

from collections.abc import Mapping
from typing import Any, Final

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from markethall_common import request_context
from markethall_gateway.transcoding import problem_kinds as kinds
from markethall_gateway.transcoding.problems import MEDIA_TYPE, Problem, broken


def _refused(request: Request, error: Exception) -> Response:
    """A path that no route has is the only thing that Starlette refuses here."""
    assert isinstance(error, HTTPException)
    return _response(Problem(kinds.NO_SUCH_PATH, f"there is nothing at {request.url.path}"))


def _broken(request: Request, error: Exception) -> Response:
    """Starlette raises the exception again, and `middleware.failures` logs it."""
    return _response(broken())


def _response(problem: Problem) -> Response:
    context = request_context.current()
    return Response(
        problem.document(context.request_id if context else ""), problem.kind.status, media_type=MEDIA_TYPE
    )


HANDLERS: Final[Mapping[Any, Any]] = {HTTPException: _refused, Exception: _broken}
