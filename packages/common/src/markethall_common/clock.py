"""Where the time comes from.

Time is data: one part of a process reads a clock and hands the time on, so a test (and a replay) can
decide what time it is.
"""

import asyncio
import time
from typing import Final, Protocol

_LONGEST_SLEEP_S: Final = 1.0
"""The machine's time of day may be set while somebody waits for a time."""


class Clock(Protocol):
    """The time of day, in nanoseconds since 1970-01-01T00:00:00Z."""

    def time_ns(self) -> int: ...

    async def wait_until(self, time_ns: int) -> None:
        """Return once it is `time_ns` or later."""


class SystemClock:
    """The machine's time of day. It may step backwards; who needs an order uses a sequence."""

    __slots__ = ()

    def time_ns(self) -> int:
        return time.time_ns()

    async def wait_until(self, time_ns: int) -> None:
        while (left_ns := time_ns - time.time_ns()) > 0:  # noqa: ASYNC110, nobody tells of the time
            await asyncio.sleep(min(left_ns / 1e9, _LONGEST_SLEEP_S))


class ManualClock:
    """A clock that stands still until it is told to move."""

    __slots__ = ("_now_ns", "_waiting")

    def __init__(self, now_ns: int = 0) -> None:
        self._now_ns = now_ns
        self._waiting: list[tuple[int, asyncio.Future[None]]] = []

    def time_ns(self) -> int:
        return self._now_ns

    def advance(self, nanoseconds: int) -> None:
        """Move forward by `nanoseconds`, or backwards where negative, as a system clock can."""
        self.set(self._now_ns + nanoseconds)

    def set(self, now_ns: int) -> None:
        self._now_ns = now_ns
        for time_ns, reached in self._waiting:
            if time_ns <= now_ns and not reached.done():
                reached.set_result(None)

    async def wait_until(self, time_ns: int) -> None:
        while time_ns > self._now_ns:
            waiting = (time_ns, asyncio.get_running_loop().create_future())
            self._waiting.append(waiting)
            try:
                await waiting[1]
            finally:
                self._waiting.remove(waiting)
