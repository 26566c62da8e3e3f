import io
import json
import logging
import re
import subprocess
import sys
import threading
import warnings
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from markethall_common import request_context
from markethall_common.logs import Format, Level, configure, logger
from markethall_common.request_context import RequestContext
from markethall_common.secret import Secret
from markethall_common.trace_context import TraceContext

pytestmark = pytest.mark.usefixtures("logging_left_as_it_was")

Written = Callable[[], list[dict[str, Any]]]
REQUEST = RequestContext("r-1", TraceContext("a" * 32, "b" * 16), "alice")


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.fixture
def written(logging_left_as_it_was: None) -> Written:
    """Configure JSON lines and return what reads them back."""
    stream = io.StringIO()
    configure("core-engine", level="DEBUG", format="json", stream=stream)
    return lambda: [json.loads(line) for line in stream.getvalue().splitlines()]


def text_of(stream: io.StringIO) -> str:
    return re.sub(r"^\d\d:\d\d:\d\d\.\d{3} ", "", stream.getvalue(), flags=re.MULTILINE)


def test_a_line_has_the_event_its_fields_and_where_it_comes_from(written: Written) -> None:
    before = datetime.now(UTC)
    logger.info("order_stream_opened", peer="ipv4:127.0.0.1:5", streams=2)
    [line] = written()
    time = line.pop("time")
    assert line == {
        "level": "INFO",
        "event": "order_stream_opened",
        "service": "core-engine",
        "logger": __name__,
        "peer": "ipv4:127.0.0.1:5",
        "streams": 2,
    }
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z", time)
    assert before <= datetime.fromisoformat(time) <= datetime.now(UTC)


def test_a_json_line_is_compact_ascii() -> None:
    stream = io.StringIO()
    configure("gateway", format="json", stream=stream)
    logger.info("caf\u00e9", lone="\ud800", line="a\nb\u2028c")
    text = stream.getvalue()
    assert text.isascii()
    assert text.count("\n") == 1
    assert ", " not in text
    assert ": " not in text
    line = json.loads(text)
    assert (line["event"], line["lone"], line["line"]) == ("caf\u00e9", "\ud800", "a\nb\u2028c")


@pytest.mark.parametrize("event", ["{}", "{x} }{", "{0}", "{peer}", "100%", "<red>x</red>", "{{"])
def test_an_event_is_written_as_it_is_with_and_without_fields(written: Written, event: str) -> None:
    logger.info(event)
    logger.info(event, peer="{y}")
    assert [(line["event"], line.get("peer")) for line in written()] == [(event, None), (event, "{y}")]


@pytest.mark.parametrize("level", ["debug", "info", "warning", "error", "critical"])
def test_each_level_has_its_call(written: Written, level: str) -> None:
    getattr(logger, level)("event")
    assert [(line["level"], line["logger"]) for line in written()] == [(level.upper(), __name__)]


def test_lines_below_the_level_are_left_out() -> None:
    stream = io.StringIO()
    configure("gateway", level="WARNING", format="json", stream=stream)
    logger.info("no")
    logger.warning("yes")
    logging.getLogger("library").info("no")
    assert [json.loads(line)["event"] for line in stream.getvalue().splitlines()] == ["yes"]


def test_every_line_of_a_request_says_whose_it_is(written: Written) -> None:
    with request_context.entered(REQUEST):
        logger.info("ours")
        logging.getLogger("library").warning("theirs")
    logger.info("outside")
    identity = {"request_id": "r-1", "trace_id": "a" * 32, "account_id": "alice"}
    ours, theirs, outside = written()
    assert identity.items() <= ours.items()
    assert identity.items() <= theirs.items()
    assert identity.keys().isdisjoint(outside)


def test_a_field_may_name_another_account_than_the_current_one(written: Written) -> None:
    with request_context.entered(REQUEST):
        logger.info("order_filled", account_id="bob")
    assert [line["account_id"] for line in written()] == ["bob"]


def test_a_field_cannot_take_the_place_of_a_part_of_the_line(written: Written) -> None:
    logger.info("candle_closed", time=1, level=2, event=3, service=4, exception=5)
    [line] = written()
    assert (line["event"], line["level"], line["service"]) == ("candle_closed", "INFO", "core-engine")
    assert [line[name] for name in ("time_", "level_", "event_", "service_", "exception_")] == [1, 2, 3, 4, 5]
    assert "exception" not in line


