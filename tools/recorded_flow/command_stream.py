"""Commands on the engine's stream, many in a message, with a bounded number of messages under way."""

import asyncio
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Generic, TypeVar

import grpc.aio

from markethall_protos.v1 import (
    CoreEngineServiceStub,
    EngineMessage,
    MessageOutcome,
    ProcessMessagesRequest,
    ProcessMessagesResponse,
)

T = TypeVar("T")

SILENCE_TIMEOUT_S = 30.0
"""How long the venue may take to answer a message."""


class CommandStreamError(Exception):
    """The stream ended, or answered something else than it was asked."""


@dataclass(slots=True)
class _Batch(Generic[T]):
    entries: list[tuple[T, bool]] = field(default_factory=list)
    """What the sender wants back, and whether a message goes with it."""
    messages: list[EngineMessage] = field(default_factory=list)
    sent_ns: int = 0


class CommandStream(Generic[T]):
    """One `ProcessMessages` call with a sender and a reader, in tasks of their own.

    What the sender gives with its messages comes back to the reader with their outcomes, in order.
    """

    def __init__(self, channel: grpc.aio.Channel, *, batch_size: int, in_flight: int) -> None:
        self._call: grpc.aio.StreamStreamCall[ProcessMessagesRequest, ProcessMessagesResponse] = (
            CoreEngineServiceStub(channel).process_messages()
        )
        self._batch_size = batch_size
        self._slots = asyncio.Semaphore(in_flight)
        self._under_way: asyncio.Queue[_Batch[T] | None] = asyncio.Queue()
        self._batch = _Batch[T]()
        self.latencies_ns: list[int] = []
        """From sending each batch to having its outcomes."""

    async def send(self, entry: T, message: EngineMessage) -> None:
        """Add a message; what was gathered goes out when there are `batch_size` of them."""
        self._batch.entries.append((entry, True))
        self._batch.messages.append(message)
        if len(self._batch.messages) >= self._batch_size:
            await self.flush()

    def note(self, entry: T) -> None:
        """Have `entry` come back after the outcomes of what was sent before it."""
        self._batch.entries.append((entry, False))

    async def flush(self) -> None:
        """Send what was gathered, once there is a free slot."""
        batch, self._batch = self._batch, _Batch[T]()
        await self._slots.acquire()
        batch.sent_ns = time.perf_counter_ns()
        if batch.messages:
            await self._call.write(ProcessMessagesRequest(messages=batch.messages))
        self._under_way.put_nowait(batch)

    async def settle(self) -> None:
        """Send what was gathered and wait until the reader has gone through all of it."""
        await self.flush()
        await self._under_way.join()

    async def close(self) -> None:
        """Send what was gathered; the reader's loop ends after it."""
        await self.flush()
        await self._call.done_writing()
        self._under_way.put_nowait(None)

    def cancel(self) -> None:
        self._call.cancel()

    async def outcomes(self) -> AsyncIterator[tuple[T, MessageOutcome | None]]:
        """Each entry with its message's outcome, or with None if it was a note.

        Raises `CommandStreamError`, `TimeoutError` and `grpc.aio.AioRpcError`.
        """
        while (batch := await self._under_way.get()) is not None:
            outcomes = iter(await self._read(batch) if batch.messages else ())
            for entry, has_message in batch.entries:
                yield entry, next(outcomes) if has_message else None
            self._slots.release()
            self._under_way.task_done()

    async def _read(self, batch: _Batch[T]) -> list[MessageOutcome]:
        async with asyncio.timeout(SILENCE_TIMEOUT_S):
            response = await self._call.read()
        if not isinstance(response, ProcessMessagesResponse):
            raise CommandStreamError("the venue ended the stream of commands before it had answered all")
        self.latencies_ns.append(time.perf_counter_ns() - batch.sent_ns)
        if len(response.outcomes) != len(batch.messages):
            raise CommandStreamError(
                f"expected {len(batch.messages)} outcomes, found {len(response.outcomes)}"
            )
        return response.outcomes
