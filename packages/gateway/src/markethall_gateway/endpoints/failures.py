"""What Starlette itself has to say, as problem documents."""

from collections.abc import Mapping
from typing import Any, Final

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from markethall_common import request_context
from markethall_gateway.transcoding import problem_kinds as kinds
from markethall_gateway.transcoding.problems import Problem, broken


def _refused(request: Request, error: Exception) -> Response:
    """No route has the path, or the route that has it takes other methods; Starlette refuses nothing else."""
    assert isinstance(error, HTTPException)
    if error.status_code != 405:
        return _response(Problem(kinds.NO_SUCH_PATH, f"there is nothing at {request.url.path}"))
    allowed = (error.headers or {}).get("Allow", "")
    detail = f"expected {allowed}, found {request.method}"
    return _response(Problem(kinds.METHOD_NOT_ALLOWED, detail, allowed=tuple(allowed.split(", "))))


def _broken(request: Request, error: Exception) -> Response:
    """Something is broken; Starlette raises it once more, and `middleware.failures` logs it."""
    return _response(broken())


def _response(problem: Problem) -> Response:
    context = request_context.current()
    response = Response(problem.document(context.request_id if context else ""), problem.kind.status)
    response.raw_headers += problem.headers()
    return response


HANDLERS: Final[Mapping[Any, Any]] = {HTTPException: _refused, Exception: _broken}
