"""Snapshot files: whole or not at all, checked, and made by another process."""

import asyncio
import os
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path

import pytest

from markethall_engine.application.ports import Snapshot
from markethall_engine.application.record import Record
from markethall_engine.application.recovery import recover
from markethall_engine.application.snapshot_schedule import SnapshotFailed, SnapshotSchedule
from markethall_engine.domain.exchange import Exchange
from markethall_engine.journal.snapshot_process import snapshot_in_process, write_snapshot
from markethall_engine.journal.snapshots import SnapshotDirectory
from markethall_engine.journal.sqlite import SqliteJournal
from tests.core_engine.application.commands import OPENING
from tests.core_engine.journal.records import record


def snapshot(sequence: int) -> Snapshot:
    return Snapshot(
        sequence,
        1,
        "checksum",
        "digest",
        b"exchange" * 100,
        b"market data",
        b"history\nwith lines\n",
        b"equity",
    )


@pytest.fixture
def directory(tmp_path: Path) -> Path:
    return tmp_path / "snapshots"


def kept(directory: Path) -> list[int]:
    return [snapshot.sequence for snapshot in SnapshotDirectory(directory).newest_first()]


def test_a_snapshot_reads_back_as_it_was_written(directory: Path) -> None:
    SnapshotDirectory(directory).write(snapshot(7))
    assert list(SnapshotDirectory(directory).newest_first()) == [snapshot(7)]


def test_a_directory_that_is_not_there_holds_none(directory: Path) -> None:
    assert kept(directory) == []


def test_the_newest_two_are_kept(directory: Path) -> None:
    for sequence in (9, 10, 100, 99):
        SnapshotDirectory(directory).write(snapshot(sequence))
    assert kept(directory) == [100, 99]


@pytest.mark.parametrize("damaged_byte", [0, 25, 100, -1])
def test_a_damaged_snapshot_is_passed_over(directory: Path, damaged_byte: int) -> None:
    for sequence in (1, 2):
        SnapshotDirectory(directory).write(snapshot(sequence))
    newest = directory / "00000000000000000002.snapshot"
    content = bytearray(newest.read_bytes())
    content[damaged_byte] ^= 1
    newest.write_bytes(content)
    assert kept(directory) == [1]


@pytest.mark.parametrize("length", [0, 10, 30, 100, 500])
def test_a_snapshot_cut_short_is_passed_over(directory: Path, length: int) -> None:
    for sequence in (1, 2):
        SnapshotDirectory(directory).write(snapshot(sequence))
    newest = directory / "00000000000000000002.snapshot"
    newest.write_bytes(newest.read_bytes()[:length])
    assert kept(directory) == [1]


def test_what_a_killed_writer_left_is_not_read_and_goes_with_the_next_write(directory: Path) -> None:
    SnapshotDirectory(directory).write(snapshot(1))
    left = directory / "00000000000000000002.snapshot.999.unfinished"
    left.write_bytes(b"half")
    assert kept(directory) == [1]
    SnapshotDirectory(directory).write(snapshot(3))
    assert not left.exists()
    assert kept(directory) == [3, 1]


