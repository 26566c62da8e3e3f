"""The SQLite journal on real files: what survives, what is refused, and in which words."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from msgspec.structs import replace

from markethall_engine.application.ports import (
    JournalCorrupt,
    JournalFormatUnknown,
    JournalIncomplete,
    JournalInUse,
    JournalUnreadable,
    JournalWriteFailed,
)
from markethall_engine.application.record import Record
from markethall_engine.journal.sqlite import SqliteJournal, SqliteJournalReader
from tests.core_engine.journal.records import record, records


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "venue" / "journal.sqlite"


@pytest.fixture
def written(path: Path) -> Path:
    """A closed journal of 2,000 records, more than one read takes."""
    with closing(SqliteJournal(path)) as journal:
        journal.append(records(1, 2_000))
        journal.flush()
    return path


@pytest.fixture
def edit(written: Path) -> Iterator[sqlite3.Connection]:
    """What no engine does: changes to what was written."""
    with closing(sqlite3.connect(written, isolation_level=None)) as connection:
        yield connection


def mark(journal: Path) -> Path:
    return journal.with_name("journal.sqlite.acknowledged")


def read_all(path: Path) -> int:
    with closing(SqliteJournalReader(path)) as reader:
        return len(list(reader.read(0)))


def test_a_reopened_journal_goes_on_where_it_ended(written: Path) -> None:
    with closing(SqliteJournal(written)) as journal:
        assert journal.last_sequence == 2_000
        journal.append([record(2_001)])
        journal.flush()
    assert read_all(written) == 2_001


def test_what_was_not_flushed_is_gone_after_close(path: Path) -> None:
    with closing(SqliteJournal(path)) as journal:
        journal.append(records(1, 3))
        journal.flush()
        journal.append(records(4, 5))
    assert read_all(path) == 3


def test_a_second_owner_is_refused(path: Path) -> None:
    with closing(SqliteJournal(path)), pytest.raises(JournalInUse, match="another engine owns the journal"):
        SqliteJournal(path)
    SqliteJournal(path).close()


def test_a_reader_sees_what_a_running_engine_has_flushed(path: Path) -> None:
    with closing(SqliteJournal(path)) as journal, closing(SqliteJournalReader(path)) as reader:
        journal.append(records(1, 3))
        assert list(reader.read(0)) == []
        journal.flush()
        assert list(reader.read(0)) == records(1, 3)


def test_a_reader_does_not_hold_up_the_writer(path: Path) -> None:
    with closing(SqliteJournal(path)) as journal, closing(SqliteJournalReader(path)) as reader:
        journal.append(records(1, 3_000))
        journal.flush()
        reading = reader.read(0)
        assert next(reading) == record(1)
        journal.append(records(3_001, 3_002))
        journal.flush()
        assert sum(1 for _ in reading) == 3_001


def test_a_reader_refuses_a_journal_that_is_not_there(path: Path) -> None:
    with pytest.raises(JournalFormatUnknown, match="there is no journal"):
        SqliteJournalReader(path)


@pytest.mark.parametrize("content", [b"not a database, but long enough to be looked at" * 100, b"short"])
def test_a_file_that_is_no_database_is_refused(path: Path, content: bytes) -> None:
    path.parent.mkdir()
    path.write_bytes(content)
    with pytest.raises(JournalFormatUnknown, match="not a readable SQLite database"):
        SqliteJournal(path)
    assert path.read_bytes() == content


def test_another_database_is_refused_and_left_as_it_is(path: Path) -> None:
    path.parent.mkdir()
    with closing(sqlite3.connect(path)) as other:
        other.execute("CREATE TABLE theirs (x)")
    with pytest.raises(JournalFormatUnknown, match="not a journal of Markethall"):
        SqliteJournal(path)


def test_a_journal_of_a_later_format_is_refused(written: Path, edit: sqlite3.Connection) -> None:
    edit.execute("PRAGMA user_version = 2")
    with pytest.raises(JournalFormatUnknown, match="format 2; this version of the engine reads 1"):
        SqliteJournal(written)


def test_a_missing_record_is_named(written: Path, edit: sqlite3.Connection) -> None:
    edit.execute("DELETE FROM records WHERE sequence = 1500")
    with pytest.raises(JournalCorrupt, match="record 1500: missing; the next record found is 1501") as caught:
        read_all(written)
    assert caught.value.sequence == 1500


@pytest.mark.parametrize(
    "change",
    [
        "record = replace(record, 'USD', 'EUR')",
        "record = substr(record, 1, 20)",
        "record = record || char(10)",
        "record = x'00ff'",
        "record = ''",
        "checksum = 'f' || substr(checksum, 2)",
        "checksum = 'short'",
    ],
)
def test_a_changed_record_is_named(written: Path, edit: sqlite3.Connection, change: str) -> None:
    edit.execute("UPDATE records SET checksum = replace(checksum, 'f', '0') WHERE sequence = 1700")
    edit.execute(f"UPDATE records SET {change} WHERE sequence = 1500")
    with pytest.raises(JournalCorrupt, match="record 1500: ") as caught:
        read_all(written)
    assert caught.value.sequence == 1500
    with closing(SqliteJournalReader(written)) as reader:
        with pytest.raises(JournalCorrupt, match="record 1500: "):
            reader.read_each([1400, 1500, 1600])
        assert reader.read_each([1499]) == [record(1499)]


def test_the_records_before_a_changed_one_are_given(written: Path, edit: sqlite3.Connection) -> None:
    edit.execute("UPDATE records SET record = replace(record, 'transfer', 'Transfer') WHERE sequence = 1500")
    given: list[Record] = []
    with closing(SqliteJournalReader(written)) as reader, pytest.raises(JournalCorrupt, match="1500"):
        given.extend(reader.read(0))
    assert given == records(1, 1_499)


def test_records_exchanged_for_one_another_are_found(written: Path, edit: sqlite3.Connection) -> None:
    edit.execute("UPDATE records SET sequence = 0 WHERE sequence = 7")
    edit.execute("UPDATE records SET sequence = 7 WHERE sequence = 9")
    edit.execute("UPDATE records SET sequence = 9 WHERE sequence = 0")
    with pytest.raises(JournalCorrupt, match="record 7: "):
        read_all(written)


def test_an_engine_does_not_open_a_journal_whose_newest_record_is_corrupt(
    written: Path, edit: sqlite3.Connection
) -> None:
    edit.execute("UPDATE records SET record = '[]' WHERE sequence = 2000")
    with pytest.raises(JournalCorrupt, match="record 2000: its checksum does not match"):
        SqliteJournal(written)


def test_a_journal_that_lost_its_end_is_refused(written: Path, edit: sqlite3.Connection) -> None:
    edit.execute("DELETE FROM records WHERE sequence > 1998")
    with pytest.raises(
        JournalIncomplete, match=r"journal\.sqlite ends at record 1998, but record 2000 was acknowledged"
    ):
        SqliteJournal(written)


def test_a_journal_whose_acknowledged_mark_was_removed_goes_on_from_where_it_ends(
    written: Path, edit: sqlite3.Connection
) -> None:
    edit.execute("DELETE FROM records WHERE sequence > 1998")
    mark(written).unlink()
    with closing(SqliteJournal(written)) as journal:
        assert journal.last_sequence == 1_998
    edit.execute("DELETE FROM records WHERE sequence = 1998")
    with pytest.raises(JournalIncomplete, match="record 1998 was acknowledged"):
        SqliteJournal(written)


def test_another_journal_in_the_place_of_the_acknowledged_one_is_refused(
    written: Path, tmp_path: Path
) -> None:
    other = tmp_path / "other.sqlite"
    with closing(SqliteJournal(other)) as journal:
        journal.append([record(1), *(replace(one, time_ns=0) for one in records(2, 2_100))])
        journal.flush()
    other.replace(written)
    with pytest.raises(JournalCorrupt, match="record 2000: it is not the one that was acknowledged"):
        SqliteJournal(written)


@pytest.mark.parametrize(
    "content", [b"", b"nonsense", b"markethall-acknowledged 1 99999999999999999999 0 0\n"]
)
def test_an_acknowledged_mark_that_does_not_check_says_nothing(written: Path, content: bytes) -> None:
    mark(written).write_bytes(content)
    SqliteJournal(written).close()


def test_a_page_that_is_said_to_be_free_is_refused_before_it_is_written_over(written: Path) -> None:
    content = bytearray(written.read_bytes())
    content[39] = 1  # the number of free pages in SQLite's header
    written.write_bytes(content)
    with pytest.raises(JournalUnreadable, match=r"journal\.sqlite: expected no free page, found 1"):
        SqliteJournal(written)


def test_a_changed_table_is_refused(written: Path, edit: sqlite3.Connection) -> None:
    edit.execute("ALTER TABLE records RENAME COLUMN record TO command")
    with pytest.raises(JournalUnreadable, match="expected the table 'CREATE TABLE records"):
        SqliteJournal(written)


def test_pages_overwritten_on_the_disk_are_found(written: Path) -> None:
    content = bytearray(written.read_bytes())
    middle = len(content) // 2 // 4096 * 4096
    content[middle : middle + 4096] = bytes(4096)
    written.write_bytes(content)
    with pytest.raises(JournalCorrupt):
        read_all(written)


@pytest.mark.parametrize("kept", [0.25, 0.5, 0.9])
def test_a_file_cut_short_is_found(written: Path, kept: float) -> None:
    content = written.read_bytes()
    written.write_bytes(content[: int(len(content) * kept)])
    with pytest.raises((JournalCorrupt, JournalFormatUnknown)):
        read_all(written)


def test_a_full_disk_fails_the_flush_and_every_later_one(path: Path) -> None:
    with closing(SqliteJournal(path)) as journal:
        journal.append(records(1, 10))
        journal.flush()
        # SQLite's own limit gives SQLITE_FULL, as a full disk does.
        journal._writer.execute("PRAGMA max_page_count = 20")
        journal.append(records(11, 2_000))
        for _ in range(2):
            with pytest.raises(JournalWriteFailed, match=r"database or disk is full\. See to the disk"):
                journal.flush()
        assert journal.last_sequence == 10
    assert read_all(path) == 10


def test_an_integer_beyond_64_bits_is_kept_exactly(path: Path) -> None:
    """Amounts of an asset with 18 decimal places pass 64 bits at ten units."""
    large = record(2)
    large = type(large)(1, large.time_ns, type(large.command)("a", "ETH", 10**21, ""), large.events)
    with closing(SqliteJournal(path)) as journal:
        journal.append([large])
        journal.flush()
        assert journal.read_each([1]) == [large]


def test_the_journal_is_readable_with_nothing_but_a_sqlite_shell(
    written: Path, edit: sqlite3.Connection
) -> None:
    row = edit.execute("SELECT * FROM readable_records WHERE sequence = 2").fetchone()
    assert row == (
        2,
        "2023-11-14T22:13:20.123456791Z",
        '[5,"a-1","USD",2,"transfer 2"]',
        '[[5,"a-1","USD",2,"transfer 2",2,0]]',
    )


def test_every_flush_is_synced_to_the_disk_before_it_returns(path: Path) -> None:
    with closing(SqliteJournal(path)) as journal:
        settings = [
            journal._writer.execute(f"PRAGMA {name}").fetchone() for name in ("synchronous", "journal_mode")
        ]
    assert settings == [(2,), ("wal",)]
