"""What every journal promises, in memory or on disk."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from markethall_engine.application.ports import Journal, JournalCorrupt
from markethall_engine.journal.memory import MemoryJournal
from markethall_engine.journal.sqlite import SqliteJournal
from tests.core_engine.journal.records import record, records


@pytest.fixture(params=["memory", "sqlite"])
def journal(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Journal]:
    opened = MemoryJournal() if request.param == "memory" else SqliteJournal(tmp_path / "journal.sqlite")
    yield opened
    opened.close()


def written(journal: Journal, last: int) -> None:
    journal.append(records(journal.last_sequence + 1, last))
    journal.flush()


def test_a_new_journal_is_empty(journal: Journal) -> None:
    assert journal.last_sequence == 0
    assert list(journal.read(0)) == []
    assert journal.flush() == 0


def test_records_read_back_as_they_were_written(journal: Journal) -> None:
    written(journal, 5)
    assert list(journal.read(0)) == records(1, 5)


def test_an_appended_record_is_not_there_before_its_flush(journal: Journal) -> None:
    written(journal, 2)
    journal.append([record(3)])
    assert journal.last_sequence == 2
    assert list(journal.read(0)) == records(1, 2)
    with pytest.raises(JournalCorrupt):
        journal.read_each([3])


def test_a_flush_says_how_far_the_journal_is_durable(journal: Journal) -> None:
    journal.append(records(1, 3))
    journal.append(records(4, 4))
    assert journal.flush() == 4
    assert journal.last_sequence == 4


def test_reading_starts_after_the_sequence_given(journal: Journal) -> None:
    written(journal, 5)
    assert list(journal.read(3)) == records(4, 5)
    assert list(journal.read(5)) == []


def test_more_records_than_one_read_or_one_statement_takes_come_back_in_order(journal: Journal) -> None:
    written(journal, 9_000)
    assert list(journal.read(0)) == records(1, 9_000)


def test_every_size_of_group_is_written_whole(journal: Journal) -> None:
    for size in range(1, 70):
        written(journal, journal.last_sequence + size)
    assert list(journal.read(0)) == records(1, sum(range(1, 70)))


def test_single_records_are_found_by_their_sequences_in_any_order(journal: Journal) -> None:
    written(journal, 3)
    assert journal.read_each([3, 1, 3, 2]) == [record(3), record(1), record(3), record(2)]
    assert journal.read_each([]) == []


@pytest.mark.parametrize("sequence", [0, 4])
def test_a_record_that_is_not_there_is_named(journal: Journal, sequence: int) -> None:
    written(journal, 3)
    with pytest.raises(JournalCorrupt, match=f"record {sequence}: missing"):
        journal.read_each([1, sequence, 2])


@pytest.mark.parametrize("sequence", [2, 4])
def test_a_record_out_of_sequence_is_not_taken(journal: Journal, sequence: int) -> None:
    written(journal, 2)
    with pytest.raises(ValueError, match=f"expected the record of sequence 3, found {sequence}"):
        journal.append([record(sequence)])


def test_journals_with_the_same_records_have_the_same_checksums(journal: Journal) -> None:
    other = MemoryJournal()
    written(journal, 3)
    for last in (1, 2, 3):
        written(other, last)
    assert [journal.checksum(n) for n in range(4)] == [other.checksum(n) for n in range(4)]
    assert len({journal.checksum(n) for n in range(4)}) == 4
