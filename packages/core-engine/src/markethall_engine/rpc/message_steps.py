"""A message of a batch between its reading and its answer: its commands, and what to say of them then."""

from collections.abc import Callable, Iterator, Sequence
from functools import cache
from itertools import islice
from typing import Any, Protocol

from markethall_common import request_context
from markethall_common.logs import logger
from markethall_common.request_context import RequestContext
from markethall_engine.application.record import Record
from markethall_engine.application.sequencer import Outcome, QueueFull
from markethall_engine.domain.commands import Command
from markethall_engine.rpc.commands import CommandKind
from markethall_engine.rpc.errors import CallRefused
from markethall_engine.rpc.order_batches import OrderBatch, OrderBatches
from markethall_engine.rpc.status import failure_of
from markethall_engine.rpc.translate.order_replies import recorded
from markethall_protos import v1
from markethall_protos.codec import composer


class Step(Protocol):
    """A message as read."""

    @property
    def message(self) -> v1.EngineMessage: ...

    @property
    def commands(self) -> Sequence[Command]:
        """What to submit for it."""
        ...

    @property
    def defines(self) -> bool:
        """Whether later messages are read against what it creates or changes."""
        ...

    @property
    def shows_state(self) -> bool:
        """Whether its answer shows the state as it is by then, which must be durable before it is given."""
        ...

    def answer(self, outcomes: Iterator[Outcome]) -> v1.MessageOutcome:
        """Write the outcome, taking those of its commands from `outcomes`."""
        ...


class CommandStep:
    """A message with one command, as most are."""

    __slots__ = ("_kind", "_name", "commands", "message")

    def __init__(
        self, message: v1.EngineMessage, name: str, kind: CommandKind[Any, Any], command: Command
    ) -> None:
        self.message = message
        self.commands = (command,)
        self._name = name
        self._kind = kind

    @property
    def shows_state(self) -> bool:
        return self._kind.shows_state

    @property
    def defines(self) -> bool:
        return self._kind.defines

    def answer(self, outcomes: Iterator[Outcome]) -> v1.MessageOutcome:
        message = self.message
        try:
            record = recorded(next(outcomes))
            reply = self._kind.reply(record)
        except CallRefused as refusal:
            return failed(message, refusal)
        return _outcome(self._name)(message.message_id, message.correlation_id, record.sequence, reply)


class OrdersStep:
    """A message with a `PlaceOrders`: several commands, each with a result of its own."""

    shows_state = defines = False

    def __init__(self, message: v1.EngineMessage, batch: OrderBatch, batches: OrderBatches) -> None:
        self.message = message
        self.commands = batch.commands
        self.batch = batch
        self._batches = batches

    def answer(self, outcomes: Iterator[Outcome]) -> v1.MessageOutcome:
        placed = list(islice(outcomes, len(self.commands)))
        records = [outcome for outcome in placed if isinstance(outcome, Record)]
        return v1.MessageOutcome(
            message_id=self.message.message_id,
            correlation_id=self.message.correlation_id,
            sequence=max((record.sequence for record in records), default=0),
            place_orders=self._batches.reply(self.batch, placed),
        )


class RefusedStep:
    """A message that never becomes a command."""

    shows_state = defines = False
    commands: tuple[Command, ...] = ()

    def __init__(self, message: v1.EngineMessage, refusal: CallRefused) -> None:
        self.message = message
        self._refusal = refusal

    def answer(self, outcomes: Iterator[Outcome]) -> v1.MessageOutcome:
        return failed(self.message, self._refusal)


@cache
def _outcome(name: str) -> Callable[..., v1.MessageOutcome]:
    """What makes an outcome of a message's two ids, a sequence and the reply to the command `name`."""
    return composer(v1.MessageOutcome, "message_id", "correlation_id", "sequence", name)


def failed(message: v1.EngineMessage, error: CallRefused | QueueFull) -> v1.MessageOutcome:
    """Write the outcome of a message that failed; a line in the log says so under its own request id."""
    failure = failure_of(error)
    with request_context.entered(RequestContext.resume(message.correlation_id, message.traceparent)):
        logger.info(
            "message_failed",
            message_id=message.message_id,
            code=failure.code.name,
            reason=failure.reason,
            detail=failure.message,
        )
    return v1.MessageOutcome(
        message_id=message.message_id,
        correlation_id=message.correlation_id,
        error=failure.message_error(),
    )
