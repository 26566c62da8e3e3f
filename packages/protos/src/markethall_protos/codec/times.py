"""Times and spans as Python and the contract hold them: microseconds against nanoseconds.

A google.protobuf.Timestamp becomes an aware `datetime` in UTC, a google.protobuf.Duration a `timedelta`.
Both hold microseconds, so the last three digits of nanoseconds are dropped when reading, toward the past
for a timestamp and toward zero for a duration. Where nanoseconds matter the contract uses an `int64`
field named `…_ns`. What the contract's types forbid, Python cannot write and does not read.
"""

from datetime import UTC, datetime, timedelta

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
FIRST_SECOND, LAST_SECOND = -62135596800, 253402300799
"""Of year 1 and of year 9999, counted from 1970: the range of a Timestamp, and of `datetime`."""
ZERO = timedelta(0)
LONGEST_SECONDS = 315_576_000_000
"""10,000 years of 365.25 days: the range of a Duration, either way."""


def timestamp_parts(value: datetime) -> tuple[int, int]:
    """Split an aware datetime into seconds since 1970 and nanoseconds, the latter never negative.

    Raises `TypeError` for a naive datetime, `ValueError` for one whose offset puts it outside the years
    1 to 9999 of UTC.
    """
    since = value - EPOCH
    seconds = since.days * 86400 + since.seconds
    if not FIRST_SECOND <= seconds <= LAST_SECOND:
        raise ValueError("outside the years 1 to 9999")
    return seconds, since.microseconds * 1000


def timestamp_from_parts(seconds: int, nanos: int) -> datetime:
    """Join seconds since 1970 and nanoseconds; raises `ValueError` outside of a Timestamp's range."""
    if not (FIRST_SECOND <= seconds <= LAST_SECOND and 0 <= nanos <= 999_999_999):
        raise ValueError("outside the years 1 to 9999")
    return EPOCH + timedelta(0, seconds, nanos // 1000)


def duration_parts(value: timedelta) -> tuple[int, int]:
    """Split a span into seconds and nanoseconds of the same sign.

    Raises `ValueError` beyond 10,000 years.
    """
    seconds, micros = value.days * 86400 + value.seconds, value.microseconds
    if seconds < 0 and micros:
        seconds, micros = seconds + 1, micros - 1_000_000
    if not -LONGEST_SECONDS <= seconds <= LONGEST_SECONDS:
        raise ValueError("beyond 10,000 years")
    return seconds, micros * 1000


def duration_from_parts(seconds: int, nanos: int) -> timedelta:
    """Join seconds and nanoseconds; raises `ValueError` outside of a Duration's range."""
    if not (-LONGEST_SECONDS <= seconds <= LONGEST_SECONDS and -999_999_999 <= nanos <= 999_999_999):
        raise ValueError("beyond 10,000 years")
    if seconds and nanos and (seconds < 0) != (nanos < 0):
        raise ValueError("seconds and nanoseconds differ in sign")
    micros = nanos // 1000 if nanos >= 0 else -(-nanos // 1000)
    return timedelta(0, seconds, micros)
