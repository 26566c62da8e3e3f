"""The one long-lived stream that carries the commands of all HTTP clients to the engine.

A message on a stream costs the two processes about a hundred times what a command inside it does. So there is
one stream, `CoreEngineService.ProcessMessages`, and whatever has gathered while earlier messages were under
way goes out as the next one. Replies find their callers by message id.

A command is sent once. When the stream breaks, what was on it may have been carried out or not, and its
callers are told exactly that; only they can know whether to repeat it. The stream opens again for the next
command.
"""

import asyncio
from collections import deque
from dataclasses import dataclass
from itertools import count
from typing import Any, Final

import betterproto2
import grpc
import grpc.aio

from markethall_common.logs import logger
from markethall_common.request_context import RequestContext
from markethall_gateway.engine_client.errors import EngineError
from markethall_protos.codec import decoder, encoder
from markethall_protos.v1 import (
    EngineMessage,
    MessageOutcome,
    MessagePriority,
    ProcessMessagesRequest,
    ProcessMessagesResponse,
)

MESSAGES_UNDER_WAY: Final = 2
"""Messages that may be without an answer: one that the engine decides and flushes, and one on its way, so
that neither side waits for the other."""

MESSAGE_BYTES: Final = 128 * 1024
"""A message is closed once it has this many bytes, so that its outcomes, which are several times as long,
stay below what the engine may send at once."""

MESSAGE_COMMANDS: Final = 10_000
"""The contract's limit for one message."""

URGENT: Final = frozenset({"cancel_order", "cancel_all_orders", "set_trading_state"})
"""Commands that go before what other clients of the engine have waiting."""

RESERVED: Final = 16
"""Of the commands that may wait, one in so many is an urgent one."""

_PATH: Final = "/markethall.v1.CoreEngineService/ProcessMessages"
_encode = encoder(ProcessMessagesRequest)

Call = grpc.aio.StreamStreamCall[bytes, ProcessMessagesResponse]


@dataclass(slots=True, eq=False)
class _Command:
    """A command whose caller waits. `data` is a whole `ProcessMessagesRequest` with it alone."""

    message_id: str
    data: bytes
    outcome: asyncio.Future[MessageOutcome]
    is_sent: bool = False


