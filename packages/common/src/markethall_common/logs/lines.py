"""How a log record becomes a line: compact JSON for machines, or text for people.

A line has the time, level, event, service and logger (the module that logged), then the request it was
logged for, where there is one, then the event's own fields, then the exception. A field may name another
request or account than the current one, and then stands in its place. A field that is called like a part of
every line has an underscore put behind its name.
"""

import json
import re
from collections.abc import Callable
from datetime import UTC
from typing import TYPE_CHECKING

from markethall_common import request_context
from markethall_common.logs.redaction import masked_fields, masked_text

if TYPE_CHECKING:
    from loguru import Record

LineWriter = Callable[["Record", str], str]
"""Writes a record and the text of its exception (or "") as a line, without its end."""

_LINE_KEYS = frozenset({"time", "level", "event", "service", "exception"})
_encode_json = json.JSONEncoder(separators=(",", ":"), ensure_ascii=True).encode

_BARE_VALUE = re.compile(r"[^\s\"'=\\\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]+")
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]")
_RESET = "\x1b[0m"
_DIM = "\x1b[2m"
_BOLD = "\x1b[1m"
_LEVEL_COLORS = {
    "DEBUG": "\x1b[36m",
    "INFO": "\x1b[32m",
    "WARNING": "\x1b[33m",
    "ERROR": "\x1b[31m",
    "CRITICAL": "\x1b[1;31m",
}


def json_lines(service: str) -> LineWriter:
    """Write one JSON object a line, in ASCII, so that no terminal or collector can garble it."""

    def write(record: "Record", exception: str) -> str:
        line: dict[str, object] = {
            "time": record["time"].astimezone(UTC).isoformat(timespec="microseconds")[:-6] + "Z",
            "level": record["level"].name,
            "event": record["message"],
            "service": service,
            "logger": record["name"],
            **_details(record),
        }
        if exception:
            line["exception"] = masked_text(exception)
        return _encode_json(line)

    return write


def text_lines(service: str, *, color: bool) -> LineWriter:
    """Write the local time, level, service, event and `name=value` pairs, then the exception's own lines."""

    def paint(code: str, text: str) -> str:
        return f"{code}{text}{_RESET}" if color else text

    def write(record: "Record", exception: str) -> str:
        level = record["level"].name
        parts = [
            paint(_DIM, f"{record['time']:%H:%M:%S}.{record['time'].microsecond // 1000:03}"),
            paint(_LEVEL_COLORS.get(level, ""), f"{level:8}"),
            paint(_DIM, service),
            paint(_BOLD, _printable(record["message"])),
            *(paint(_DIM, f"{name}=") + _shown(value) for name, value in _details(record).items()),
        ]
        return "\n".join([" ".join(parts), *map(_printable, masked_text(exception).splitlines())])

    return write


def _details(record: "Record") -> dict[str, object]:
    """Return the current request's identity, and the record's own fields, masked."""
    details: dict[str, object] = {}
    request = request_context.current()
    if request is not None:
        details["request_id"] = request.request_id
        details["trace_id"] = request.trace.trace_id
        if request.account_id:
            details["account_id"] = request.account_id
    fields = masked_fields(record["extra"])
    if not _LINE_KEYS.isdisjoint(fields):
        fields = {f"{name}_" if name in _LINE_KEYS else name: value for name, value in fields.items()}
    details.update(fields)
    return details


def _shown(value: object) -> str:
    if isinstance(value, str):
        return value if _BARE_VALUE.fullmatch(value) else json.dumps(value)
    return json.dumps(value, separators=(",", ":"))


def _printable(text: str) -> str:
    """Return `text` with control characters escaped: none of them reaches a terminal, or begins a line."""
    return _CONTROL.sub(lambda control: f"\\u{ord(control[0]):04x}", text)
