"""A journal in memory: durable as long as the object lives. For tests and for engines that may forget."""

from collections.abc import Iterator, Sequence

from markethall_engine.application.ports import JournalCorrupt
from markethall_engine.application.record import Record
from markethall_engine.journal.record_codec import NO_RECORDS, store


class MemoryJournal:
    """Keeps records in a list; `flush` moves the boundary of what is durable."""

    def __init__(self) -> None:
        self._records: list[Record] = []
        self._checksums: list[str] = [NO_RECORDS]
        self._durable = 0

    def __str__(self) -> str:
        return "in memory"

    @property
    def last_sequence(self) -> int:
        return self._durable

    def append(self, records: Sequence[Record]) -> None:
        for record in records:
            expected = len(self._records) + 1
            if record.sequence != expected:
                raise ValueError(f"expected the record of sequence {expected}, found {record.sequence}")
            self._records.append(record)
            self._checksums.append(store(record, self._checksums[-1]).checksum)

    def flush(self) -> int:
        self._durable = len(self._records)
        return self._durable

    def read(self, after: int) -> Iterator[Record]:
        for sequence in range(after + 1, self._durable + 1):
            yield self._records[sequence - 1]

    def read_each(self, sequences: Sequence[int]) -> list[Record]:
        for sequence in sequences:
            if not 1 <= sequence <= self._durable:
                raise JournalCorrupt(sequence, "missing")
        return [self._records[sequence - 1] for sequence in sequences]

    def checksum(self, sequence: int) -> str:
        return self._checksums[sequence]

    def close(self) -> None:
        del self._records[self._durable :]
        del self._checksums[self._durable + 1 :]
