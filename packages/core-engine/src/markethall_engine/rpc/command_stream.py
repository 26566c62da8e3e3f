"""One stream of batched commands: read ahead of the answers, answered in order, bounded in flight."""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator

from markethall_engine.application.sessions import Sessions
from markethall_engine.rpc.lifecycle import Lifecycle
from markethall_engine.rpc.messages import Messages, Run
from markethall_protos import v1


class CommandStream:
    """Reads requests, submits their commands, and writes the answers as they become durable.

    While `window` commands or more are in flight nothing is read, so that a client that sends faster than
    the disk writes is slowed down and not refused. When the engine drains, nothing more is read; what was
    read is answered, and then the stream ends with `NotServing`. However it ends, so do the orders of a
    stream that asked for cancel on disconnect.
    """

    def __init__(self, lifecycle: Lifecycle, messages: Messages, sessions: Sessions, *, window: int) -> None:
        self._lifecycle = lifecycle
        self._messages = messages
        self._sessions = sessions
        self._session_id = ""  # of a stream that asked for cancel on disconnect
        self._window = window
        self._in_flight = 0
        self._room = asyncio.Event()
        self._begun: asyncio.Queue[list[Run] | None] = asyncio.Queue()
        self._is_waiting_for_request = False

    async def answers(
        self, requests: AsyncIterator[v1.ProcessMessagesRequest]
    ) -> AsyncGenerator[v1.ProcessMessagesResponse, None]:
        """Yield an answer for each request, in order."""
        reader = asyncio.create_task(self._read(requests), name="command-stream-reader")
        forget = self._lifecycle.on_drain(lambda: self._is_waiting_for_request and reader.cancel())
        try:
            while (runs := await self._begun.get()) is not None:
                outcomes = await self._messages.finish(runs)
                self._in_flight -= sum(run.weight for run in runs)
                self._room.set()
                yield v1.ProcessMessagesResponse(outcomes=outcomes)
            await asyncio.wait((reader,))
            if reader.cancelled():
                self._lifecycle.check_running()
            reader.result()
        finally:
            forget()
            reader.cancel()
            self._give_up()
            if self._session_id:
                self._sessions.end(self._session_id)

    async def _read(self, requests: AsyncIterator[v1.ProcessMessagesRequest]) -> None:
        try:
            while (request := await self._next(requests)) is not None:
                if request.cancel_on_disconnect and not self._session_id:
                    self._session_id = self._sessions.begin()
                runs = await self._messages.begin(request.messages, self._session_id, origin=self)
                self._in_flight += sum(run.weight for run in runs)
                self._begun.put_nowait(runs)
        finally:
            self._begun.put_nowait(None)

    async def _next(
        self, requests: AsyncIterator[v1.ProcessMessagesRequest]
    ) -> v1.ProcessMessagesRequest | None:
        """Wait for room, and for a request; None when the client has said all."""
        while self._in_flight >= self._window:
            self._room.clear()
            await self._room.wait()
        self._lifecycle.check_running()
        self._is_waiting_for_request = True
        try:
            return await anext(requests, None)
        finally:
            self._is_waiting_for_request = False

    def _give_up(self) -> None:
        """Withdraw what nobody waits for any more and was not decided yet."""
        while not self._begun.empty():
            for run in self._begun.get_nowait() or ():
                run.outcomes.cancel()
