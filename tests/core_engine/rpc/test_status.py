"""The error table: which exception becomes which status, with which details."""

import grpc
import pytest

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
from markethall_engine.rpc.status import failure_of
from markethall_protos import v1
from markethall_protos.codec import decode
from markethall_protos.google.rpc import BadRequest, ErrorInfo, RetryInfo, Status

VIOLATIONS = (Violation("price", "bad"), Violation("side", "worse"))

TABLE = [
    (InvalidRequest(VIOLATIONS), "INVALID_ARGUMENT", "INVALID_REQUEST"),
    (InvalidParameters("INVALID_PARAMETERS", "no"), "INVALID_ARGUMENT", "INVALID_PARAMETERS"),
    (MalformedMessage("cut off"), "INVALID_ARGUMENT", "MALFORMED_MESSAGE"),
    (NotFound("UNKNOWN_ORDER", "no"), "NOT_FOUND", "UNKNOWN_ORDER"),
    (AlreadyExists("ALREADY_EXISTS", "no"), "ALREADY_EXISTS", "ALREADY_EXISTS"),
    (PreconditionFailed("INSUFFICIENT_FUNDS", "no"), "FAILED_PRECONDITION", "INSUFFICIENT_FUNDS"),
    (NotServing("RECOVERING", "no"), "UNAVAILABLE", "RECOVERING"),
    (DeadlineExceeded(), "DEADLINE_EXCEEDED", "DEADLINE_EXCEEDED"),
    (QueueFull(3, 2, 2), "RESOURCE_EXHAUSTED", "QUEUE_FULL"),
    (EngineStopped("secret"), "UNAVAILABLE", "ENGINE_STOPPED"),
    (SlowReader(5), "RESOURCE_EXHAUSTED", "SLOW_READER"),
    (StreamEnded("ended"), "UNAVAILABLE", "DRAINING"),
    (CannotResume("too far"), "OUT_OF_RANGE", "CANNOT_RESUME"),
    (KeyError("secret"), "INTERNAL", "INTERNAL"),
]


@pytest.mark.parametrize(
    ("error", "code", "reason"), TABLE, ids=[type(error).__name__ for error, *_ in TABLE]
)
def test_each_error_has_a_code_and_a_reason_and_leaks_nothing(error: Exception, code: str, reason: str):
    failure = failure_of(error)
    assert (failure.code.name, failure.reason) == (code, reason)
    assert "secret" not in failure.message
    status = decode(Status, failure.details())
    assert (status.code, status.message) == (failure.number, failure.message)
    info = decode(ErrorInfo, status.details[0].value)
    assert (info.reason, info.domain) == (reason, "markethall")
    assert failure.message_error() == v1.MessageError(
        code=failure.code.value[0],
        reason=reason,
        message=failure.message,
        field_violations=[
            v1.FieldViolation(field=violation.field, description=violation.description)
            for violation in failure.violations
        ],
    )


def test_every_refusal_has_a_row():
    rows = {type(error) for error, *_ in TABLE}
    assert set(CallRefused.__subclasses__()) <= rows


def test_violations_are_details_and_the_message_names_the_first():
    failure = failure_of(InvalidRequest(VIOLATIONS))
    assert failure.message == "price: bad (and 1 more)"
    bad_request = decode(BadRequest, decode(Status, failure.details()).details[1].value)
    assert [(each.field, each.description) for each in bad_request.field_violations] == [
        ("price", "bad"),
        ("side", "worse"),
    ]


@pytest.mark.parametrize(
    ("error", "seconds"),
    [(QueueFull(1, 1, 1), 0.05), (NotServing("DRAINING", "no"), 1.0), (EngineStopped(), 1.0)],
)
def test_what_may_pass_says_when_to_try_again(error: Exception, seconds: float):
    status = decode(Status, failure_of(error).details())
    retry = decode(RetryInfo, status.details[-1].value)
    assert retry.retry_delay is not None
    assert retry.retry_delay.total_seconds() == seconds
    assert status.details[-1].type_url == "type.googleapis.com/google.rpc.RetryInfo"


def test_details_of_a_request_with_many_faults_fit_in_trailers():
    violations = tuple(Violation(f"field_{number}", "x" * 150) for number in range(20))
    assert len(failure_of(InvalidRequest(violations)).details()) < 6_000


def test_the_code_of_a_message_error_is_that_of_google_rpc():
    assert failure_of(NotFound("UNKNOWN_ORDER", "no")).number == 5
    assert grpc.StatusCode.NOT_FOUND.value[0] == 5
