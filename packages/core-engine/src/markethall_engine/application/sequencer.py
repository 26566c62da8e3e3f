"""The one writer: every command passes here, in one order, and becomes durable before anyone is told.

Commands wait in a bounded queue. The sequencer decides and applies them in groups on the event loop and
hands the groups to a thread that flushes the journal; while a flush is under way the next group is decided,
so the group after it holds what came meanwhile (group commit, decision 0041). Callers and publishers learn
of a record only after its flush, in the journal's order.

Cancels and kill switches that are said to be urgent overtake commands of others that still wait, and the last
places of the queue are theirs (decision 0102).

What the venue owes itself (`Exchange.next_command`) is decided before any client's command, when its time has
come if it waits for that, and at the start what the journal's end still owes.

Whatever fails here stops the engine: an exception out of the exchange is a bug and one out of a flush leaves
open what the disk holds. A restart, which believes the journal and nothing else, is the repair.
"""

import asyncio
from collections import deque
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from itertools import islice
from typing import Final, cast

import msgspec

from markethall_common.clock import Clock
from markethall_engine.application.ports import Journal, Publisher
from markethall_engine.application.record import Record
from markethall_engine.application.timers import Alarm
from markethall_engine.application.waiter import Waiter, relieves
from markethall_engine.application.waiting_line import WaitingLine
from markethall_engine.domain.commands import Command, PlaceOrder
from markethall_engine.domain.decision import Duplicate
from markethall_engine.domain.exchange import Exchange

_RESERVED: Final = 16
"""Of the places in the queue, one in so many is kept for cancels and kill switches."""