def test_a_failed_write_leaves_what_was_there(directory: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    SnapshotDirectory(directory).write(snapshot(1))

    def failing(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", failing)
    with pytest.raises(OSError, match="No space left"):
        SnapshotDirectory(directory).write(snapshot(2))
    assert [path.name for path in directory.iterdir()] == ["00000000000000000001.snapshot"]


@pytest.fixture
def journal_path(tmp_path: Path) -> Path:
    """The journal of a venue's opening."""
    path = tmp_path / "journal.sqlite"
    exchange = Exchange()
    with closing(SqliteJournal(path)) as journal:
        for sequence, command in enumerate(OPENING, 1):
            events = exchange.decide(command, sequence, sequence)
            assert isinstance(events, list)
            for event in events:
                exchange.apply(event, sequence, sequence)
            journal.append([Record(sequence, sequence, command, events)])
        journal.flush()
    return path


async def test_another_process_takes_a_snapshot_while_the_engine_has_the_journal(
    journal_path: Path, directory: Path
) -> None:
    with closing(SqliteJournal(journal_path)) as journal:
        assert await snapshot_in_process(journal_path, directory) == 9
        recovery = recover(journal, SnapshotDirectory(directory))
        from_start = recover(journal, SnapshotDirectory(directory / "none"))
    assert (recovery.snapshot_sequence, recovery.records) == (9, 0)
    assert recovery.state.exchange.digest() == from_start.state.exchange.digest()


def test_a_snapshot_of_an_unchanged_journal_is_the_one_there_is(journal_path: Path, directory: Path) -> None:
    assert write_snapshot(journal_path, directory) == write_snapshot(journal_path, directory) == 9
    assert kept(directory) == [9]


async def test_a_snapshot_that_fails_says_why(tmp_path: Path, directory: Path) -> None:
    with pytest.raises(SnapshotFailed, match="exit status 1: there is no journal"):
        await snapshot_in_process(tmp_path / "none.sqlite", directory)


async def test_a_canceled_snapshot_ends_its_process(journal_path: Path, directory: Path) -> None:
    taking = asyncio.create_task(snapshot_in_process(journal_path, directory))
    await asyncio.sleep(0)
    taking.cancel()
    with pytest.raises(asyncio.CancelledError):
        await taking


class Takings:
    """Counts how often a snapshot was asked for, and answers when told to."""

    def __init__(self) -> None:
        self.count = 0
        self.now_s = 1_000.0
        self.answers: asyncio.Queue[int | SnapshotFailed] = asyncio.Queue()

    async def take(self) -> int:
        self.count += 1
        answer = await self.answers.get()
        if isinstance(answer, SnapshotFailed):
            raise answer
        return answer


def published(schedule: SnapshotSchedule, sequences: Sequence[int]) -> None:
    schedule.publish([record(sequence) for sequence in sequences])


async def turns() -> None:
    for _ in range(5):
        await asyncio.sleep(0)


async def test_a_snapshot_is_taken_every_so_many_records_and_one_at_a_time() -> None:
    takings = Takings()
    schedule = SnapshotSchedule(takings.take, every_records=10, newest=5, monotonic_s=lambda: takings.now_s)
    published(schedule, range(6, 15))
    await turns()
    assert takings.count == 0
    published(schedule, range(15, 16))
    await turns()
    assert takings.count == 1
    published(schedule, range(16, 40))
    await turns()
    assert (takings.count, schedule.newest) == (1, 5)
    takings.answers.put_nowait(15)
    await turns()
    assert (takings.count, schedule.newest) == (1, 15)
    published(schedule, range(40, 41))
    await turns()
    assert takings.count == 2
    await schedule.close()


async def test_a_failed_snapshot_is_tried_again_after_as_many_records() -> None:
    takings = Takings()
    schedule = SnapshotSchedule(takings.take, every_records=10, newest=0, monotonic_s=lambda: takings.now_s)
    takings.answers.put_nowait(SnapshotFailed("no room"))
    published(schedule, range(1, 11))
    await turns()
    published(schedule, range(11, 12))
    await turns()
    assert (takings.count, schedule.newest) == (1, 0)
    takings.answers.put_nowait(20)
    published(schedule, range(12, 21))
    await turns()
    assert (takings.count, schedule.newest) == (2, 20)
    await schedule.close()


async def test_after_a_snapshot_the_machine_has_nine_times_as_long_for_other_work() -> None:
    takings = Takings()
    schedule = SnapshotSchedule(takings.take, every_records=10, newest=0, monotonic_s=lambda: takings.now_s)
    published(schedule, range(1, 11))
    await turns()
    takings.now_s += 2
    takings.answers.put_nowait(10)
    await turns()
    takings.now_s += 17.9
    published(schedule, range(11, 40))
    await turns()
    assert takings.count == 1
    takings.now_s += 0.2
    published(schedule, range(40, 41))
    await turns()
    assert takings.count == 2
    await schedule.close()
