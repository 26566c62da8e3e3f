"""Waking up when a time has come."""

import asyncio
from collections.abc import Callable

from markethall_common.clock import Clock


class Alarm:
    """Rings once when the clock has reached the time that it was set to last."""

    def __init__(self, clock: Clock, ring: Callable[[], None]) -> None:
        self._clock = clock
        self._ring = ring
        self._time_ns: int | None = None
        self._waiting: asyncio.Task[None] | None = None

    def set(self, time_ns: int | None) -> None:
        """Ring at `time_ns`, nanoseconds since 1970, and not when it was to ring before; `None` is never."""
        if time_ns == self._time_ns:
            return
        if self._waiting is not None:
            self._waiting.cancel()
            self._waiting = None
        self._time_ns = time_ns
        if time_ns is not None:
            self._waiting = asyncio.create_task(self._wait(time_ns), name="alarm")

    async def _wait(self, time_ns: int) -> None:
        await self._clock.wait_until(time_ns)
        self._time_ns = self._waiting = None
        self._ring()
