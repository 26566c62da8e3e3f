"""Engines that stop at every write: after each, nothing acknowledged is missing and nothing is misread.

A run is a real sequencer over a real SQLite journal and real snapshot files on a `Disk` that fails once, at
one of its operations. The engine stops there, or goes on where the promise allows it; then another is
started, and does the rest. After the fault and at the end, the process is stopped and the power is lost, and
what remains is recovered and compared with what was to become of the commands.
"""

import asyncio
import shutil
import tempfile
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from random import Random

from markethall_common.clock import ManualClock
from markethall_engine.application.ports import JournalError, JournalWriteFailed
from markethall_engine.application.record import Record
from markethall_engine.application.recovery import recover
from markethall_engine.application.sequencer import EngineStopped, Sequencer
from markethall_engine.application.venue_state import VenueState
from markethall_engine.domain.commands import Command, VenueCommand
from markethall_engine.domain.decision import Duplicate
from markethall_engine.domain.exchange import Exchange
from markethall_engine.journal.snapshot_process import write_snapshot
from markethall_engine.journal.snapshots import SnapshotDirectory
from markethall_engine.journal.sqlite import SqliteJournal
from tests.simulation.disk import FAULTS, Disk, Fault
from tests.simulation.remains import Operation, Remains
from tests.simulation.simulator import run

TIME_NS = 1_700_000_000_000_000_000
JOURNAL, SNAPSHOTS = "engine/journal.sqlite", "engine/snapshots"

_PAGES_A_CHECKPOINT = 12
_BATCH = 7
_BATCHES_A_SNAPSHOT = 4
_BATCHES_A_LIFE = 6
_TORN_IMAGES = 2
_NO_SNAPSHOT = "no snapshot"


@dataclass
class Expectation:
    """What is to become of a list of clients' commands."""

    commands: list[Command]
    records: list[Record] = field(default_factory=list)
    """Of the commands that repeat nothing, and of those that the venue owed itself."""
    digests: list[str] = field(default_factory=list)
    """After each number of records."""
    sequences: list[int] = field(default_factory=list)
    """How many records there are once a command was decided, for each command."""

    @classmethod
    def of(cls, commands: Sequence[Command]) -> "Expectation":
        expectation, exchange = cls(list(commands)), Exchange()
        expectation.digests.append(exchange.digest())
        for command in commands:
            expectation._settle(exchange)
            expectation._decide(exchange, command)
            expectation.sequences.append(len(expectation.records))
        expectation._settle(exchange)
        return expectation

    def commands_done(self, sequence: int) -> int:
        """How many commands need not be given again where `sequence` records are left."""
        return bisect_right(self.sequences, sequence)

    def _settle(self, exchange: Exchange) -> None:
        while (owed := exchange.next_command(TIME_NS)) is not None:
            self._decide(exchange, owed)

    def _decide(self, exchange: Exchange, command: Command) -> None:
        sequence = len(self.records) + 1
        decision = exchange.decide(command, sequence, TIME_NS)
        if isinstance(decision, Duplicate):
            return
        for event in decision:
            exchange.apply(event, sequence, TIME_NS)
        self.records.append(Record(sequence, TIME_NS, command, decision))
        self.digests.append(exchange.digest())


@dataclass
class Venue:
    """The engines of one run, one after the other on one disk, and what they acknowledged."""

    directory: Path
    disk: Disk
    expectation: Expectation
    acknowledged: list[tuple[int, int]] = field(default_factory=list)
    """How many operations there had been, and the sequence."""
    stops: list[str] = field(default_factory=list)
    """What each engine said that stopped."""
    stopped_at: int = 0
    """How many operations there had been when the last one stopped, before it closed its files."""

    @property
    def has_stopped(self) -> bool:
        """Whether the last engine stopped; where only a snapshot failed, none did."""
        return bool(self.stops) and not self.stops[0].startswith(_NO_SNAPSHOT)

    async def trade(self) -> None:
        """Live as often as it takes to have everything done."""
        is_done = False
        while not is_done:
            try:
                is_done = await self._live()
            except (EngineStopped, JournalError, OSError) as stop:
                self.stops.append(str(stop))
                assert len(self.stops) == 1, f"one fault stopped the engine again: {self.stops}"
                return

    async def _live(self) -> bool:
        """One engine's life, of so many batches, and whether there is nothing left to do."""
        path, snapshots = self.directory / JOURNAL, self.directory / SNAPSHOTS
        with closing(SqliteJournal(path, pages_a_checkpoint=_PAGES_A_CHECKPOINT)) as journal:
            state = recover(journal, SnapshotDirectory(snapshots)).state
            self.acknowledged.append((len(self.disk.operations), state.exchange.sequence))
            sequencer = Sequencer(state.exchange, journal, ManualClock(TIME_NS), [state.account_history])
            running = asyncio.create_task(sequencer.run())
            commands = self.expectation.commands[self.expectation.commands_done(sequencer.sequence) :]
            starts = range(0, len(commands), _BATCH)
            try:
                for number, start in enumerate(starts[:_BATCHES_A_LIFE], 1):
                    await sequencer.submit(commands[start : start + _BATCH])
                    self.acknowledged.append((len(self.disk.operations), sequencer.sequence))
                    if number % _BATCHES_A_SNAPSHOT == 0:
                        self._take_snapshot(path, snapshots)
            except EngineStopped:
                await asyncio.wait([running])
                assert isinstance(running.exception(), EngineStopped)
                self.stopped_at = len(self.disk.operations)
                await self._assert_it_stays_stopped(sequencer, journal)
                raise
            sequencer.drain()
            await running
            return len(starts) <= _BATCHES_A_LIFE

    def _take_snapshot(self, path: Path, snapshots: Path) -> None:
        """As another process does; where it fails, the engine goes on without."""
        try:
            write_snapshot(path, snapshots)
        except OSError as problem:
            self.stops.append(f"{_NO_SNAPSHOT}: {problem}")

    async def _assert_it_stays_stopped(self, sequencer: Sequencer, journal: SqliteJournal) -> None:
        """Who asks again is refused, and nothing more is written or synced."""
        operations = len(self.disk.operations)
        for attempt in (sequencer.submit(self.expectation.commands[:1]), sequencer.settled()):
            try:
                await attempt
            except EngineStopped:
                continue
            assert sequencer.sequence == sequencer.durable_sequence, "a stopped engine carried out a command"
        try:
            journal.flush()
        except JournalWriteFailed:
            assert len(self.disk.operations) == operations
            return
        raise AssertionError("a journal that failed to flush flushed again")


