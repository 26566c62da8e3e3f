"""The journal as one SQLite database: a row a record, a transaction a flush, synced before it returns.

The database is in WAL mode, so that readers in this and other processes (snapshots, the inspection tool, a
backup) never hold up the writer. Statements are written so that each releases Python's interpreter lock
once for a whole group of records: a thread that asks for it back a record at a time waits up to 5 ms each
time behind a busy event loop (decision 0041).

What SQLite does not notice of a damaged file is found by the chain of checksums when a record is read, and a
lost end by the mark beside the journal (decision 0047).
"""

import sqlite3
import threading
from collections import deque
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import msgspec

from markethall_engine.application.ports import (
    JournalCorrupt,
    JournalFormatUnknown,
    JournalIncomplete,
    JournalUnreadable,
    JournalWriteFailed,
)
from markethall_engine.application.record import Record
from markethall_engine.journal.acknowledged_mark import AcknowledgedMark, AcknowledgedMarkFile
from markethall_engine.journal.durable_files import make_directory, rewrite, sync_directory
from markethall_engine.journal.ownership import Ownership
from markethall_engine.journal.record_codec import NO_RECORDS, StoredRecord, sound_block, store, verified

APPLICATION_ID = 0x4D48414C
"""`MHAL` in SQLite's header: what `file` and we know a journal by."""

FORMAT_VERSION = 1

_RECORDS_TABLE = """CREATE TABLE records (
    sequence INTEGER PRIMARY KEY,
    record TEXT NOT NULL,   -- [sequence, time in ns since 1970, [command tag, fields ...], [events ...]]
    checksum TEXT NOT NULL  -- BLAKE2b-128 of the checksum before and the record, in hexadecimal
)"""

_READABLE_VIEW = """CREATE VIEW readable_records AS
SELECT
    sequence,
    strftime('%Y-%m-%dT%H:%M:%S', json_extract(record, '$[1]') / 1000000000, 'unixepoch')
        || printf('.%09dZ', json_extract(record, '$[1]') % 1000000000) AS time,
    json_extract(record, '$[2]') AS command,
    json_extract(record, '$[3]') AS events
FROM records"""

_DEFINITION = "SELECT CAST(sql AS BLOB) FROM sqlite_schema WHERE name = 'records' AND sql IS NOT NULL"

_SQLITE_ERRORS = (sqlite3.Error, UnicodeDecodeError)
"""The second is what becomes of a message in which SQLite quotes damaged text."""

# Whole columns as lines of text, so that one step gives many records.
_READ = """
SELECT group_concat(sequence, char(10)), group_concat(record, char(10)), group_concat(checksum, char(10))
FROM (SELECT * FROM records WHERE sequence > ? ORDER BY sequence LIMIT ?)
"""

_READ_EACH = """
SELECT
    group_concat(wanted, char(10)),
    group_concat(coalesce(record, ''), char(10)),
    group_concat(coalesce(checksum, ''), char(10)),
    group_concat(coalesce(before, ''), char(10))
FROM (
    SELECT wanted.value AS wanted, records.record, records.checksum, previous.checksum AS before
    FROM json_each(?) AS wanted
    LEFT JOIN records ON records.sequence = wanted.value
    LEFT JOIN records AS previous ON previous.sequence = wanted.value - 1
    ORDER BY wanted.key LIMIT ?
)
"""

_RECORDS_A_READ = 1_024
_CHECKSUM_BYTES = len(NO_RECORDS)
_RECORDS_A_STATEMENT = 8_192
"""Three parameters each; SQLite takes 32,766."""


PAGES_A_CHECKPOINT = 4_000
"""How many pages of 4 KiB the WAL file holds before they are carried over into the database."""


def _insert(count: int) -> str:
    """Return the statement that inserts up to `count` records, unused places given as NULL."""
    places = ",".join(["(?,?,?)"] * count)
    return f"INSERT INTO records SELECT * FROM (VALUES {places}) WHERE column1 IS NOT NULL"  # noqa: S608, question marks only


_INSERTS = {count: _insert(count) for count in (1 << n for n in range(_RECORDS_A_STATEMENT.bit_length()))}
"""By powers of two, so that few statements are ever prepared."""


