"""Batches of `EngineMessage`s: read in order, submitted together, answered one by one.

A message that fails keeps none of the others from being carried out. A message that creates or changes what
later messages are read against (an asset, an instrument) is carried out before those are read, and so is what
comes before a replace that names an order by a client order id not yet known.

Messages of HIGH priority that a batch begins with are submitted by themselves, to overtake what came by other
ways. Later ones could overtake nothing: they come right behind a message of the same batch.
"""

import asyncio
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final, NamedTuple

from markethall_engine.application.sequencer import Outcome, QueueFull, Sequencer
from markethall_engine.application.waiter import relieves
from markethall_engine.domain.commands import Command
from markethall_engine.rpc.commands import Commands
from markethall_engine.rpc.errors import CallRefused, InvalidRequest
from markethall_engine.rpc.message_steps import CommandStep, OrdersStep, RefusedStep, Step, failed
from markethall_engine.rpc.order_batches import OrderBatch
from markethall_engine.rpc.translate.faults import Faults
from markethall_engine.rpc.translate.sessions import in_session
from markethall_protos import v1
from markethall_protos.commands import COMMANDS, carried

MAX_MESSAGES = 10_000
"""Of one request."""

_HIGH: Final = v1.MessagePriority.HIGH


class Decided(NamedTuple):
    """The outcomes of the commands that were taken, in order, and why the rest was not, if any."""

    outcomes: list[Outcome]
    full: QueueFull | None = None


@dataclass(frozen=True, slots=True)
class Run:
    """Messages that were submitted together."""

    steps: Sequence[Step]
    outcomes: asyncio.Task[Decided]
    weight: int
    """How many messages or commands it is, whichever are more."""


class Messages:
    """Carries out batches of messages in two halves, so that one batch may be begun while others wait."""

    def __init__(self, commands: Commands, sequencer: Sequencer) -> None:
        self._commands = commands
        self._sequencer = sequencer

    async def begin(
        self, messages: Sequence[v1.EngineMessage], session_id: str = "", *, origin: object | None = None
    ) -> list[Run]:
        """Read the messages and submit their commands; those of an earlier `begin` go before them.

        Whatever the priorities, that holds for those of the same `origin`: a stream, or else this call alone.
        Orders are to end with the session, if one is named.

        Raises `InvalidRequest` for what is wrong with the batch as a whole, and `EngineStopped`.
        """
        if not 1 <= len(messages) <= MAX_MESSAGES:
            faults = Faults()
            faults.add("messages", f"expected 1 to {MAX_MESSAGES} messages, found {len(messages)}")
            raise faults.refusal()
        if origin is None:
            origin = object()
        runs = []
        steps: list[Step] = []
        is_urgent = False  # whether the steps are, all of them
        for message in messages:
            replace = message.replace_order
            if replace is not None and self._commands.order_requests.names_no_order_yet(replace):
                # The order may be one that is on its way, and decides how the rest of the request is read.
                if steps:
                    runs.append(self._submit(steps, origin, is_urgent=is_urgent))
                    steps = []
                await self._sequencer.submit((), origin=origin)
            step = self._read(message, session_id)
            if isinstance(step, OrdersStep) and step.batch.all_or_none:
                if steps:
                    runs.append(self._submit(steps, origin, is_urgent=is_urgent))
                    steps = []
                runs.append(self._submit_batch(step, origin))
                continue
            if not steps:
                is_urgent = _is_urgent(step)
            elif is_urgent and not _is_urgent(step):
                runs.append(self._submit(steps, origin, is_urgent=True))
                steps, is_urgent = [], False
            steps.append(step)
            if step.defines:
                run = self._submit(steps, origin)
                await asyncio.wait((run.outcomes,))
                runs.append(run)
                steps = []
        if steps:
            runs.append(self._submit(steps, origin, is_urgent=is_urgent))
        return runs

    async def finish(self, runs: Sequence[Run]) -> list[v1.MessageOutcome]:
        """Wait until the runs are durable and write an outcome for each of their messages.

        Raises `EngineStopped`.
        """
        answers: list[v1.MessageOutcome] = []
        for run in runs:
            try:
                answers += _answers(run.steps, await run.outcomes)
            except QueueFull as full:
                answers += [failed(step.message, full) for step in run.steps]
        if any(step.shows_state for run in runs for step in run.steps):
            await self._sequencer.settled()
        return answers

    def _read(self, message: v1.EngineMessage, session_id: str) -> Step:
        commands = self._commands
        try:
            command = carried(message)
            if command is None:
                raise _without_command()
            name, request = command
            if isinstance(request, v1.PlaceOrdersRequest):
                batch = commands.order_batches.read(request, session_id)
                return OrdersStep(message, batch, commands.order_batches)
            kind = commands.kinds[name]
            return CommandStep(message, name, kind, in_session(kind.read(request), session_id))
        except CallRefused as refusal:
            return RefusedStep(message, refusal)

    def _submit(self, steps: Sequence[Step], origin: object, *, is_urgent: bool = False) -> Run:
        commands: list[Command] = []
        for step in steps:
            commands += step.commands
        # Tasks begin in the order of their creation, and `submit` takes its place in the queue at once.
        outcomes = asyncio.create_task(self._decided(commands, origin, is_urgent=is_urgent))
        return Run(steps, outcomes, max(len(steps), len(commands)))

    def _submit_batch(self, step: OrdersStep, origin: object) -> Run:
        outcomes = asyncio.create_task(self._batch_decided(step.batch, origin))
        return Run((step,), outcomes, len(step.commands))

    async def _decided(self, commands: Sequence[Command], origin: object, *, is_urgent: bool) -> Decided:
        """Have the commands decided, or those that the full queue keeps room for; raises `QueueFull`."""
        try:
            return Decided(await self._sequencer.submit(commands, origin=origin, is_urgent=is_urgent))
        except QueueFull as full:
            relief = [command for command in commands if relieves((command,))]
            if len(relief) in (0, len(commands)):
                raise
            return Decided(await self._sequencer.submit(relief, origin=origin), full)

    async def _batch_decided(self, batch: OrderBatch, origin: object) -> Decided:
        return Decided(await self._commands.order_batches.submit(batch, origin))


def _answers(steps: Sequence[Step], decided: Decided) -> Iterator[v1.MessageOutcome]:
    outcomes = iter(decided.outcomes)
    for step in steps:
        if decided.full is None or relieves(step.commands):
            yield step.answer(outcomes)
        else:
            yield failed(step.message, decided.full)


def _is_urgent(step: Step) -> bool:
    return step.message.priority == _HIGH and relieves(step.commands)


def _without_command() -> InvalidRequest:
    faults = Faults()
    faults.add("command", f"required: one of {', '.join(COMMANDS)}")
    return faults.refusal()
