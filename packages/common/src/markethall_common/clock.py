"""Where the time comes from.

Time is data: one part of a process reads a clock and hands the time on, so a test (and a replay) can
decide what time it is.
"""

import time
from typing import Protocol


class Clock(Protocol):
    """The time of day, in nanoseconds since 1970-01-01T00:00:00Z."""

    def time_ns(self) -> int: ...


class SystemClock:
    """The machine's time of day. It may step backwards; who needs an order uses a sequence."""

    __slots__ = ()

    def time_ns(self) -> int:
        return time.time_ns()


class ManualClock:
    """A clock that stands still until it is told to move."""

    __slots__ = ("_now_ns",)

    def __init__(self, now_ns: int = 0) -> None:
        self._now_ns = now_ns

    def time_ns(self) -> int:
        return self._now_ns

    def advance(self, nanoseconds: int) -> None:
        """Move forward by `nanoseconds`, or backwards where negative, as a system clock can."""
        self._now_ns += nanoseconds

    def set(self, now_ns: int) -> None:
        self._now_ns = now_ns