class SqliteJournalReader:
    """Reads a journal, be it of a running engine or not; changes nothing. One may serve several threads."""

    def __init__(self, path: Path) -> None:
        self._path = path
        if not path.is_file():
            raise JournalFormatUnknown(f"there is no journal {path}")
        self._reading = threading.Lock()
        self._reader = sqlite3.connect(
            f"{path.resolve().as_uri()}?mode=ro", uri=True, isolation_level=None, check_same_thread=False
        )
        self._reader.text_factory = bytes
        try:
            _check_format(self._reader, path)
        except BaseException:
            self._reader.close()
            raise

    def __str__(self) -> str:
        return str(self._path)

    @property
    def last_sequence(self) -> int:
        try:
            row = self._fetch("SELECT sequence FROM records ORDER BY sequence DESC LIMIT 1")
            return 0 if row is None else int(row[0])
        except (*_SQLITE_ERRORS, TypeError, ValueError) as problem:
            raise JournalUnreadable(
                f"journal {self._path}: its last record cannot be found: {problem}. "
                "Restore the journal from a backup"
            ) from problem

    def read(self, after: int) -> Iterator[Record]:
        # Short reads: one long read transaction would keep the WAL file from being used again.
        limit, checksum, last = _RECORDS_A_READ, self.checksum(after), self.last_sequence
        while True:
            try:
                columns = self._columns(_READ, after, limit)
                if columns is None:
                    break
                records = sound_block(columns, after, checksum)
                stored = [] if records is not None else _stored(columns, limit)
            except (*_SQLITE_ERRORS, ValueError) as problem:
                if limit == 1:
                    raise self._unreadable(after + 1, problem) from problem
                limit = 1
                continue
            if records is None:
                # One by one, so that those before the first that is not sound are given.
                yield from verified(stored, after, checksum, str(self._path))
                count = len(stored)
            else:
                yield from records
                count = len(records)
            after, checksum = after + count, columns[2][-_CHECKSUM_BYTES:].decode()
            if count < limit:
                break
        if after < last:
            raise self._corrupt(after + 1, f"missing, though the last record is {last}")

    def read_each(self, sequences: Sequence[int]) -> list[Record]:
        try:
            columns = self._columns(_READ_EACH, msgspec.json.encode(sequences).decode(), len(sequences))
            rows = [] if columns is None else _rows(columns, len(sequences))
        except (*_SQLITE_ERRORS, ValueError) as problem:
            if len(sequences) == 1:
                raise self._unreadable(sequences[0], problem) from problem
            return [self.read_each([sequence])[0] for sequence in sequences]
        records: list[Record] = []
        for wanted, encoded, checksum, before in rows:
            sequence = int(wanted)
            if not encoded:
                raise self._corrupt(sequence, "missing")
            stored = StoredRecord(sequence, encoded, checksum.decode(errors="replace"))
            before_it = before.decode(errors="replace") or NO_RECORDS
            records += verified([stored], sequence - 1, before_it, str(self._path))
        return records

    def checksum(self, sequence: int) -> str:
        if sequence == 0:
            return NO_RECORDS
        try:
            row = self._fetch("SELECT CAST(checksum AS TEXT) FROM records WHERE sequence = ?", sequence)
        except _SQLITE_ERRORS as problem:
            raise self._unreadable(sequence, problem) from problem
        if row is None or row[0] is None:
            raise self._corrupt(sequence, "missing")
        return str(row[0], "ascii", errors="replace")

    def close(self) -> None:
        with self._reading:
            self._reader.close()

    def _columns(self, sql: str, parameter: int | str, limit: int) -> tuple[bytes, ...] | None:
        """Run a query that gives columns as at most `limit` lines of text; None where there is none.

        Raises `ValueError` where there is not a line of each.
        """
        columns = self._fetch(sql, parameter, limit)
        if columns is None or columns[0] is None:
            return None
        if None in columns:
            raise ValueError("a column holds nothing")
        return tuple(map(bytes, columns))

    def _fetch(self, sql: str, *parameters: int | str) -> tuple[Any, ...] | None:
        with self._reading:
            row: tuple[Any, ...] | None = self._reader.execute(sql, parameters).fetchone()
        return row

    def _corrupt(self, sequence: int, problem: str) -> JournalCorrupt:
        return JournalCorrupt(sequence, problem, str(self._path))

    def _unreadable(self, sequence: int, problem: Exception) -> JournalCorrupt:
        return self._corrupt(sequence, f"SQLite cannot read it: {problem}")