def test_bound_fields_are_on_every_line(written: Written) -> None:
    stream_logger = logger.bind(peer="p").bind(stream=7)
    stream_logger.info("opened")
    stream_logger.info("closed", peer="q")
    assert [(line["event"], line["peer"], line["stream"]) for line in written()] == [
        ("opened", "p", 7),
        ("closed", "q", 7),
    ]
    assert {line["logger"] for line in written()} == {__name__}


def test_an_exception_comes_with_its_traceback_but_no_local_values(written: Written) -> None:
    local_value = "do-not-" + "print-me"
    try:
        raise LookupError(len(local_value))
    except LookupError:
        logger.exception("journal_failed", sequence=5)
    [line] = written()
    assert (line["level"], line["event"], line["sequence"], line["logger"]) == (
        "ERROR",
        "journal_failed",
        5,
        __name__,
    )
    assert line["exception"].startswith("Traceback (most recent call last):\n")
    assert line["exception"].endswith("LookupError: 15\n")
    assert "do-not-print-me" not in line["exception"]


def test_secrets_are_masked_wherever_they_stand(written: Written) -> None:
    logger.info(
        "x",
        api_key="hunter2",
        AuthToken="hunter2",
        headers={"Authorization": "Bearer hunter2", "accept": "*/*"},
        users=[{"name": "alice", "password": "hunter2"}],
        key=Secret("hunter2"),
        keys=[Secret("hunter2")],
        text=f"{Secret('hunter2')}",
    )
    [line] = written()
    assert "hunter2" not in json.dumps(line)
    assert line["headers"] == {"Authorization": "***", "accept": "*/*"}
    assert line["users"] == [{"name": "alice", "password": "***"}]
    assert (line["api_key"], line["AuthToken"], line["key"], line["keys"]) == ("***", "***", "***", ["***"])


def test_credentials_in_the_texts_of_others_are_masked(written: Written) -> None:
    logging.getLogger("library").warning("sent Authorization: Bearer hunter2-hunter2")
    try:
        raise ConnectionError("postgresql://user:hunter2@db/x refused, password='hunter2'")
    except ConnectionError:
        logger.exception("connection_failed")
    assert "hunter2" not in json.dumps(written())


def test_any_value_can_be_a_field(written: Written) -> None:
    cyclic: list[object] = []
    cyclic.append(cyclic)
    logger.info(
        "x",
        path=Path("/a"),
        nan=float("nan"),
        pair=(1, None),
        raw=b"\xff",
        cyclic=cyclic,
        by_number={1: "one"},
    )
    [line] = written()
    assert (line["path"], line["nan"], line["pair"], line["raw"]) == ("/a", "nan", [1, None], "b'\\xff'")
    assert line["by_number"] == {"1": "one"}
    assert line["cyclic"] == [[[[[["<list>"]]]]]]


def test_a_field_that_cannot_be_written_leaves_the_event(written: Written) -> None:
    class Broken:
        def __str__(self) -> str:
            raise RuntimeError

    logger.info("order_filled", broken=Broken())
    [line] = written()
    assert (line["event"], line["unwritable"], line["problem"]) == (
        "order_filled",
        ["broken"],
        "RuntimeError",
    )


def test_a_reader_that_has_gone_does_not_stop_the_work() -> None:
    stream = io.StringIO()
    configure("gateway", format="json", stream=stream)
    stream.close()
    logger.info("still_at_work")


def test_the_standard_librarys_loggers_flow_in(written: Written) -> None:
    library = logging.getLogger("some.library")
    library.warning("took %d ms {x}", 5)
    library.log(35, "between levels")
    try:
        raise LookupError("gone")
    except LookupError:
        library.exception("failed")
    warned, between, failed = written()
    assert (warned["level"], warned["event"], warned["logger"]) == (
        "WARNING",
        "took 5 ms {x}",
        "some.library",
    )
    assert (between["level"], between["event"]) == ("Level 35", "between levels")
    assert (failed["level"], failed["event"]) == ("ERROR", "failed")
    assert failed["exception"].endswith("LookupError: gone\n")


def test_a_librarys_mistake_in_its_arguments_does_not_raise() -> None:
    stream = io.StringIO()
    configure("gateway", format="json", stream=stream)
    logging.getLogger("library").warning("%d items", "many")
    assert json.loads(stream.getvalue())["event"] == "%d items"


