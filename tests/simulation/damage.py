"""Journals whose files were cut or changed: recovered to what was acknowledged, or refused, never misread.

Every case takes the files of a small journal, damages one of them, and has an engine open, recover and
continue it. The pages are of 512 bytes rather than 4,096, so that few records fill a tree of several levels.
"""

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from enum import Enum, auto
from itertools import pairwise
from pathlib import Path
from random import Random
from typing import NamedTuple

from msgspec.structs import replace

from markethall_engine.application.ports import JournalError
from markethall_engine.application.recovery import recover
from markethall_engine.journal.snapshot_process import write_snapshot
from markethall_engine.journal.snapshots import SnapshotDirectory
from markethall_engine.journal.sqlite import SqliteJournal
from tests.simulation.fault_runs import JOURNAL, SNAPSHOTS, Expectation, scratch_directory, write_files

MARK = f"{JOURNAL}.acknowledged"

_ADDED = 8
"""Enough for new pages to be added to the tree."""


class Outcome(Enum):
    WHOLE = auto()
    PREFIX = auto()
    """Later records are gone, and nothing tells that there were any."""
    REFUSED = auto()
    REFUSED_AFTER_WRITING = auto()
    """Found only after a record was added, when an engine was started again."""


class Damage(NamedTuple):
    """One change to one file: cut to a length, or a bit flipped."""

    name: str
    length: int | None = None
    bit: int | None = None

    def of(self, files: dict[str, bytes]) -> dict[str, bytes]:
        content = bytearray(files[self.name])
        if self.length is not None:
            del content[self.length :]
        if self.bit is not None:
            content[self.bit // 8] ^= 1 << self.bit % 8
        return {**files, self.name: bytes(content)}


def cuts(name: str, content: bytes) -> Iterator[Damage]:
    """Shorter at every byte, and empty."""
    return (Damage(name, length=length) for length in range(len(content)))


def flips(name: str, content: bytes) -> Iterator[Damage]:
    return (Damage(name, bit=bit) for bit in range(8 * len(content)))


def sample(damages: Iterator[Damage], share: float, chance: Random) -> Iterator[Damage]:
    return (damage for damage in damages if chance.random() < share)


def files_of(expectation: Expectation, *, is_closed: bool = False) -> dict[str, bytes]:
    """The files of a journal whose engine was killed: the last third of the records is in the WAL file.

    There are two snapshots, the newer of two thirds of the records. Of a journal that was closed, everything
    is in the database.
    """
    records = expectation.records
    third = len(records) // 3
    with scratch_directory() as directory:
        path = directory / JOURNAL
        for first, last in pairwise((0, third, 2 * third)):
            with closing(SqliteJournal(path)) as journal:
                journal.append(records[first:last])
                journal.flush()
            write_snapshot(path, directory / SNAPSHOTS)
        _use_small_pages(path)
        with closing(SqliteJournal(path)) as journal:
            for start in range(2 * third, len(records), 5):
                journal.append(records[start : start + 5])
                journal.flush()
            if not is_closed:
                return _read_files(directory)
        return _read_files(directory)


def outcome_of(damage: Damage, files: dict[str, bytes], expectation: Expectation) -> Outcome:
    """Open what is left, and go on with it. Raises `AssertionError` for a misreading, or a bare error."""
    with scratch_directory() as directory:
        write_files(directory, damage.of(files))
        path, whole = directory / JOURNAL, expectation.records
        try:
            with closing(SqliteJournal(path)) as journal:
                records = list(journal.read(0))
                state = recover(journal, SnapshotDirectory(directory / SNAPSHOTS)).state
                assert records == whole[: len(records)], "a record is not what was written"
                assert state.exchange.digest() == expectation.digests[len(records)]
                # What the records say does not matter any more, only that they are kept.
                added = [replace(whole[-1], sequence=len(records) + n) for n in range(1, _ADDED + 1)]
                for record in added:
                    journal.append([record])
                    journal.flush()
        except JournalError as refusal:
            assert str(path) in str(refusal), f"which journal? {refusal}"
            return Outcome.REFUSED
        try:
            with closing(SqliteJournal(path)) as journal:
                assert list(journal.read(0)) == [*records, *added]
        except JournalError:
            return Outcome.REFUSED_AFTER_WRITING
        return Outcome.WHOLE if len(records) == len(whole) else Outcome.PREFIX


def _read_files(directory: Path) -> dict[str, bytes]:
    return {
        file.relative_to(directory).as_posix(): file.read_bytes()
        for file in directory.rglob("*")
        if file.is_file() and not file.name.endswith(("-shm", ".lock"))
    }


def _use_small_pages(path: Path) -> None:
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        connection.execute("PRAGMA journal_mode = DELETE")
        connection.execute("PRAGMA page_size = 512")
        connection.execute("VACUUM")
        connection.execute("PRAGMA journal_mode = WAL")
