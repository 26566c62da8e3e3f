"""Sends a stream to its reader, from the first message to whatever ends it.

The response begins with the first message, or after a moment of silence; a call that fails before has an
ordinary problem document for an answer. From then on a problem is the last part of the stream. A reader who
goes takes the call of the engine with it; a slow one is felt by the engine, which decides when to cut it off.
"""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import aclosing
from typing import Any, Final

import betterproto2
from grpc import StatusCode
from starlette.types import Receive, Send

from markethall_common import request_context
from markethall_common.logs import logger
from markethall_common.shutdown import Shutdown
from markethall_gateway.engine_client import EngineError
from markethall_gateway.streams.framing import Framing
from markethall_gateway.streams.resumption import Position
from markethall_gateway.transcoding.problems import Problem, problem_of
from markethall_protos.codec import to_json

OPENING_S: Final = 0.25
"""How long a call may fail with a status of its own before the response begins with 200."""


class Delivery:
    """One stream on its way to one reader."""

    def __init__(
        self, framing: Framing, position: Position, receive: Receive, send: Send, *, heartbeat_s: float
    ) -> None:
        self._framing = framing
        self._position = position
        self._receive = receive
        self._send = send
        self._heartbeat_s = heartbeat_s
        self._is_begun = False
        self._sending = asyncio.Lock()
        self._is_silent = True

    async def run(self, messages: AsyncGenerator[betterproto2.Message, None], shutdown: Shutdown) -> None:
        """Deliver `messages` until they end, the reader goes or the gateway shuts down.

        Raises the `EngineError` of a call that failed before the response began.
        """
        delivering = asyncio.create_task(self._deliver(messages), name="stream")
        leaving = asyncio.create_task(self._reader_gone(), name="stream-reader")
        ending = asyncio.create_task(shutdown.requested(), name="stream-shutdown")
        tasks: tuple[asyncio.Task[Any], ...] = (delivering, leaving, ending)
        try:
            done, _ = await asyncio.wait(tasks, timeout=OPENING_S, return_when=asyncio.FIRST_COMPLETED)
            while not done:
                await self._break_silence()
                done, _ = await asyncio.wait(
                    tasks, timeout=self._heartbeat_s, return_when=asyncio.FIRST_COMPLETED
                )
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.wait(tasks)
        if leaving in done:
            logger.info("stream_left")
            return
        await self._end(_failure(delivering) if delivering in done else _shutting_down())

    async def _deliver(self, messages: AsyncGenerator[betterproto2.Message, None]) -> None:
        async with aclosing(messages):
            async for message in messages:
                position = self._position.of(message)
                if position is not None:
                    await self._write(self._framing.message(to_json(message), position))

    async def _reader_gone(self) -> None:
        while (await self._receive())["type"] != "http.disconnect":
            pass

    async def _break_silence(self) -> None:
        """Begin the response, or send a heartbeat where nothing else was sent since the last call."""
        if not self._is_begun:
            await self._write(b"")
        elif self._is_silent and not self._sending.locked() and self._framing.heartbeat:
            await self._write(self._framing.heartbeat)
        self._is_silent = True

    async def _end(self, error: EngineError | None) -> None:
        """End the response, with the problem that ended the stream if there was one."""
        if error is not None and not self._is_begun:
            raise error
        last = b"" if error is None else self._framing.problem(_document(problem_of(error)))
        await self._write(last, is_last=True)

    async def _write(self, part: bytes, *, is_last: bool = False) -> None:
        async with self._sending:
            if not self._is_begun:
                self._is_begun = True
                part = self._framing.opening + part
                headers = [
                    (b"content-type", self._framing.media_type.encode()),
                    (b"x-accel-buffering", b"no"),  # nginx would hold messages back
                ]
                await self._send({"type": "http.response.start", "status": 200, "headers": headers})
            await self._send({"type": "http.response.body", "body": part, "more_body": not is_last})
            self._is_silent = False


def _shutting_down() -> EngineError:
    return EngineError(
        StatusCode.UNAVAILABLE,
        "the gateway is shutting down; open the stream again from where you were",
        reason="SHUTTING_DOWN",
        is_for_caller=True,
    )


def _failure(delivering: "asyncio.Task[None]") -> EngineError | None:
    """How the messages ended: None for well. Raises what is no failure of the call."""
    error = delivering.exception()
    if error is None or isinstance(error, EngineError):
        return error
    raise error


def _document(problem: Problem) -> bytes:
    context = request_context.current()
    return problem.document("" if context is None else context.request_id)