def _rows(columns: Sequence[bytes], limit: int) -> list[tuple[bytes, ...]]:
    """Take columns of at most `limit` lines apart; raises `ValueError` where they do not come apart."""
    # A single record is taken whole, so that one that holds a line feed can be told to be corrupt.
    lines = [column.split(b"\n") if limit > 1 else [column] for column in columns]
    return list(zip(*lines, strict=True))


def _stored(columns: Sequence[bytes], limit: int) -> list[StoredRecord]:
    return [
        StoredRecord(int(sequence), encoded, checksum.decode(errors="replace"))
        for sequence, encoded, checksum in _rows(columns, limit)
    ]


class SqliteJournal(SqliteJournalReader):
    """Owns and writes a journal, which it creates where there is none.

    `append` belongs to one thread and `flush` to one, which may be another. Raises `JournalInUse`,
    `JournalFormatUnknown`, `JournalUnreadable` or `JournalCorrupt` where the newest record cannot be read,
    `JournalIncomplete` where it is known that there were later ones, and `JournalWriteFailed`.
    """

    def __init__(self, path: Path, *, pages_a_checkpoint: int = PAGES_A_CHECKPOINT) -> None:
        make_directory(path.parent)
        with ExitStack() as opened:
            self._ownership = Ownership(path)
            opened.callback(self._ownership.release)
            try:
                # What an engine wrote whose last sync failed may be in the system's memory alone.
                rewrite(path.with_name(path.name + "-wal"))
                self._writer = _open_writer(path, pages_a_checkpoint)
                opened.callback(self._writer.close)
                super().__init__(path)
                opened.callback(super().close)
                self._durable = self._appended = super().last_sequence
                self._checksum = self.checksum(self._durable)
                if self._durable:
                    self.read_each([self._durable])
                self._mark_path = path.with_name(path.name + ".acknowledged")
                self._mark = AcknowledgedMarkFile(self._mark_path)
                opened.callback(self._mark.close)
                self._compare_with_mark()
                # SQLite syncs the directory of a new WAL file, but goes on where that fails.
                sync_directory(path.parent)
            except (*_SQLITE_ERRORS, OSError) as problem:
                raise _write_failed(path, problem) from problem
            opened.pop_all()
        self._unflushed: deque[list[StoredRecord]] = deque()
        self._failure: JournalWriteFailed | None = None

    @property
    def last_sequence(self) -> int:
        return self._durable

    def append(self, records: Sequence[Record]) -> None:
        group = []
        sequence, checksum = self._appended, self._checksum
        for record in records:
            sequence += 1
            if record.sequence != sequence:
                raise ValueError(f"expected the record of sequence {sequence}, found {record.sequence}")
            stored = store(record, checksum)
            checksum = stored.checksum
            group.append(stored)
        self._appended, self._checksum = sequence, checksum
        self._unflushed.append(group)

    def flush(self) -> int:
        if self._failure is not None:
            raise self._failure
        # Group by group off the deque: `append` may add to it meanwhile, in another thread.
        stored: list[StoredRecord] = []
        while self._unflushed:
            stored += self._unflushed.popleft()
        try:
            for start in range(0, len(stored), _RECORDS_A_STATEMENT):
                self._write(stored[start : start + _RECORDS_A_STATEMENT])
            if stored:
                self._mark.write(AcknowledgedMark(stored[-1].sequence, stored[-1].checksum))
        except (*_SQLITE_ERRORS, OSError) as problem:
            self._failure = _write_failed(self._path, problem)
            raise self._failure from problem
        return self._durable

    def _write(self, stored: list[StoredRecord]) -> None:
        """Insert, commit and sync in one statement, which is a transaction of its own."""
        places = 1 << (len(stored) - 1).bit_length()
        values: list[int | str | None] = [None] * (3 * places)
        used = 3 * len(stored)
        # Column by column, which takes half the time of row by row.
        values[0:used:3] = [one.sequence for one in stored]
        values[1:used:3] = [one.encoded.decode() for one in stored]
        values[2:used:3] = [one.checksum for one in stored]
        self._writer.execute(_INSERTS[places], values)
        self._durable = stored[-1].sequence

    def close(self) -> None:
        super().close()
        self._writer.close()
        self._mark.close()
        self._ownership.release()

    def _compare_with_mark(self) -> None:
        """Refuse a journal that ends before what was acknowledged of it, or holds something else there.

        What was flushed and not acknowledged before a crash is so from now on.
        """
        mark = self._mark.read() or AcknowledgedMark(0, NO_RECORDS)
        if mark.sequence > self._durable:
            raise JournalIncomplete(
                f"the journal {self._path} ends at record {self._durable}, but record {mark.sequence} was "
                f"acknowledged ({self._mark_path.name} says): acknowledged records are missing. Restore the "
                f"journal, or remove {self._mark_path.name} to go on without those records"
            )
        found = self.checksum(mark.sequence)
        if found != mark.checksum:
            raise self._corrupt(
                mark.sequence,
                f"it is not the one that was acknowledged: {self._mark_path.name} expects the checksum "
                f"{mark.checksum}, found {found}",
            )
        if mark.sequence < self._durable:
            self._mark.write(AcknowledgedMark(self._durable, self._checksum))


