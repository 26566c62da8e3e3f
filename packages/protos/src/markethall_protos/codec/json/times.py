"""Timestamps as RFC 3339 writes them and durations as seconds, to the nanosecond.

Written: UTC with `Z`, and no fraction or one of 3, 6 or 9 digits. Read: any offset and up to 9 digits,
`T` and `Z` in capitals as protobuf's JSON demands.
"""

import re
from datetime import UTC, datetime

from markethall_protos.codec import times
from markethall_protos.codec.errors import JsonError

_TIMESTAMP = re.compile(
    r"(\d{4}-\d\d-\d\dT(?:[01]\d|2[0-3]):[0-5]\d:[0-5]\d)(?:\.(\d{1,9}))?(Z|[+-](?:[01]\d|2[0-3]):[0-5]\d)",
    re.ASCII,
)
_DURATION = re.compile(r"(-?)(\d{1,12})(?:\.(\d{1,9}))?s", re.ASCII)


def timestamp_text(seconds: int, nanos: int) -> str:
    """Write the time `seconds` and `nanos` after 1970; raises `ValueError` outside the years 1 to 9999."""
    moment = times.timestamp_from_parts(seconds, 0 if 0 <= nanos <= 999_999_999 else -1)
    return moment.isoformat()[:19] + _fraction(nanos) + "Z"


def datetime_text(value: datetime) -> str:
    """Write an aware datetime; raises `ValueError` outside of UTC's years 1 to 9999, `TypeError` if naive."""
    if value.tzinfo is not UTC:
        return timestamp_text(*times.timestamp_parts(value))
    text = value.isoformat()
    micros = value.microsecond
    if not micros:
        return text[:19] + "Z"
    return text[: 26 if micros % 1000 else 23] + "Z"


def duration_text(seconds: int, nanos: int) -> str:
    """Write a span such as `-1.500s`; raises `ValueError` outside of a Duration's range."""
    times.duration_from_parts(seconds, nanos)
    sign = "-" if seconds < 0 or nanos < 0 else ""
    return f"{sign}{abs(seconds)}{_fraction(abs(nanos))}s"


def parse_datetime(text: str) -> datetime:
    """Read a timestamp to the microsecond, digits beyond it dropped; raises `JsonError`."""
    if _TIMESTAMP.fullmatch(text):
        try:
            return datetime.fromisoformat(text).astimezone(UTC)
        except (ValueError, OverflowError):
            pass
    raise _no_timestamp(text)


def parse_timestamp(text: str) -> tuple[int, int]:
    """Read a timestamp as seconds since 1970 and nanoseconds; raises `JsonError`."""
    moment = parse_datetime(text)
    match = _TIMESTAMP.fullmatch(text)
    assert match is not None
    seconds, _ = times.timestamp_parts(moment)
    return seconds, _nanos(match[2])


def parse_duration(text: str) -> tuple[int, int]:
    """Read a span as seconds and nanoseconds of the same sign; raises `JsonError`."""
    if match := _DURATION.fullmatch(text):
        sign = -1 if match[1] else 1
        seconds, nanos = sign * int(match[2]), sign * _nanos(match[3])
        if abs(seconds) <= times.LONGEST_SECONDS:
            return seconds, nanos
    raise JsonError(f'expected seconds such as "1.5s", at most 10,000 years of them, found "{text}"')


def _fraction(nanos: int) -> str:
    if not nanos:
        return ""
    if nanos % 1_000_000 == 0:
        return f".{nanos // 1_000_000:03}"
    if nanos % 1000 == 0:
        return f".{nanos // 1000:06}"
    return f".{nanos:09}"


def _nanos(digits: str | None) -> int:
    return int(digits.ljust(9, "0")) if digits else 0


def _no_timestamp(text: str) -> JsonError:
    return JsonError(
        f'expected a time in the years 1 to 9999 such as "2026-11-23T13:30:00.5Z", found "{text}"'
    )
