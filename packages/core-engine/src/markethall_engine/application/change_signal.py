"""That something changed: for readers of a state, who read it anew and need not be told every step."""

import asyncio

MOST_DELAY_S = 0.25


class ChangeSignal:
    """Something that one reader waits for; however often it was set meanwhile, it wakes up once.

    So there is nothing to fall behind with. After `end` waiting raises the reason.
    """

    def __init__(self) -> None:
        self._changed = asyncio.Event()
        self._reason: Exception | None = None
        self._timer: asyncio.TimerHandle | None = None

    def set(self) -> None:
        self._changed.set()

    def set_soon(self) -> None:
        """Wake the reader within `MOST_DELAY_S`, for what may change thousands of times a second."""
        if self._timer is None:
            self._timer = asyncio.get_running_loop().call_later(MOST_DELAY_S, self._changed.set)

    def end(self, reason: Exception) -> None:
        self._reason = reason
        self._changed.set()

    async def wait(self) -> None:
        """Wait until it is set, and unset it."""
        await self._changed.wait()
        self.close()
        if self._reason is not None:
            raise self._reason
        self._changed.clear()

    def close(self) -> None:
        """Forget what was to come soon."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
