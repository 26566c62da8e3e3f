"""The one place where an exception becomes a status, and where its facts become `google.rpc` details.

A unary call carries them as its status and the binary trailer `grpc-status-details-bin`; a message in a
batch carries the same facts as a `MessageError`. What has no row in the table is our fault: INTERNAL, and
nothing of it is told but the request id.
"""

import datetime
from dataclasses import dataclass

import grpc
from betterproto2 import Message

from markethall_engine.application.sequencer import EngineStopped, QueueFull
from markethall_engine.application.streams import CannotResume
from markethall_engine.application.subscription import SlowReader, StreamEnded
from markethall_engine.rpc.errors import (
    AlreadyExists,
    CallRefused,
    DeadlineExceeded,
    InvalidParameters,
    InvalidRequest,
    MalformedMessage,
    NotFound,
    NotServing,
    PreconditionFailed,
    Violation,
)
from markethall_protos.codec import encode
from markethall_protos.google.protobuf import Any
from markethall_protos.google.rpc import BadRequest, BadRequestFieldViolation, ErrorInfo, RetryInfo, Status
from markethall_protos.v1 import FieldViolation, MessageError

STATUS_DETAILS = "grpc-status-details-bin"
"""The trailer that holds an encoded `google.rpc.Status`."""

ERROR_DOMAIN = "markethall"

_CODES: dict[type[Exception], grpc.StatusCode] = {
    InvalidRequest: grpc.StatusCode.INVALID_ARGUMENT,
    InvalidParameters: grpc.StatusCode.INVALID_ARGUMENT,
    MalformedMessage: grpc.StatusCode.INVALID_ARGUMENT,
    NotFound: grpc.StatusCode.NOT_FOUND,
    AlreadyExists: grpc.StatusCode.ALREADY_EXISTS,
    PreconditionFailed: grpc.StatusCode.FAILED_PRECONDITION,
    NotServing: grpc.StatusCode.UNAVAILABLE,
    DeadlineExceeded: grpc.StatusCode.DEADLINE_EXCEEDED,
}

_QUEUE_RETRY_S = 0.05
_RESTART_RETRY_S = 1.0


@dataclass(frozen=True, slots=True)
class Failure:
    """What a caller is told of a failed call. `retry_after_s` is set where trying again may help."""

    code: grpc.StatusCode
    reason: str
    message: str
    violations: tuple[Violation, ...] = ()
    retry_after_s: float | None = None

    @property
    def number(self) -> int:
        """The code's number, as in google.rpc.Code."""
        number, _ = self.code.value
        return int(number)

    def details(self) -> bytes:
        """Encode the `google.rpc.Status` that goes with the gRPC status."""
        details: list[Any] = [_packed("ErrorInfo", ErrorInfo(reason=self.reason, domain=ERROR_DOMAIN))]
        if self.violations:
            violations = [
                BadRequestFieldViolation(field=violation.field, description=violation.description)
                for violation in self.violations
            ]
            details.append(_packed("BadRequest", BadRequest(field_violations=violations)))
        if self.retry_after_s is not None:
            delay = datetime.timedelta(seconds=self.retry_after_s)
            details.append(_packed("RetryInfo", RetryInfo(retry_delay=delay)))
        return encode(Status(code=self.number, message=self.message, details=details))

    def message_error(self) -> MessageError:
        """The same facts as one message's outcome in a batch or a stream."""
        return MessageError(
            code=self.number,
            reason=self.reason,
            message=self.message,
            field_violations=[
                FieldViolation(field=violation.field, description=violation.description)
                for violation in self.violations
            ],
        )


def failure_of(error: Exception) -> Failure:
    """Say what a caller is told of `error`."""
    match error:
        case CallRefused():
            violations = error.violations if isinstance(error, InvalidRequest) else ()
            retry_after_s = _RESTART_RETRY_S if isinstance(error, NotServing) else None
            return Failure(_CODES[type(error)], error.reason, error.message, violations, retry_after_s)
        case QueueFull():
            return Failure(
                grpc.StatusCode.RESOURCE_EXHAUSTED, "QUEUE_FULL", str(error), retry_after_s=_QUEUE_RETRY_S
            )
        case CannotResume():
            return Failure(grpc.StatusCode.OUT_OF_RANGE, "CANNOT_RESUME", str(error))
        case SlowReader():
            return Failure(grpc.StatusCode.RESOURCE_EXHAUSTED, "SLOW_READER", str(error))
        case StreamEnded():
            return Failure(
                grpc.StatusCode.UNAVAILABLE, "DRAINING", "the engine is shutting down", (), _RESTART_RETRY_S
            )
        case EngineStopped():
            return Failure(
                grpc.StatusCode.UNAVAILABLE,
                "ENGINE_STOPPED",
                "the engine stopped before it could answer; the command may have been carried out: "
                "repeat it under the same client order id to learn which",
                retry_after_s=_RESTART_RETRY_S,
            )
        case _:
            return Failure(
                grpc.StatusCode.INTERNAL, "INTERNAL", "internal error; the engine's log has it by request id"
            )


def _packed(name: str, message: Message) -> Any:
    return Any(type_url=f"type.googleapis.com/google.rpc.{name}", value=encode(message))