def test_a_librarys_own_handlers_are_replaced_by_ours() -> None:
    theirs, ours = io.StringIO(), io.StringIO()
    library = logging.getLogger("library.with.handler")
    library.addHandler(logging.StreamHandler(theirs))
    library.propagate = False
    configure("gateway", format="json", stream=ours)
    library.warning("once")
    assert theirs.getvalue() == ""
    assert ours.getvalue().count("once") == 1


def test_debug_lines_of_libraries_stay_off(written: Written) -> None:
    library = logging.getLogger("hpack.like")
    library.setLevel(logging.DEBUG)
    library.debug("Adding header")
    assert written() == []


def test_warnings_flow_in(written: Written) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("always")
        configured = warnings.showwarning
        configured("old {}", DeprecationWarning, "a.py", 7)
    [line] = written()
    assert (line["level"], line["event"], line["category"], line["at"]) == (
        "WARNING",
        "old {}",
        "DeprecationWarning",
        "a.py:7",
    )


def test_uncaught_exceptions_of_threads_flow_in(written: Written) -> None:
    def fail() -> None:
        raise LookupError("gone")

    thread = threading.Thread(target=fail, name="flusher")
    thread.start()
    thread.join()
    [line] = written()
    assert (line["level"], line["event"], line["thread"]) == ("CRITICAL", "uncaught_exception", "flusher")
    assert line["exception"].endswith("LookupError: gone\n")


def test_an_uncaught_exception_is_the_process_last_line() -> None:
    code = "from markethall_common.logs import configure\nconfigure('x')\nraise LookupError('gone')"
    process = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert process.returncode == 1
    [line] = [json.loads(text) for text in process.stderr.splitlines()]
    assert (line["level"], line["event"]) == ("CRITICAL", "uncaught_exception")
    assert line["exception"].endswith("LookupError: gone\n")


def test_text_lines_are_readable() -> None:
    stream = io.StringIO()
    configure("gateway", format="text", stream=stream)
    with request_context.entered(REQUEST):
        logger.info("request_served", path="/v1/orders", took_ms=1.5, agent="two words", empty="", tags=["a"])
    assert text_of(stream) == (
        f"INFO     gateway request_served request_id=r-1 trace_id={'a' * 32} account_id=alice"
        ' path=/v1/orders took_ms=1.5 agent="two words" empty="" tags=["a"]\n'
    )


def test_text_lines_cannot_be_forged_or_carry_escape_sequences() -> None:
    stream = io.StringIO()
    configure("gateway", format="text", stream=stream)
    logging.getLogger("library").warning("a\nERROR forged\x1b[2J")
    logger.info("x", name="b\nERROR forged\x1b[2J")
    try:
        raise LookupError("\x1b[2J")
    except LookupError:
        logger.exception("failed")
    assert "\x1b" not in stream.getvalue()
    assert not any(line.startswith("ERROR forged") for line in text_of(stream).splitlines())


@pytest.mark.parametrize(
    ("stream", "chosen", "looks"),
    [
        (io.StringIO(), "auto", "json"),
        (Terminal(), "auto", "text"),
        (Terminal(), "json", "json"),
        (io.StringIO(), "text", "text"),
    ],
)
def test_lines_are_text_on_a_terminal_and_json_elsewhere(
    stream: io.StringIO, chosen: Format, looks: str
) -> None:
    configure("gateway", format=chosen, stream=stream)
    logger.info("event")
    assert ("json" if stream.getvalue().startswith("{") else "text") == looks


@pytest.mark.parametrize(
    ("environment", "colored"), [({}, True), ({"NO_COLOR": "1"}, False), ({"TERM": "dumb"}, False)]
)
def test_a_terminal_gets_color_unless_it_asks_for_none(
    monkeypatch: pytest.MonkeyPatch, environment: dict[str, str], colored: bool
) -> None:
    for name, value in ({"NO_COLOR": "", "TERM": "xterm"} | environment).items():
        monkeypatch.setenv(name, value)
    stream = Terminal()
    configure("gateway", stream=stream)
    logger.info("event")
    assert ("\x1b[" in stream.getvalue()) is colored


@pytest.mark.parametrize("level", ["DEBUG", "ERROR"])
def test_configuring_again_replaces_what_was_said_before(level: Level) -> None:
    first, second = io.StringIO(), io.StringIO()
    configure("gateway", stream=first)
    configure("gateway", level=level, stream=second)
    logger.error("event")
    assert (first.getvalue().count("event"), second.getvalue().count('"event":"event"')) == (0, 1)
