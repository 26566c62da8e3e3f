"""Every kind of problem that the gateway can answer with, and the one table from gRPC status to HTTP status.

A kind is what a problem document's `type` names, as `/problems/<name>`, and what is documented there. The
mapping of the canonical codes is that of google/rpc/code.proto.
"""

from dataclasses import dataclass
from typing import Final

from grpc import StatusCode


@dataclass(frozen=True, slots=True)
class ProblemKind:
    """A kind of problem: its name in the URI, its title and HTTP status, and what a caller can do."""

    name: str
    title: str
    status: int
    advice: str

    @property
    def uri(self) -> str:
        """The `type` of RFC 9457, relative to the gateway."""
        return f"/problems/{self.name}"

    @property
    def reason(self) -> str:
        """What a document's `reason` says where nothing says it more exactly."""
        return self.name.upper().replace("-", "_")


INVALID_ARGUMENT: Final = ProblemKind(
    "invalid-argument",
    "The request makes no sense",
    400,
    "Correct the fields that `errors` names; the same request will fail again.",
)
FAILED_PRECONDITION: Final = ProblemKind(
    "failed-precondition",
    "The venue's state does not allow it",
    400,
    "`reason` names the rule. Try again only after the state has changed.",
)
OUT_OF_RANGE: Final = ProblemKind(
    "out-of-range", "Past the end", 400, "What was asked for lies beyond what there is."
)
UNAUTHENTICATED: Final = ProblemKind(
    "unauthenticated", "Credentials are missing or invalid", 401, "Send valid credentials."
)
PERMISSION_DENIED: Final = ProblemKind(
    "permission-denied", "Not allowed", 403, "Use credentials that hold the scope which the call needs."
)
NOT_FOUND: Final = ProblemKind(
    "not-found", "Not found", 404, "`reason` says what kind of thing does not exist; check its name."
)
NO_SUCH_PATH: Final = ProblemKind(
    "no-such-path", "There is nothing at this path", 404, "See /docs for what there is."
)
METHOD_NOT_ALLOWED: Final = ProblemKind(
    "method-not-allowed", "The path takes other methods", 405, "The header `Allow` has them."
)
NOT_ACCEPTABLE: Final = ProblemKind(
    "not-acceptable", "No media type in common", 406, "`detail` has the media types that there are."
)
REQUEST_TIMEOUT: Final = ProblemKind(
    "request-timeout", "The request's body did not arrive in time", 408, "Send the body at once."
)
ALREADY_EXISTS: Final = ProblemKind(
    "already-exists", "It exists, with other content", 409, "Use another name or id, or read what is there."
)
ABORTED: Final = ProblemKind(
    "aborted", "Another change came first", 409, "Read the present state and try again."
)
CONTENT_TOO_LARGE: Final = ProblemKind(
    "content-too-large",
    "The request's body is too large",
    413,
    "`detail` has the limit; send less at a time.",
)
UNSUPPORTED_MEDIA_TYPE: Final = ProblemKind(
    "unsupported-media-type", "The request's body is no JSON", 415, "Send `Content-Type: application/json`."
)
RESOURCE_EXHAUSTED: Final = ProblemKind(
    "resource-exhausted", "Too much at once", 429, "Wait as long as `Retry-After` says, then try again."
)
CANCELLED: Final = ProblemKind(
    "cancelled",
    "The call was canceled",
    499,
    "It was canceled before it was answered, usually by its caller.",
)
INTERNAL: Final = ProblemKind(
    "internal",
    "Something is broken on our side",
    500,
    "Tell the operator the `request_id`; the log has more.",
)
UNIMPLEMENTED: Final = ProblemKind(
    "unimplemented", "Not built yet", 501, "The contract describes it, and this version does not do it."
)
UNAVAILABLE: Final = ProblemKind(
    "unavailable",
    "The venue cannot answer now",
    503,
    "Wait as long as `Retry-After` says, then try again. With the reason OUTCOME_UNKNOWN the command may "
    "have been carried out: repeat it under the same client order id, which cannot place it twice.",
)
DEADLINE_EXCEEDED: Final = ProblemKind(
    "deadline-exceeded",
    "No answer in time",
    504,
    "With the reason OUTCOME_UNKNOWN the command may have been carried out: repeat it under the same client "
    "order id, which cannot place it twice.",
)

OF_STATUS: Final[dict[StatusCode, ProblemKind]] = {
    StatusCode.CANCELLED: CANCELLED,
    StatusCode.UNKNOWN: INTERNAL,
    StatusCode.INVALID_ARGUMENT: INVALID_ARGUMENT,
    StatusCode.DEADLINE_EXCEEDED: DEADLINE_EXCEEDED,
    StatusCode.NOT_FOUND: NOT_FOUND,
    StatusCode.ALREADY_EXISTS: ALREADY_EXISTS,
    StatusCode.PERMISSION_DENIED: PERMISSION_DENIED,
    StatusCode.RESOURCE_EXHAUSTED: RESOURCE_EXHAUSTED,
    StatusCode.FAILED_PRECONDITION: FAILED_PRECONDITION,
    StatusCode.ABORTED: ABORTED,
    StatusCode.OUT_OF_RANGE: OUT_OF_RANGE,
    StatusCode.UNIMPLEMENTED: UNIMPLEMENTED,
    StatusCode.INTERNAL: INTERNAL,
    StatusCode.UNAVAILABLE: UNAVAILABLE,
    StatusCode.DATA_LOSS: INTERNAL,
    StatusCode.UNAUTHENTICATED: UNAUTHENTICATED,
}
"""The kind of problem that a call of the engine becomes, by the status that it ended with."""

HTTP_ONLY: Final = (
    NO_SUCH_PATH,
    METHOD_NOT_ALLOWED,
    NOT_ACCEPTABLE,
    REQUEST_TIMEOUT,
    CONTENT_TOO_LARGE,
    UNSUPPORTED_MEDIA_TYPE,
)
"""Kinds that arise before there is a call."""

ALL: Final[dict[str, ProblemKind]] = {kind.name: kind for kind in (*OF_STATUS.values(), *HTTP_ONLY)}
