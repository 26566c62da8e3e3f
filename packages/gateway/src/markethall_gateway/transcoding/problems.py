"""Problem documents, the one form in which the gateway says that something went wrong (RFC 9457).

    {"type": "/problems/invalid-argument", "title": "The request makes no sense", "status": 400,
     "detail": "price: expected a decimal, found '6.5e4'", "request_id": "…", "reason": "INVALID_REQUEST",
     "errors": [{"field": "price", "description": "expected a decimal, found '6.5e4'"}]}

All members are always there. `reason` is UPPER_SNAKE_CASE, for programs; `errors` names the fields at fault.
"""

import json
import math
from dataclasses import dataclass
from typing import Final

from markethall_gateway.engine_client import EngineError, Violation
from markethall_gateway.transcoding import problem_kinds as kinds
from markethall_gateway.transcoding.problem_kinds import ProblemKind

MEDIA_TYPE: Final = "application/problem+json"

_UNEXPLAINED: Final[dict[ProblemKind, str]] = {
    kinds.UNAVAILABLE: "the core engine cannot be reached",
    kinds.DEADLINE_EXCEEDED: "the core engine did not answer in time",
    kinds.CANCELLED: "the call was canceled",
    kinds.RESOURCE_EXHAUSTED: "the call exceeds a limit of the connection to the core engine",
    kinds.UNIMPLEMENTED: "this version of the core engine does not do this",
}
"""What callers are told where only gRPC has said something, which is for the log."""

_BROKEN: Final = "something is broken on our side; the log has more under this request id"
_RETRY_AFTER_S: Final = 1
_encode: Final = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode


@dataclass(frozen=True, slots=True)
class Problem:
    """A problem, before it is known in which response it goes out."""

    kind: ProblemKind
    detail: str
    reason: str = ""
    errors: tuple[Violation, ...] = ()
    retry_after_s: int | None = None
    allowed: tuple[str, ...] = ()

    def document(self, request_id: str) -> bytes:
        """Write the document."""
        return _encode(
            {
                "type": self.kind.uri,
                "title": self.kind.title,
                "status": self.kind.status,
                "detail": self.detail,
                "request_id": request_id,
                "reason": self.reason or self.kind.reason,
                "errors": [error._asdict() for error in self.errors],
            }
        ).encode("utf-8", "replace")

    def headers(self) -> list[tuple[bytes, bytes]]:
        """The response's headers that say the same to programs that do not read the document."""
        headers = [(b"content-type", MEDIA_TYPE.encode())]
        if self.retry_after_s is not None:
            headers.append((b"retry-after", b"%d" % self.retry_after_s))
        if self.allowed:
            headers.append((b"allow", ", ".join(self.allowed).encode()))
        return headers


class ProblemError(Exception):
    """Ends the work on a request; its problem becomes the response."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(problem.kind.name, problem.detail)
        self.problem = problem


def invalid_request(*violations: Violation) -> ProblemError:
    """The request makes no sense, for all these reasons."""
    detail = "; ".join(f"{field}: {text}" if field else text for field, text in violations)
    return ProblemError(Problem(kinds.INVALID_ARGUMENT, detail, "INVALID_REQUEST", violations))


def problem_of(error: EngineError) -> Problem:
    """Say what a caller is told of a call that failed."""
    kind = kinds.OF_STATUS[error.code]
    if kind is kinds.INTERNAL:
        return Problem(kind, _BROKEN)
    detail = error.message if error.is_for_caller else _UNEXPLAINED.get(kind, error.message)
    retry_after_s = None
    if kind in (kinds.UNAVAILABLE, kinds.RESOURCE_EXHAUSTED):
        retry_after_s = math.ceil(error.retry_after_s or _RETRY_AFTER_S)
    return Problem(kind, detail, error.reason, error.violations, retry_after_s)


def broken() -> Problem:
    """Something is broken on our side, and nothing of it is told."""
    return Problem(kinds.INTERNAL, _BROKEN)
