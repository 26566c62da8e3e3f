"""What is read from the status and the details of a failed call."""

import grpc
import pytest
from grpc.aio import AioRpcError, Metadata

from markethall_gateway.engine_client.errors import EngineError, Violation
from markethall_protos.codec import encode
from markethall_protos.v1 import FieldViolation, MessageError
from tests.gateway.engines import details


def failed(code: grpc.StatusCode, message: str, trailers: bytes | None) -> AioRpcError:
    trailing = Metadata() if trailers is None else Metadata(("grpc-status-details-bin", trailers))
    return AioRpcError(code, Metadata(), trailing, message)


def test_the_engines_reason_and_violations_are_read() -> None:
    status = details("INVALID_REQUEST", ("price", "expected a decimal"), retry_after_s=0.25)
    error = EngineError.from_call(failed(grpc.StatusCode.INVALID_ARGUMENT, "price: …", encode(status)))
    assert (error.code, error.message, error.reason) == (
        grpc.StatusCode.INVALID_ARGUMENT,
        "price: …",
        "INVALID_REQUEST",
    )
    assert error.violations == (Violation("price", "expected a decimal"),)
    assert error.retry_after_s == 0.25
    assert error.is_for_caller


def test_a_reason_of_another_domain_is_not_the_engines() -> None:
    status = details("RATE_LIMITED", domain="proxy.example")
    error = EngineError.from_call(failed(grpc.StatusCode.RESOURCE_EXHAUSTED, "slow down", encode(status)))
    assert (error.reason, error.is_for_caller) == ("", False)


@pytest.mark.parametrize("trailers", [None, b"\xff\xff\xff"])
def test_without_details_the_status_is_all_there_is(trailers: bytes | None) -> None:
    error = EngineError.from_call(failed(grpc.StatusCode.UNAVAILABLE, "Socket closed", trailers))
    assert (error.code, error.message, error.reason, error.violations, error.is_for_caller) == (
        grpc.StatusCode.UNAVAILABLE,
        "Socket closed",
        "",
        (),
        False,
    )


def test_the_error_of_a_command_says_the_same() -> None:
    error = EngineError.from_outcome(
        MessageError(
            code=3,
            reason="INVALID_REQUEST",
            message="price: …",
            field_violations=[FieldViolation(field="price", description="expected a decimal")],
        )
    )
    assert (error.code, error.reason, error.violations) == (
        grpc.StatusCode.INVALID_ARGUMENT,
        "INVALID_REQUEST",
        (Violation("price", "expected a decimal"),),
    )


@pytest.mark.parametrize("code", [0, 99, -1])
def test_a_code_that_no_error_can_have_is_unknown(code: int) -> None:
    assert EngineError.from_outcome(MessageError(code=code)).code is grpc.StatusCode.UNKNOWN
