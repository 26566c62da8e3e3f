import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from markethall_common.trace_context import TraceContext

TRACE_ID = "0af7651916cd43dd8448eb211c80319c"
SPAN_ID = "b7ad6b7169203331"
VALID = f"00-{TRACE_ID}-{SPAN_ID}-01"


def hexadecimal(length: int) -> st.SearchStrategy[str]:
    return st.text("0123456789abcdef", min_size=length, max_size=length).filter(
        lambda text: set(text) != {"0"}
    )


contexts = st.builds(TraceContext, hexadecimal(32), hexadecimal(16), st.booleans())


def test_a_valid_traceparent_is_the_callers_step() -> None:
    assert TraceContext.parse(VALID) == TraceContext(TRACE_ID, SPAN_ID, is_sampled=True)


@pytest.mark.parametrize(
    "traceparent",
    [
        "",
        VALID.upper(),
        VALID + "-",
        VALID + "-extra",
        VALID + "0",
        VALID[:-1],
        VALID + "\n",
        " " + VALID,
        VALID.replace("-", "_"),
        f"0-{TRACE_ID}-{SPAN_ID}-01",
        f"ff-{TRACE_ID}-{SPAN_ID}-01",
        f"zz-{TRACE_ID}-{SPAN_ID}-01",
        f"00-{'0' * 32}-{SPAN_ID}-01",
        f"00-{TRACE_ID}-{'0' * 16}-01",
        f"00-{TRACE_ID[:-1]}g-{SPAN_ID}-01",
        f"00-{TRACE_ID[:-1]}-{SPAN_ID}-01",
        f"00-{TRACE_ID}-{SPAN_ID}-1",
        f"00-{TRACE_ID}-{SPAN_ID}-0x",
        f"01-{TRACE_ID}-{SPAN_ID}-01.more",
        f"{VALID},{VALID}",
    ],
)
def test_a_traceparent_that_breaks_the_rules_is_none(traceparent: str) -> None:
    assert TraceContext.parse(traceparent) is None


@pytest.mark.parametrize("rest", ["", "-", "-what-comes-next"])
def test_a_later_version_is_read_by_the_fields_that_are_known(rest: str) -> None:
    assert TraceContext.parse(f"cc-{TRACE_ID}-{SPAN_ID}-01{rest}") == TraceContext(TRACE_ID, SPAN_ID, True)


@pytest.mark.parametrize(("flags", "is_sampled"), [("00", False), ("01", True), ("02", False), ("ff", True)])
def test_only_the_sampled_flag_is_read_and_passed_on(flags: str, is_sampled: bool) -> None:
    context = TraceContext.parse(f"00-{TRACE_ID}-{SPAN_ID}-{flags}")
    assert context is not None
    assert context.is_sampled is is_sampled
    assert context.traceparent.endswith("-01" if is_sampled else "-00")


@given(contexts)
def test_what_is_written_is_read_back(context: TraceContext) -> None:
    assert TraceContext.parse(context.traceparent) == context


@given(contexts)
def test_a_child_is_another_step_of_the_same_trace(context: TraceContext) -> None:
    child = context.child()
    assert (child.trace_id, child.is_sampled, child.state) == (
        context.trace_id,
        context.is_sampled,
        context.state,
    )
    assert child.span_id != context.span_id
    assert TraceContext.parse(child.traceparent) == child


def test_a_new_trace_is_valid_and_not_sampled() -> None:
    context = TraceContext.new()
    assert TraceContext.parse(context.traceparent) == context
    assert not context.is_sampled
    assert TraceContext.new().trace_id != context.trace_id


@given(st.text(string.hexdigits + "-", max_size=70))
def test_any_text_is_either_none_or_written_back_with_the_same_ids(text: str) -> None:
    context = TraceContext.parse(text)
    if context is not None:
        assert context.traceparent[2:53] == text[2:53]


@pytest.mark.parametrize(
    ("sent", "kept"),
    [
        ("", ""),
        ("congo=t61rcWkgMzE", "congo=t61rcWkgMzE"),
        ("rojo=00f067aa0ba902b7 ,\tcongo=t61", "rojo=00f067aa0ba902b7,congo=t61"),
        ("a=1,,b=2,", "a=1,b=2"),
        ("fw529a3039@dt=FfAAAA,0tenant@sys=x y", "fw529a3039@dt=FfAAAA,0tenant@sys=x y"),
        ("A=1", ""),
        ("a", ""),
        ("a=", ""),
        ("a=1=2", ""),
        ("a=\u00e9", ""),
        ("a=1\n", ""),
        ("0a=1", ""),
        (",".join(f"k{n}=v" for n in range(32)), ",".join(f"k{n}=v" for n in range(32))),
        (",".join(f"k{n}=v" for n in range(33)), ""),
        (f"a={'x' * 256},b={'y' * 256}", f"a={'x' * 256}"),
    ],
)
def test_a_tracestate_is_passed_on_where_it_keeps_the_rules(sent: str, kept: str) -> None:
    context = TraceContext.parse(VALID, sent)
    assert context is not None
    assert context.state == kept
    assert context.child().state == kept