def _open_writer(path: Path, pages_a_checkpoint: int) -> sqlite3.Connection:
    writer = sqlite3.connect(path, timeout=5, isolation_level=None, check_same_thread=False)
    with ExitStack() as opened:
        opened.callback(writer.close)
        if _is_empty(writer, path):
            _create_schema(writer)
        else:
            _check_format(writer, path)
        (mode,) = writer.execute("PRAGMA journal_mode = WAL").fetchone()
        writer.execute("PRAGMA synchronous = FULL")
        writer.execute("PRAGMA fullfsync = ON")  # macOS: fsync alone leaves the data in the drive's cache
        writer.execute(f"PRAGMA wal_autocheckpoint = {pages_a_checkpoint}")
        if mode != "wal":
            raise JournalFormatUnknown(f"the file system of {path} cannot carry SQLite's WAL mode")
        opened.pop_all()
    return writer


def _write_failed(path: Path, problem: Exception) -> JournalWriteFailed:
    return JournalWriteFailed(
        f"the journal {path} could not be written: {problem}. See to the disk and start the engine again"
    )


def _is_empty(writer: sqlite3.Connection, path: Path) -> bool:
    """Whether there is nothing yet, once SQLite has undone what a crash left half created."""
    try:
        (pages,) = writer.execute("PRAGMA page_count").fetchone()
    except _SQLITE_ERRORS as problem:
        raise _not_readable(path, problem) from problem
    return not pages


def _create_schema(writer: sqlite3.Connection) -> None:
    """Create the tables in one transaction, so that a crash leaves an empty file or a whole journal."""
    writer.executescript(
        f"BEGIN EXCLUSIVE; {_RECORDS_TABLE}; {_READABLE_VIEW}; "
        f"PRAGMA application_id = {APPLICATION_ID}; PRAGMA user_version = {FORMAT_VERSION}; COMMIT;"
    )


def _check_format(connection: sqlite3.Connection, path: Path) -> None:
    try:
        (application_id,) = connection.execute("PRAGMA application_id").fetchone()
        (version,) = connection.execute("PRAGMA user_version").fetchone()
    except _SQLITE_ERRORS as problem:
        raise _not_readable(path, problem) from problem
    if application_id != APPLICATION_ID:
        raise JournalFormatUnknown(f"{path} is not a journal of Markethall")
    if version != FORMAT_VERSION:
        raise JournalFormatUnknown(
            f"{path} is a journal of format {version}; this version of the engine reads {FORMAT_VERSION}"
        )
    _check_structure(connection, path)


def _not_readable(path: Path, problem: Exception) -> JournalFormatUnknown:
    return JournalFormatUnknown(f"{path} is not a readable SQLite database: {problem}")


def _check_structure(connection: sqlite3.Connection, path: Path) -> None:
    """Look for the damage that SQLite would act on without a word, as far as a look costs nothing.

    A journal frees no page, so a page that is said to be free holds records, and the next record would be
    written over them.
    """
    try:
        (free_pages,) = connection.execute("PRAGMA freelist_count").fetchone()
        definition = connection.execute(_DEFINITION).fetchone()
    except _SQLITE_ERRORS as problem:
        raise JournalUnreadable(f"journal {path}: SQLite cannot read its schema: {problem}") from problem
    if free_pages:
        raise JournalUnreadable(f"journal {path}: expected no free page, found {free_pages}")
    found = "nothing" if definition is None else str(definition[0], errors="replace")
    if found != _RECORDS_TABLE:
        raise JournalUnreadable(f"journal {path}: expected the table {_RECORDS_TABLE!r}, found {found!r}")