class CommandStream:
    """Carries commands, many at a time; a task of its own keeps the stream."""

    def __init__(self, channel: grpc.aio.Channel, *, capacity: int) -> None:
        """Let at most `capacity` commands wait for their outcome, sent or not; the last are urgent ones."""
        # Encoded messages with a repeated field, put behind each other, are the message with all of them.
        self._open: grpc.aio.StreamStreamMultiCallable[bytes, ProcessMessagesResponse] = (
            channel.stream_stream(_PATH, None, decoder(ProcessMessagesResponse))
        )
        self._capacity = capacity
        self._numbers = count(1)
        self._unsent: deque[_Command] = deque()
        self._sent: dict[str, _Command] = {}
        self._under_way = 0
        self._changed = asyncio.Event()
        self._task: asyncio.Task[None] | None = None

    async def carry(
        self, field: str, request: betterproto2.Message, *, timeout_s: float, context: RequestContext
    ) -> Any:
        """Send `request` as the command `field` and return the reply of the same name, once it is durable.

        Raises `EngineError`: what the engine answered; RESOURCE_EXHAUSTED where `capacity` commands wait;
        UNAVAILABLE where the engine cannot be reached or was lost; DEADLINE_EXCEEDED after `timeout_s`.
        """
        capacity = self._capacity if field in URGENT else self._capacity - self._capacity // RESERVED
        if len(self._unsent) + len(self._sent) >= capacity:
            raise EngineError(
                grpc.StatusCode.RESOURCE_EXHAUSTED,
                f"{capacity} commands wait for the engine already; this one was not sent",
                reason="TOO_MANY_COMMANDS",
                is_for_caller=True,
            )
        loop = asyncio.get_running_loop()
        command = _Command(str(next(self._numbers)), b"", loop.create_future())
        oneof: dict[str, Any] = {field: request}
        message = EngineMessage(
            message_id=command.message_id,
            correlation_id=context.request_id,
            traceparent=context.trace.traceparent,
            priority=MessagePriority.HIGH if field in URGENT else MessagePriority.UNSPECIFIED,
            **oneof,
        )
        command.data = _encode(ProcessMessagesRequest(messages=[message]))
        self._unsent.append(command)
        self._changed.set()
        if self._task is None:
            self._task = loop.create_task(self._run(), name="command-stream")
        timer = loop.call_later(timeout_s, _expire, command, timeout_s)
        try:
            outcome = await command.outcome
        finally:
            timer.cancel()
            self._sent.pop(command.message_id, None)
        if outcome.error is not None:
            raise EngineError.from_outcome(outcome.error)
        reply = getattr(outcome, field)
        if reply is None:
            raise EngineError(grpc.StatusCode.INTERNAL, f"the engine's outcome holds no {field}")
        return reply

    async def close(self) -> None:
        """End the stream and its task. Callers that still wait do so until their time is up."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.wait([self._task])
            self._task = None

    async def _run(self) -> None:
        while True:
            await self._changed.wait()
            self._changed.clear()
            if self._unsent:
                await self._keep_stream()

    async def _keep_stream(self) -> None:
        """Open the stream, carry commands until it ends, and tell those who waited for it."""
        call = self._open()
        try:
            try:
                await call.wait_for_connection()
            except grpc.aio.AioRpcError as error:
                self._fail_unsent(error)
                return
            logger.debug("command_stream_opened")
            self._under_way = 0
            await self._exchange(call)
            self._lose(await _failure(call))
        finally:
            call.cancel()

    async def _exchange(self, call: Call) -> None:
        """Write and read until the stream ends."""
        reader = asyncio.create_task(self._read(call), name="command-stream-reader")
        reader.add_done_callback(lambda _: self._changed.set())
        try:
            while not reader.done():
                while self._unsent and self._under_way < MESSAGES_UNDER_WAY:
                    message = self._next_message()
                    if message:
                        self._under_way += 1
                        await call.write(message)
                await self._changed.wait()
                self._changed.clear()
        except (grpc.aio.AioRpcError, asyncio.InvalidStateError):
            pass  # The call is over, and its status says why.
        finally:
            if not reader.done():
                call.cancel()
                await asyncio.wait([reader])
        if self._unsent:
            self._changed.set()  # They were never on this stream, and go on the next.

    async def _read(self, call: Call) -> None:
        """Hand outcomes to their callers until the stream ends."""
        try:
            while isinstance(response := await call.read(), ProcessMessagesResponse):
                self._under_way -= 1
                if self._unsent:
                    self._changed.set()
                for outcome in response.outcomes:
                    command = self._sent.pop(outcome.message_id, None)
                    if command is not None and not command.outcome.done():
                        command.outcome.set_result(outcome)
        except (grpc.aio.AioRpcError, asyncio.CancelledError):
            pass  # The call is over, and its status says why.

    def _next_message(self) -> bytes:
        """Take what waits, up to the limits, leaving out those whose callers have gone."""
        parts: list[bytes] = []
        size = 0
        while self._unsent and size < MESSAGE_BYTES and len(parts) < MESSAGE_COMMANDS:
            command = self._unsent.popleft()
            if not command.outcome.done():
                command.is_sent = True
                self._sent[command.message_id] = command
                parts.append(command.data)
                size += len(command.data)
        return b"".join(parts)

    def _fail_unsent(self, error: grpc.aio.AioRpcError) -> None:
        logger.warning("command_stream_unavailable", error=error.details(), commands=len(self._unsent))
        for command in self._unsent:
            if not command.outcome.done():
                command.outcome.set_exception(_unreachable())
        self._unsent.clear()

    def _lose(self, error: grpc.aio.AioRpcError) -> None:
        """Fail the commands that were on the stream.

        Where the engine itself ended it, while it recovers or drains, its own words hold for what it did not
        answer. Otherwise nobody knows what became of that.
        """
        if not self._sent:
            return
        logger.warning("command_stream_lost", error=error.details(), commands=len(self._sent))
        has_words = EngineError.from_call(error).is_for_caller
        for command in list(self._sent.values()):
            if not command.outcome.done():
                command.outcome.set_exception(EngineError.from_call(error) if has_words else _lost())
        self._sent.clear()


def _unreachable() -> EngineError:
    return EngineError(
        grpc.StatusCode.UNAVAILABLE,
        "the engine cannot be reached; the command was not sent",
        reason="NOT_SENT",
        is_for_caller=True,
    )


def _lost() -> EngineError:
    return EngineError(
        grpc.StatusCode.UNAVAILABLE,
        "the connection to the engine was lost before it answered; the command may have been carried out: "
        "repeat it under the same client order id to learn which",
        reason="OUTCOME_UNKNOWN",
        is_for_caller=True,
    )


def _expire(command: _Command, timeout_s: float) -> None:
    if command.outcome.done():
        return
    if command.is_sent:
        message = (
            f"the engine did not answer within {timeout_s:g} s; the command may have been carried out: "
            "repeat it under the same client order id to learn which"
        )
        reason = "OUTCOME_UNKNOWN"
    else:
        message = f"the engine took no more commands within {timeout_s:g} s; this one was not sent"
        reason = "NOT_SENT"
    command.outcome.set_exception(
        EngineError(grpc.StatusCode.DEADLINE_EXCEEDED, message, reason=reason, is_for_caller=True)
    )


async def _failure(call: Call) -> grpc.aio.AioRpcError:
    """How a call that is over ended, as the error that awaiting it would raise."""
    return grpc.aio.AioRpcError(
        await call.code(), await call.initial_metadata(), await call.trailing_metadata(), await call.details()
    )