def run_with_fault(expectation: Expectation, fault: Fault, at: int, seed: int) -> str:
    """Run with one fault, and check all that may remain; gives what was said about it."""
    chance = Random(seed * 1_000_003 + at)
    with scratch_directory() as directory, Disk(directory, fault, at) as disk:
        venue = Venue(directory, disk, expectation)
        asyncio.run(venue.trade())
        assert disk.has_failed, f"there was no operation {at}"
        operations, said = list(disk.operations), venue.stops[0] if venue.stops else ""
        check_remains(_remains(operations), venue, len(operations), chance)
        if venue.has_stopped:
            _restart(_remains(operations), venue, chance)
    if venue.stopped_at:
        # Where the process ends before it can close its files, the next one finds others.
        operations = operations[: venue.stopped_at]
        with scratch_directory() as directory:
            write_files(directory, _remains(operations).of_a_stop())
            with Disk(directory) as disk:
                _restart(_remains(operations), Venue(directory, disk, expectation), chance)
    return said


def _restart(remains: Remains, venue: Venue, chance: Random) -> None:
    """A restart is the repair: the next engine does the rest, and keeps it."""
    before = len(venue.disk.operations)
    venue.stops.clear()
    asyncio.run(venue.trade())
    assert not venue.stops, f"the engine could not be started again: {venue.stops}"
    assert venue.acknowledged[-1][1] == len(venue.expectation.records), "everything was done in the end"
    for operation in venue.disk.operations[before:]:
        remains.take(operation)
    check_remains(remains, venue, len(venue.disk.operations), chance)


def _remains(operations: Sequence[Operation]) -> Remains:
    remains = Remains()
    for operation in operations:
        remains.take(operation)
    return remains


def run_with_crashes(expectation: Expectation, seed: int, every: int = 1) -> int:
    """Run without a fault, and check what a crash after each operation leaves; gives how many there were."""
    with scratch_directory() as directory, Disk(directory) as disk:
        venue = Venue(directory, disk, expectation)
        asyncio.run(venue.trade())
        assert not venue.stops
        remains = Remains()
        for count, operation in enumerate(disk.operations, 1):
            remains.take(operation)
            if count % every == 0:
                check_remains(remains, venue, count, Random(seed * 1_000_003 + count))
        return len(disk.operations)


def faults_of(expectation: Expectation) -> list[tuple[Fault, int, Operation]]:
    """Every fault that a run can meet, with the index of its operation."""
    with scratch_directory() as directory, Disk(directory) as disk:
        asyncio.run(Venue(directory, disk, expectation).trade())
        return [
            (fault, at, operation)
            for at, operation in enumerate(disk.operations)
            for fault in FAULTS.get(operation.kind, ())
        ]


def commands_of(seed: int, count: int = 60) -> list[Command]:
    """What clients ask for in the run of a seed."""
    return [command for _, _, command, _ in run(seed, count) if not isinstance(command, VenueCommand)]


def check_remains(remains: Remains, venue: Venue, operations: int, chance: Random) -> None:
    """Recover what each kind of crash leaves, and compare."""
    acknowledged = max((sequence for at, sequence in venue.acknowledged if at <= operations), default=0)
    images = {"stop": remains.of_a_stop(), "power loss": remains.of_a_power_loss()}
    for number in range(_TORN_IMAGES):
        images[f"torn power loss {number}"] = remains.of_a_torn_power_loss(chance)
    for name, files in images.items():
        with scratch_directory() as directory:
            write_files(directory, files)
            try:
                check_recovery(directory, venue.expectation, acknowledged)
            except Exception as problem:
                raise AssertionError(f"after a {name} at operation {operations}: {problem!r}") from problem


def write_files(directory: Path, files: dict[str, bytes]) -> None:
    for name, content in files.items():
        path = directory / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)


def check_recovery(directory: Path, expectation: Expectation, acknowledged: int) -> None:
    """Whether all that was acknowledged is there, once and as decided, from a snapshot and without."""
    with closing(SqliteJournal(directory / JOURNAL)) as journal:
        records = list(journal.read(0))
        assert len(records) >= acknowledged, (
            f"{acknowledged} records were acknowledged, {len(records)} are there"
        )
        assert records == expectation.records[: len(records)], "a record is not what was decided"
        from_snapshot = recover(journal, SnapshotDirectory(directory / SNAPSHOTS)).state
        assert from_snapshot.exchange.digest() == expectation.digests[len(records)]
        from_start = VenueState()
        from_start.apply(records)
        assert from_snapshot.snapshot("") == from_start.snapshot("")


@contextmanager
def scratch_directory() -> Iterator[Path]:
    """A new one, gone afterwards."""
    directory = Path(tempfile.mkdtemp(prefix="markethall-"))
    try:
        yield directory
    finally:
        shutil.rmtree(directory)
