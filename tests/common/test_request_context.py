import asyncio
import re

import pytest

from markethall_common import request_context
from markethall_common.request_context import Headers, RequestContext
from markethall_common.trace_context import TraceContext

TRACE_ID = "0af7651916cd43dd8448eb211c80319c"
TRACEPARENT = f"00-{TRACE_ID}-b7ad6b7169203331-01"
CALLER = {"x-request-id": "abc-1", "traceparent": TRACEPARENT, "tracestate": "congo=t61"}


@pytest.mark.parametrize(
    "headers",
    [
        CALLER,
        {name.title(): value for name, value in CALLER.items()},
        list(CALLER.items()),
        [(name.encode(), value.encode()) for name, value in CALLER.items()],
        (("user-agent", "x"), *CALLER.items(), ("trace-bin", b"\xff\x00")),
    ],
    ids=["mapping", "title case", "pairs", "bytes", "metadata"],
)
def test_a_callers_request_id_and_trace_are_taken_over(headers: Headers) -> None:
    context = RequestContext.receive(headers)
    assert context.request_id == "abc-1"
    assert context.trace.trace_id == TRACE_ID
    assert context.trace.span_id != "b7ad6b7169203331"
    assert context.trace.is_sampled
    assert context.trace.state == "congo=t61"
    assert context.account_id == ""


@pytest.mark.parametrize(
    "request_id",
    ["", "x" * 129, "two words", "line\nbreak", 'quo"te', "caf\u00e9", "a,b", "{}", "<b>", "\x00"],
)
def test_an_unfit_request_id_is_replaced(request_id: str) -> None:
    made = RequestContext.receive({"x-request-id": request_id}).request_id
    assert re.fullmatch("[0-9a-f]{32}", made)
    assert made != RequestContext.receive({"x-request-id": request_id}).request_id


@pytest.mark.parametrize(
    "request_id", ["x", "x" * 128, "6ba7b810-9dad-11d1-80b4-00c04fd430c8", "a.b_c~d:e/f+g=h@i"]
)
def test_a_fit_request_id_is_kept(request_id: str) -> None:
    assert RequestContext.receive([(b"X-Request-ID", request_id.encode())]).request_id == request_id


def test_a_request_id_sent_twice_is_replaced() -> None:
    pairs = [("x-request-id", "one"), ("x-request-id", "two")]
    assert RequestContext.receive(pairs).request_id not in {"one", "two", "one,two"}


def test_a_traceparent_sent_twice_is_replaced() -> None:
    context = RequestContext.receive([("traceparent", TRACEPARENT), ("traceparent", TRACEPARENT)])
    assert context.trace.trace_id != TRACE_ID


def test_an_invalid_traceparent_begins_a_new_trace_without_the_old_state() -> None:
    context = RequestContext.receive({"traceparent": "00-nonsense", "tracestate": "congo=t61"})
    assert TraceContext.parse(context.trace.traceparent) == context.trace
    assert context.trace.state == ""


def test_a_tracestate_sent_in_parts_is_joined_in_order() -> None:
    pairs = [("traceparent", TRACEPARENT), ("tracestate", "a=1"), ("tracestate", "b=2")]
    assert RequestContext.receive(pairs).trace.state == "a=1,b=2"


def test_no_headers_make_a_new_request() -> None:
    first, second = RequestContext.receive({}), RequestContext.receive(())
    assert first.request_id != second.request_id
    assert first.trace.trace_id != second.trace.trace_id


def test_the_next_service_sees_the_same_request_one_step_further() -> None:
    here = RequestContext.receive(CALLER)
    there = RequestContext.receive(here.headers())
    assert there.request_id == here.request_id
    assert there.trace.trace_id == here.trace.trace_id
    assert there.trace.span_id != here.trace.span_id
    assert there.trace.state == here.trace.state


def test_headers_leave_out_an_empty_tracestate() -> None:
    context = RequestContext("r-1", TraceContext("1" * 32, "2" * 16))
    assert context.headers() == (
        ("x-request-id", "r-1"),
        ("traceparent", f"00-{'1' * 32}-{'2' * 16}-00"),
    )


def test_a_request_carried_in_a_message_is_resumed_like_one_in_headers() -> None:
    context = RequestContext.resume("abc-1", TRACEPARENT, "congo=t61")
    assert (context.request_id, context.trace.trace_id, context.trace.state) == (
        "abc-1",
        TRACE_ID,
        "congo=t61",
    )
    assert RequestContext.resume("", "").request_id != ""


def test_the_current_request_is_known_within_its_block_only() -> None:
    outer, inner = RequestContext.new(), RequestContext.new()
    assert request_context.current() is None
    with request_context.entered(outer):
        with request_context.entered(inner):
            assert request_context.current() is inner
        assert request_context.current() is outer
    assert request_context.current() is None


def test_an_account_is_noted_on_the_current_request() -> None:
    with request_context.entered(RequestContext.new()) as context:
        request_context.set_account("alice")
        noted = request_context.current()
        assert noted is not None
        assert (noted.account_id, noted.request_id) == ("alice", context.request_id)
    assert request_context.current() is None


def test_an_account_outside_of_any_request_is_not_kept() -> None:
    request_context.set_account("alice")
    assert request_context.current() is None


async def test_requests_at_the_same_time_do_not_see_each_other() -> None:
    both_entered = asyncio.Barrier(2)

    async def work(account_id: str) -> tuple[str, str]:
        with request_context.entered(RequestContext.new()) as context:
            await both_entered.wait()
            request_context.set_account(account_id)
            await both_entered.wait()
            seen = request_context.current()
            assert seen is not None
            assert seen.request_id == context.request_id
            return account_id, seen.account_id

    assert list(await asyncio.gather(work("alice"), work("bob"))) == [("alice", "alice"), ("bob", "bob")]
