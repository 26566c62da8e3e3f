"""Batches of `EngineMessage`s: read in order, submitted together, answered one by one.

A message that fails keeps none of the others from being carried out. A message that creates or changes what
later messages are read against (an asset, an instrument) is carried out before those are read, and so is what
comes before a replace that names an order by a client order id not yet known.
"""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass

from markethall_engine.application.sequencer import Outcome, QueueFull, Sequencer
from markethall_engine.domain.commands import Command
from markethall_engine.rpc.commands import Commands
from markethall_engine.rpc.errors import CallRefused, InvalidRequest
from markethall_engine.rpc.message_steps import CommandStep, OrdersStep, RefusedStep, Step, failed
from markethall_engine.rpc.translate.faults import Faults
from markethall_engine.rpc.translate.sessions import in_session
from markethall_protos import v1
from markethall_protos.commands import COMMANDS, carried

MAX_MESSAGES = 10_000
"""Of one request."""


@dataclass(frozen=True, slots=True)
class Run:
    """Messages that were submitted together; `outcomes` has one for each of their commands, in order."""

    steps: Sequence[Step]
    outcomes: asyncio.Task[list[Outcome]]
    weight: int
    """How many messages or commands it is, whichever are more."""


class Messages:
    """Carries out batches of messages in two halves, so that one batch may be begun while others wait."""

    def __init__(self, commands: Commands, sequencer: Sequencer) -> None:
        self._commands = commands
        self._sequencer = sequencer

    async def begin(self, messages: Sequence[v1.EngineMessage], session_id: str = "") -> list[Run]:
        """Read the messages and submit their commands; those of an earlier `begin` go before them.

        Orders are to end with the session, if one is named.

        Raises `InvalidRequest` for what is wrong with the batch as a whole, and `EngineStopped`.
        """
        if not 1 <= len(messages) <= MAX_MESSAGES:
            faults = Faults()
            faults.add("messages", f"expected 1 to {MAX_MESSAGES} messages, found {len(messages)}")
            raise faults.refusal()
        runs = []
        steps: list[Step] = []
        for message in messages:
            replace = message.replace_order
            if replace is not None and self._commands.order_requests.names_no_order_yet(replace):
                # The order may be one that is on its way, and decides how the rest of the request is read.
                if steps:
                    runs.append(self._submit(steps))
                    steps = []
                await self._sequencer.submit(())
            step = self._read(message, session_id)
            if isinstance(step, OrdersStep) and step.batch.all_or_none:
                if steps:
                    runs.append(self._submit(steps))
                    steps = []
                runs.append(self._submit_batch(step))
                continue
            steps.append(step)
            if step.defines:
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
        for run in runs:
            try:
                outcomes = iter(await run.outcomes)
            except QueueFull as full:
                answers += [failed(step.message, full) for step in run.steps]
            else:
                answers += [step.answer(outcomes) for step in run.steps]
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

    def _submit(self, steps: Sequence[Step]) -> Run:
        commands: list[Command] = []
        for step in steps:
            commands += step.commands
        # Tasks begin in the order of their creation, and `submit` takes its place in the queue at once.
        outcomes = asyncio.create_task(self._sequencer.submit(commands))
        return Run(steps, outcomes, max(len(steps), len(commands)))

    def _submit_batch(self, step: OrdersStep) -> Run:
        outcomes = asyncio.create_task(self._commands.order_batches.submit(step.batch))
        return Run((step,), outcomes, len(step.commands))


def _without_command() -> InvalidRequest:
    faults = Faults()
    faults.add("command", f"required: one of {', '.join(COMMANDS)}")
    return faults.refusal()
