import json

import grpc
import pytest

from markethall_gateway.engine_client import EngineError, Violation
from markethall_gateway.transcoding import problem_kinds as kinds
from markethall_gateway.transcoding.problem_kinds import ProblemKind
from markethall_gateway.transcoding.problems import Problem, invalid_request, problem_of

HTTP_STATUS = {
    # google/rpc/code.proto
    grpc.StatusCode.CANCELLED: 499,
    grpc.StatusCode.UNKNOWN: 500,
    grpc.StatusCode.INVALID_ARGUMENT: 400,
    grpc.StatusCode.DEADLINE_EXCEEDED: 504,
    grpc.StatusCode.NOT_FOUND: 404,
    grpc.StatusCode.ALREADY_EXISTS: 409,
    grpc.StatusCode.PERMISSION_DENIED: 403,
    grpc.StatusCode.UNAUTHENTICATED: 401,
    grpc.StatusCode.RESOURCE_EXHAUSTED: 429,
    grpc.StatusCode.FAILED_PRECONDITION: 400,
    grpc.StatusCode.ABORTED: 409,
    grpc.StatusCode.OUT_OF_RANGE: 400,
    grpc.StatusCode.UNIMPLEMENTED: 501,
    grpc.StatusCode.INTERNAL: 500,
    grpc.StatusCode.UNAVAILABLE: 503,
    grpc.StatusCode.DATA_LOSS: 500,
}


@pytest.mark.parametrize("code", [code for code in grpc.StatusCode if code is not grpc.StatusCode.OK])
def test_every_status_has_the_http_status_of_code_proto(code: grpc.StatusCode) -> None:
    assert kinds.OF_STATUS[code].status == HTTP_STATUS[code]


def test_a_document_has_all_members_always() -> None:
    document = json.loads(
        Problem(kinds.NOT_FOUND, "no instrument 'X'", "UNKNOWN_INSTRUMENT").document("id-1")
    )
    assert document == {
        "type": "/problems/not-found",
        "title": "Not found",
        "status": 404,
        "detail": "no instrument 'X'",
        "request_id": "id-1",
        "reason": "UNKNOWN_INSTRUMENT",
        "errors": [],
    }


def test_errors_name_each_field() -> None:
    problem = invalid_request(
        Violation("price", "expected a decimal"), Violation("", "expected no query")
    ).problem
    document = json.loads(problem.document(""))
    assert document["detail"] == "price: expected a decimal; expected no query"
    assert document["errors"] == [
        {"field": "price", "description": "expected a decimal"},
        {"field": "", "description": "expected no query"},
    ]


def test_a_reason_is_never_empty() -> None:
    assert json.loads(Problem(kinds.METHOD_NOT_ALLOWED, "").document(""))["reason"] == "METHOD_NOT_ALLOWED"


def test_the_engines_own_words_and_reason_are_passed_on() -> None:
    error = EngineError(grpc.StatusCode.NOT_FOUND, "no order 7", reason="UNKNOWN_ORDER", is_for_caller=True)
    problem = problem_of(error)
    assert (problem.kind, problem.detail, problem.reason) == (kinds.NOT_FOUND, "no order 7", "UNKNOWN_ORDER")


@pytest.mark.parametrize(
    "code", [grpc.StatusCode.INTERNAL, grpc.StatusCode.UNKNOWN, grpc.StatusCode.DATA_LOSS]
)
def test_nothing_internal_leaks(code: grpc.StatusCode) -> None:
    problem = problem_of(EngineError(code, "KeyError: 'secret'", reason="X", is_for_caller=True))
    assert "secret" not in problem.detail
    assert problem.reason == ""


@pytest.mark.parametrize(
    ("code", "detail"),
    [
        (grpc.StatusCode.UNAVAILABLE, "the core engine cannot be reached"),
        (grpc.StatusCode.DEADLINE_EXCEEDED, "the core engine did not answer in time"),
    ],
)
def test_grpcs_own_words_are_for_the_log(code: grpc.StatusCode, detail: str) -> None:
    assert problem_of(EngineError(code, "ipv4:127.0.0.1:50052: recvmsg: errno 104")).detail == detail


@pytest.mark.parametrize(("retry_after_s", "header"), [(None, b"1"), (0.05, b"1"), (2.5, b"3"), (30, b"30")])
def test_who_may_try_again_is_told_when(retry_after_s: float | None, header: bytes) -> None:
    error = EngineError(grpc.StatusCode.UNAVAILABLE, "", retry_after_s=retry_after_s)
    assert (b"retry-after", header) in problem_of(error).headers()


def test_who_should_not_try_again_is_not_told_when() -> None:
    headers = dict(problem_of(EngineError(grpc.StatusCode.NOT_FOUND, "")).headers())
    assert headers == {b"content-type": b"application/problem+json"}


@pytest.mark.parametrize("kind", kinds.ALL.values(), ids=lambda kind: kind.name)
def test_every_kind_says_what_to_do(kind: ProblemKind) -> None:
    assert kind.uri == f"/problems/{kind.name}"
    assert kind.reason.replace("_", "-").lower() == kind.name
    assert 400 <= kind.status < 600
    assert kind.advice.endswith(".")