class ClientOrderIdReused(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """The command's client order id or reference belongs to another request; nothing was journaled."""

    command: Command
    original: Record


Outcome = Record | ClientOrderIdReused
"""What became of one command: its record, or for a repeated command the record of the first one."""


class QueueFull(Exception):
    """More commands were submitted than may wait. None of the batch was taken; try again later."""

    def __init__(self, limit: int, waiting: int, submitted: int) -> None:
        super().__init__(
            f"at most {limit} commands may wait; {waiting} do and {submitted} more were submitted"
        )
        self.limit = limit
        self.waiting = waiting
        self.submitted = submitted


class EngineStopped(Exception):
    """The engine takes no commands any more.

    Whoever waited for an outcome when this is raised does not know whether the command was carried out;
    repeating it under the same client order id after a restart tells.
    """


class Sequencer:
    """Gives commands their place in the one order, makes them durable and tells.

    Everything but the flush runs on the event loop that `run` runs on, and nothing here may be called from
    another thread. The exchange belongs to the sequencer: others read it, through `Queries`.

    `queue_limit` counts commands that were submitted and not yet told, and its last sixteenth is for cancels
    and kill switches alone; `group_limit` is the most commands decided in one turn of the event loop, so that
    reads and health checks get theirs.
    """

    def __init__(
        self,
        exchange: Exchange,
        journal: Journal,
        clock: Clock,
        publishers: Sequence[Publisher] = (),
        *,
        queue_limit: int = 65_536,
        group_limit: int = 512,
    ) -> None:
        if exchange.sequence != journal.last_sequence:
            raise ValueError(
                f"the exchange stands at sequence {exchange.sequence}, the journal at {journal.last_sequence}"
            )
        self._exchange = exchange
        self._journal = journal
        self._clock = clock
        self._publishers = tuple(publishers)
        self._queue_limit = queue_limit
        self._order_limit = queue_limit - queue_limit // _RESERVED
        self._group_limit = group_limit

        self._sequence = self._flushed_sequence = self._durable_sequence = exchange.sequence
        self._time_ns = exchange.time_ns
        self._waiting_commands = 0
        self._queue = WaitingLine()
        self._decided: deque[Waiter] = deque()
        self._undurable: deque[list[Record]] = deque()
        self._something_to_decide = asyncio.Event()
        self._something_to_flush = asyncio.Event()
        self._something_to_tell = asyncio.Event()
        self._is_draining = False
        self._has_decided_all = False
        self._stop_reason = ""

    @property
    def sequence(self) -> int:
        """Of the newest applied record, which may not be durable yet."""
        return self._sequence

    @property
    def durable_sequence(self) -> int:
        """Of the newest record that survives a crash and that publishers have been told of."""
        return self._durable_sequence

    @property
    def waiting_commands(self) -> int:
        """How many commands were submitted and not yet told."""
        return self._waiting_commands

    @property
    def queue_limit(self) -> int:
        return self._queue_limit

    async def submit(
        self, commands: Sequence[Command], *, origin: object | None = None, is_urgent: bool = False
    ) -> list[Outcome]:
        """Decide the commands, in order, and return their outcomes once they are durable.

        Other callers' commands may come between them. What is urgent overtakes others that wait, but none
        of the same `origin`, whatever that is; only what `relieves` is ever urgent.

        Raises `QueueFull` at once where they do not all fit, and `EngineStopped`. Who is canceled while
        waiting gives up the commands not yet decided.
        """
        durable = self._begin(commands)
        waiter = Waiter(commands, durable, origin=origin, is_urgent=is_urgent and relieves(commands))
        return await self._submit(waiter)

    async def submit_all_or_none(
        self, orders: Sequence[PlaceOrder], *, origin: object | None = None
    ) -> list[Outcome]:
        """As `submit`, of orders of which all are to rest or all to be refused: see `domain.batches`.

        Nothing comes between them, and they become durable together.
        """
        return await self._submit(Waiter(orders, self._begin(orders), origin=origin, is_batch=True))

    def _begin(self, commands: Sequence[Command]) -> asyncio.Future[None]:
        """Count commands in, and return what is done once they are durable; raises what `submit` does."""
        if self._stop_reason:
            raise EngineStopped(self._stop_reason)
        if self._is_draining:
            raise EngineStopped("the engine is shutting down and takes no more commands")
        count = len(commands)
        waiting = self._waiting_commands + count
        if waiting > self._order_limit:
            limit = self._queue_limit if relieves(commands) else self._order_limit
            if waiting > limit:
                raise QueueFull(limit, self._waiting_commands, count)
        self._waiting_commands = waiting
        return asyncio.get_running_loop().create_future()

    async def _submit(self, waiter: Waiter) -> list[Outcome]:
        self._queue.put(waiter)
        self._something_to_decide.set()
        await waiter.durable
        return await self._outcomes(waiter)

    async def settled(self) -> int:
        """Wait until everything applied before the call is durable and return its sequence.

        Raises `EngineStopped` if that will not happen.
        """
        sequence = self._sequence
        if sequence > self._durable_sequence:
            if self._stop_reason:
                raise EngineStopped(self._stop_reason)
            waiter = Waiter((), asyncio.get_running_loop().create_future())
            waiter.sequence = sequence
            self._decided.append(waiter)
            await waiter.durable
        return sequence

    def drain(self) -> None:
        """Accept nothing more; `run` returns once all that was accepted is durable and told."""
        self._is_draining = True
        self._something_to_decide.set()

    async def run(self) -> None:
        """Decide, flush and tell until drained; raises `EngineStopped` from the failure if one ends it."""
        with ThreadPoolExecutor(max_workers=1, thread_name_prefix="journal") as writer:
            try:
                async with asyncio.TaskGroup() as tasks:
                    tasks.create_task(self._decide_all(), name="decide")
                    tasks.create_task(self._flush_all(writer), name="flush")
                    tasks.create_task(self._tell_all(), name="tell")
            except ExceptionGroup as failures:
                self._stop_reason = f"the engine stopped: {failures.exceptions[0]!r}"
                raise EngineStopped(self._stop_reason) from failures.exceptions[0]
            finally:
                self._stop_reason = self._stop_reason or "the engine was shut down"
                self._abandon_waiters()

    async def _decide_all(self) -> None:
        alarm = Alarm(self._clock, self._something_to_decide.set)
        while True:
            while self._queue or self._exchange.next_command(self._now_ns()) is not None:
                self._decide_group()
                await asyncio.sleep(0)
            if self._is_draining:
                break
            alarm.set(self._exchange.next_timer_ns())
            await self._something_to_decide.wait()
            self._something_to_decide.clear()
        alarm.set(None)
        self._has_decided_all = True
        self._something_to_flush.set()

    def _decide_group(self) -> None:
        """Decide and apply at most `group_limit` of the commands that wait, and hand them to the journal."""
        group: list[Record] = []
        # One time for the whole group: its commands are decided at once, and become durable at once.
        self._time_ns = self._now_ns()
        budget = self._decide(iter(()), [], group, self._group_limit)
        queue = self._queue
        while budget > 0 and (waiter := queue.first()) is not None:
            if waiter.is_batch and not waiter.durable.cancelled():
                budget = self._decide(iter(()), [], group, budget)
                if budget == 0:
                    break
                self._settle_batch(waiter)
                budget = max(budget, len(waiter.commands))
            commands = waiter.commands
            done = len(waiter.outcomes)
            if waiter.durable.cancelled():
                commands = commands[:done]
                self._waiting_commands -= len(waiter.commands) - done
            budget = self._decide(islice(commands, done, None), waiter.outcomes, group, budget)
            if len(waiter.outcomes) == len(commands):
                waiter.sequence = self._sequence
                self._decided.append(waiter)
                queue.remove_first()
        if group:
            # Only now that every event was applied: a record that cannot be applied must not become durable.
            self._journal.append(group)
            self._undurable.append(group)
            self._something_to_flush.set()
        self._answer()

    def _settle_batch(self, waiter: Waiter) -> None:
        """Find out whether a batch may be placed, and let its orders be refused if not."""
        orders = cast("Sequence[PlaceOrder]", waiter.commands)
        why = self._exchange.why_batch_is_refused(orders, self._sequence + 1, self._time_ns)
        if why:
            waiter.commands = [msgspec.structs.replace(order, refused_because=why) for order in orders]
        waiter.is_batch = False

    def _decide(
        self,
        commands: Iterator[Command],
        outcomes: list[Record | Duplicate],
        group: list[Record],
        budget: int,
    ) -> int:
        """Give each command its sequence, decide it and apply its events; the venue's own go first.

        Decides at most `budget`, and gives what is left of that.
        """
        exchange = self._exchange
        decide, apply_all, next_command = exchange.decide, exchange.apply_all, exchange.next_command
        sequence, time_ns = self._sequence, self._time_ns
        while budget:
            owed = next_command(time_ns)
            command = next(commands, None) if owed is None else owed
            if command is None:
                break
            budget -= 1
            decision = decide(command, sequence + 1, time_ns)
            if not isinstance(decision, list):
                outcomes.append(decision)
                continue
            sequence += 1
            record = Record(sequence, time_ns, command, decision)
            group.append(record)
            if owed is None:
                outcomes.append(record)
            apply_all(decision, sequence, time_ns)
        self._sequence = sequence
        return budget

    def _now_ns(self) -> int:
        """The clock's time, unless that has gone back."""
        return max(self._time_ns, self._clock.time_ns())

    async def _flush_all(self, writer: ThreadPoolExecutor) -> None:
        loop = asyncio.get_running_loop()
        while self._flushed_sequence < self._sequence or not self._has_decided_all:
            await self._something_to_flush.wait()
            self._something_to_flush.clear()
            if self._flushed_sequence < self._sequence:
                self._flushed_sequence = await loop.run_in_executor(writer, self._journal.flush)
                self._something_to_tell.set()
        self._something_to_tell.set()

    async def _tell_all(self) -> None:
        """Publish what has been flushed and answer those who wait for it, a group in a turn of the loop."""
        while self._durable_sequence < self._sequence or not self._has_decided_all:
            await self._something_to_tell.wait()
            self._something_to_tell.clear()
            while self._undurable and self._undurable[0][-1].sequence <= self._flushed_sequence:
                group = self._undurable.popleft()
                for publisher in self._publishers:
                    publisher.publish(group)
                self._durable_sequence = group[-1].sequence
                self._answer()
                await asyncio.sleep(0)

    def _answer(self) -> None:
        """Answer those who wait for nothing that is not durable."""
        while self._decided and self._decided[0].sequence <= self._durable_sequence:
            waiter = self._decided.popleft()
            self._waiting_commands -= len(waiter.outcomes)
            if not waiter.durable.done():
                waiter.durable.set_result(None)

    async def _outcomes(self, waiter: Waiter) -> list[Outcome]:
        """Put the original records where commands repeated earlier ones."""
        decided = waiter.outcomes
        repeated = [outcome.sequence for outcome in decided if not isinstance(outcome, Record)]
        if not repeated:
            return cast("list[Outcome]", decided)
        originals = iter(await asyncio.to_thread(self._journal.read_each, repeated))
        return [
            outcome if isinstance(outcome, Record) else self._replay(command, next(originals))
            for command, outcome in zip(waiter.commands, decided, strict=True)
        ]

    def _replay(self, command: Command, original: Record) -> Outcome:
        is_same = self._exchange.is_same_request(original.command, command)
        return original if is_same else ClientOrderIdReused(command, original)

    def _abandon_waiters(self) -> None:
        for waiter in (*self._decided, *self._queue):
            if not waiter.durable.done():
                waiter.durable.set_exception(EngineStopped(self._stop_reason))
        self._decided.clear()
        self._queue = WaitingLine()
