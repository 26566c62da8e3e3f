"""The end of a process: asked for once, given a deadline, and forced if asked again.

SIGTERM or SIGINT asks. The service then stops accepting, finishes what is under way before the deadline,
flushes and closes. A second signal ends the process at once, whatever it is doing, with exit status
`128 + signal`: 130 for SIGINT and 143 for SIGTERM, as a shell reports them.
"""

import asyncio
import os
import signal
from collections.abc import Iterable
from types import FrameType
from typing import Any, Self

_SIGNALS = (signal.SIGTERM, signal.SIGINT)


class Deadline:
    """A moment on the running loop's clock by which something shall be done."""

    __slots__ = ("_loop", "_when")

    def __init__(self, seconds: float) -> None:
        """Set the moment `seconds` from now; needs a running loop."""
        self._loop = asyncio.get_running_loop()
        self._when = self._loop.time() + seconds

    def remaining_s(self) -> float:
        """Return how long is left, in seconds, and 0.0 once it has passed."""
        return max(0.0, self._when - self._loop.time())

    def timeout(self) -> asyncio.Timeout:
        """Return a context that raises `TimeoutError` at the deadline: `async with deadline.timeout():`."""
        return asyncio.timeout_at(self._when)

    async def finish(self, tasks: Iterable["asyncio.Task[Any]"]) -> int:
        """Wait for `tasks` until the deadline, cancel the rest, and return how many those were.

        Every task is done on return, so one that ignores its cancellation is waited for. What the tasks
        returned or raised stays with them.
        """
        waiting = set(tasks)
        if not waiting:
            return 0
        _, late = await asyncio.wait(waiting, timeout=self.remaining_s())
        for task in late:
            task.cancel()
        if late:
            await asyncio.wait(late)
        return len(late)


class Shutdown:
    """The request to end this process; a context manager that listens to its signals.

    Enter it in the main thread with a loop running. Leaving it gives the signals back to whoever had them.
    """

    def __init__(self, grace_s: float) -> None:
        """Allow `grace_s` seconds between the request and the deadline."""
        self._grace_s = grace_s
        self._requested = asyncio.Event()
        self._deadline: Deadline | None = None
        self._reason = ""
        self._signaled = False
        self._previous: dict[signal.Signals, Any] = {}

    def __enter__(self) -> Self:
        self._loop = asyncio.get_running_loop()
        # Not loop.add_signal_handler: its callbacks wait their turn, and a busy loop must still be ended.
        self._previous = {number: signal.signal(number, self._on_signal) for number in _SIGNALS}
        return self

    def __exit__(self, *_: object) -> None:
        for number, handler in self._previous.items():
            signal.signal(number, handler)

    def request(self, reason: str) -> None:
        """Ask for the end from within, on the loop's thread. The first reason and its deadline stand."""
        if self._deadline is None:
            self._reason = reason
            self._deadline = Deadline(self._grace_s)
            self._requested.set()

    async def requested(self) -> Deadline:
        """Wait until the end is asked for, and return the deadline for what is under way."""
        await self._requested.wait()
        assert self._deadline is not None
        return self._deadline

    @property
    def is_requested(self) -> bool:
        return self._requested.is_set()

    @property
    def reason(self) -> str:
        """Why the end was asked for, such as "SIGTERM"; empty before."""
        return self._reason

    def _on_signal(self, number: int, _: FrameType | None) -> None:
        if self._signaled:
            os._exit(128 + number)
        self._signaled = True
        self._loop.call_soon_threadsafe(self.request, signal.Signals(number).name)
