"""Batches of `EngineMessage`s: read in order, submitted together, answered one by one.

A message that fails keeps none of the others from being carried out. A message that creates or changes what
later messages are read against (an asset, an instrument) is carried out before those are read.
"""

import asyncio
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any

from markethall_common import request_context
from markethall_common.logs import logger
from markethall_common.request_context import RequestContext
from markethall_engine.application.record import Record
from markethall_engine.application.sequencer import Outcome, QueueFull, Sequencer
from markethall_engine.domain.commands import Command
from markethall_engine.rpc.commands import CommandKind, Commands
from markethall_engine.rpc.errors import CallRefused, NotBuilt
from markethall_engine.rpc.order_batches import OrderBatch
from markethall_engine.rpc.status import failure_of
from markethall_engine.rpc.translate.faults import Faults
from markethall_engine.rpc.translate.order_replies import recorded
from markethall_protos import v1

MAX_MESSAGES = 10_000
"""Of one request."""

_COMMANDS = (
    "place_order",
    "cancel_order",
    "replace_order",
    "place_orders",
    "cancel_all_orders",
    "deposit",
    "withdraw",
    "create_asset",
    "create_instrument",
    "update_instrument",
    "create_account",
    "update_account",
    "update_risk_limits",
    "set_trading_state",
)
"""The members of `EngineMessage.command`, the frequent ones first."""


class _Step:
    """One message as read: its command or commands, or why there is none."""

    __slots__ = ("kind", "message", "name", "read")

    def __init__(
        self,
        message: v1.EngineMessage,
        name: str,
        kind: CommandKind[Any, Any] | None,
        read: Command | OrderBatch | CallRefused,
    ) -> None:
        self.message = message
        self.name = name
        self.kind = kind
        self.read = read


@dataclass(frozen=True, slots=True)
class Run:
    """Messages that were submitted together; `outcomes` has one for each of their commands, in order."""

    steps: Sequence[_Step]
    outcomes: asyncio.Task[list[Outcome]]
    weight: int
    """How many messages and commands it is, whichever are more."""


class Messages:
    """Carries out batches of messages in two halves, so that one batch may be begun while others wait."""

    def __init__(self, commands: Commands, sequencer: Sequencer) -> None:
        self._commands = commands
        self._sequencer = sequencer

    async def begin(self, messages: Sequence[v1.EngineMessage]) -> list[Run]:
        """Read the messages and submit their commands; those of an earlier `begin` go before them.

        Raises `InvalidRequest` for what is wrong with the batch as a whole.
        """
        if not 1 <= len(messages) <= MAX_MESSAGES:
            faults = Faults()
            faults.add("messages", f"expected 1 to {MAX_MESSAGES} messages, found {len(messages)}")
            raise faults.refusal()
        runs = []
        steps: list[_Step] = []
        for message in messages:
            step = self._read(message)
            steps.append(step)
            if step.kind is not None and step.kind.defines:
                run = self._submit(steps)
                await asyncio.wait((run.outcomes,))
                runs.append(run)
                steps = []
        if steps:
            runs.append(self._submit(steps))
        return runs

    async def finish(self, runs: Sequence[Run]) -> list[v1.MessageOutcome]:
        """Wait until the runs are durable and write an outcome for each of their messages.

        Raises `EngineStopped`.
        """
        answers: list[v1.MessageOutcome] = []
        shows_state = False
        for run in runs:
            try:
                outcomes = iter(await run.outcomes)
            except QueueFull as full:
                answers += (_failed(step.message, full) for step in run.steps)
                continue
            for step in run.steps:
                answers.append(self._answer(step, outcomes))
                shows_state = shows_state or (step.kind is not None and step.kind.shows_state)
        if shows_state:
            await self._sequencer.settled()
        return answers

    def _read(self, message: v1.EngineMessage) -> _Step:
        for name in _COMMANDS:
            request = getattr(message, name)
            if request is not None:
                break
        else:
            faults = Faults()
            faults.add("command", f"required: one of {', '.join(_COMMANDS)}")
            return _Step(message, "", None, faults.refusal())
        try:
            if name == "place_orders":
                return _Step(message, name, None, self._commands.order_batches.read(request))
            kind = getattr(self._commands, name, None)
            if kind is None:
                raise NotBuilt(f"the command {name}")
            return _Step(message, name, kind, kind.read(request))
        except CallRefused as refusal:
            return _Step(message, name, None, refusal)

    def _submit(self, steps: Sequence[_Step]) -> Run:
        commands: list[Command] = []
        for step in steps:
            if isinstance(step.read, OrderBatch):
                commands += step.read.commands
            elif not isinstance(step.read, CallRefused):
                commands.append(step.read)
        # Tasks begin in the order of their creation, and `submit` takes its place in the queue at once.
        return Run(
            steps, asyncio.create_task(self._sequencer.submit(commands)), max(len(steps), len(commands))
        )

    def _answer(self, step: _Step, outcomes: Iterator[Outcome]) -> v1.MessageOutcome:
        """Write the outcome of a message, taking the outcomes of its commands."""
        message, read = step.message, step.read
        try:
            if step.kind is not None:
                record = recorded(next(outcomes))
                sequence, reply = record.sequence, step.kind.reply(record)
            elif isinstance(read, OrderBatch):
                placed = list(islice(outcomes, len(read.commands)))
                sequence = max(
                    (outcome.sequence for outcome in placed if isinstance(outcome, Record)), default=0
                )
                reply = self._commands.order_batches.reply(read, placed)
            else:
                assert isinstance(read, CallRefused)
                raise read
        except CallRefused as refusal:
            return _failed(message, refusal)
        return v1.MessageOutcome(message.message_id, message.correlation_id, sequence, **{step.name: reply})


def _failed(message: v1.EngineMessage, error: CallRefused | QueueFull) -> v1.MessageOutcome:
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
