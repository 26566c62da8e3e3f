"""How a call of the engine can fail: one exception, whichever way the call went.

A unary call or a server stream ends with a gRPC status and `google.rpc` details in its trailing metadata; a
command on the shared stream ends with a `MessageError`. Both say the same, and both become an `EngineError`.
"""

from typing import Final, NamedTuple

import grpc
import grpc.aio

from markethall_protos.codec import DecodeError, decode
from markethall_protos.google.rpc import BadRequest, ErrorInfo, RetryInfo, Status
from markethall_protos.v1 import MessageError

ERROR_DOMAIN: Final = "markethall"
"""`ErrorInfo.domain` of the errors that the engine itself has written."""

_DETAILS: Final = "grpc-status-details-bin"
_CODES: Final = {int(code.value[0]): code for code in grpc.StatusCode if code is not grpc.StatusCode.OK}


class Violation(NamedTuple):
    """What is wrong with one field: its path in the request, and what was expected and found."""

    field: str
    description: str


class EngineError(Exception):
    """A call that has no answer but this.

    `reason` is machine-readable, and empty where only gRPC knows what happened. `message` was written for the
    caller to read where `is_for_caller`, and by gRPC otherwise.
    """

    def __init__(
        self,
        code: grpc.StatusCode,
        message: str,
        *,
        reason: str = "",
        violations: tuple[Violation, ...] = (),
        retry_after_s: float | None = None,
        is_for_caller: bool = False,
    ) -> None:
        super().__init__(code, message)
        self.code = code
        self.message = message
        self.reason = reason
        self.violations = violations
        self.retry_after_s = retry_after_s
        self.is_for_caller = is_for_caller

    def __str__(self) -> str:
        return f"{self.code.name}: {self.message}"

    @classmethod
    def from_call(cls, error: grpc.aio.AioRpcError) -> "EngineError":
        """Read the status, and the details where there are any that can be read."""
        try:
            info, bad_request, retry = _details(error)
        except DecodeError:
            info, bad_request, retry = ErrorInfo(), BadRequest(), RetryInfo()
        delay = retry.retry_delay
        return cls(
            error.code(),
            error.details() or "",
            reason=info.reason if info.domain == ERROR_DOMAIN else "",
            violations=tuple(
                Violation(found.field, found.description) for found in bad_request.field_violations
            ),
            retry_after_s=None if delay is None else delay.total_seconds(),
            is_for_caller=info.domain == ERROR_DOMAIN,
        )

    @classmethod
    def from_outcome(cls, error: MessageError) -> "EngineError":
        """Read the error of a command that came over the shared stream."""
        return cls(
            _CODES.get(error.code, grpc.StatusCode.UNKNOWN),
            error.message,
            reason=error.reason,
            violations=tuple(Violation(found.field, found.description) for found in error.field_violations),
            is_for_caller=True,
        )


def _details(error: grpc.aio.AioRpcError) -> tuple[ErrorInfo, BadRequest, RetryInfo]:
    """Read the details, each empty where it is missing. Raises `DecodeError` where they are corrupt."""
    info, bad_request, retry = ErrorInfo(), BadRequest(), RetryInfo()
    for key, value in error.trailing_metadata() or ():
        if key != _DETAILS or not isinstance(value, bytes):
            continue
        for detail in decode(Status, value).details:
            match detail.type_url.rpartition("/")[2]:
                case "google.rpc.ErrorInfo":
                    info = decode(ErrorInfo, detail.value)
                case "google.rpc.BadRequest":
                    bad_request = decode(BadRequest, detail.value)
                case "google.rpc.RetryInfo":
                    retry = decode(RetryInfo, detail.value)
    return info, bad_request, retry
