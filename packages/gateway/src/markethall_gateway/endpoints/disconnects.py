"""Stops work whose client has gone."""

import asyncio
from types import TracebackType
from typing import Final

from starlette.types import Receive

WATCH_AFTER_S: Final = 0.1
"""Most requests are over sooner, and to watch one costs as much as to route it."""


class ClientGone(Exception):
    """The client closed the connection or reset its stream; nobody waits for the response."""


class DisconnectWatch:
    """Ends the block with `ClientGone` when the client goes, from `after_s` seconds on.

    The request's body must have been received: what comes next is taken for the end of the connection.
    """

    def __init__(self, receive: Receive, *, after_s: float = WATCH_AFTER_S) -> None:
        self._receive = receive
        self._after_s = after_s
        self._watcher: asyncio.Task[None] | None = None
        self._is_gone = False

    async def __aenter__(self) -> None:
        loop = asyncio.get_running_loop()
        task = asyncio.current_task()
        assert task is not None
        self._task: asyncio.Task[object] = task
        self._timer = loop.call_later(self._after_s, self._begin)

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._timer.cancel()
        if self._watcher is not None:
            self._watcher.cancel()
        if self._is_gone and self._task.uncancel() == 0 and kind is asyncio.CancelledError:
            raise ClientGone from error

    def _begin(self) -> None:
        self._watcher = asyncio.create_task(self._watch(), name="disconnect-watch")

    async def _watch(self) -> None:
        while (await self._receive())["type"] != "http.disconnect":
            pass
        self._is_gone = True
        self._task.cancel()
