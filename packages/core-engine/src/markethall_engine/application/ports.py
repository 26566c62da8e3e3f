"""What the application needs from the outside, as narrow as it can be.

The journal is a port so that an embedded file and a replicated log can stand behind it: append, flush, read
from a sequence. Whoever implements one passes the abstract suite in `tests/core_engine/journal`.
"""

from collections.abc import Iterator, Sequence
from typing import Protocol

import msgspec

from markethall_engine.application.record import Record


class JournalReader(Protocol):
    """All durable records, in order. Safe to use while another thread or process writes.

    `str` says to an operator which journal it is.
    """

    @property
    def last_sequence(self) -> int:
        """The sequence of the newest durable record; 0 for an empty journal."""
        ...

    def read(self, after: int) -> Iterator[Record]:
        """Yield every durable record with a sequence above `after`, in order.

        Raises `JournalCorrupt` at the first record that is missing or not as it was written.
        """
        ...

    def read_each(self, sequences: Sequence[int]) -> list[Record]:
        """Return the records of these sequences, in the order given.

        Raises `JournalCorrupt` for the first that is not durable or not as it was written.
        """
        ...

    def checksum(self, sequence: int) -> str:
        """Return the checksum of all records up to `sequence`, which must be durable or 0.

        Two journals that agree on it hold the same records up to there.
        """
        ...


class Journal(JournalReader, Protocol):
    """The one durable truth of a venue, with one writer. Everything else is derived from it."""

    def append(self, records: Sequence[Record]) -> None:
        """Take records that follow the last appended one. Quick, does no I/O, makes nothing durable."""
        ...

    def flush(self) -> int:
        """Make durable what was appended before the call and return the last durable sequence.

        Blocks on the disk, and is made to be called in a thread of its own while `append` goes on in
        another. Raises `JournalWriteFailed`, after which nothing may be written any more: what the disk
        holds is known only to who opens the journal again.
        """
        ...

    def close(self) -> None:
        """Give up ownership. What was appended and not flushed is lost."""
        ...


class Snapshot(msgspec.Struct, frozen=True, array_like=True):
    """The venue's whole state after the record of `sequence`, so that recovery need not begin at 1."""

    sequence: int
    time_ns: int
    journal_checksum: str
    """`JournalReader.checksum(sequence)`: ties the snapshot to the records that it sums up."""
    digest: str
    """Of the exchange; whoever restores the snapshot must arrive at the same one."""
    exchange: bytes
    market_data: bytes
    account_history: bytes
    equity_history: bytes


class SnapshotStore(Protocol):
    """The newest snapshots. Losing them costs time at the next start, and nothing else."""

    def newest_first(self) -> Iterator[Snapshot]:
        """Yield the snapshots that read back as they were written, reading each as it is asked for."""
        ...

    def write(self, snapshot: Snapshot) -> None:
        """Keep a snapshot, durably; older ones may go."""
        ...


class Publisher(Protocol):
    """Whoever is told of durable records: projections and streams."""

    def publish(self, records: Sequence[Record]) -> None:
        """Take the next durable records, in order and none twice. Must be quick and must not block."""
        ...


class JournalError(Exception):
    """The journal cannot be used; the message says what the operator can do."""


class JournalInUse(JournalError):
    """Another engine owns the journal."""


class JournalFormatUnknown(JournalError):
    """There is no journal there, or one in a form that this version does not know."""


class JournalUnreadable(JournalError):
    """The file is damaged where no record can be named."""


class JournalCorrupt(JournalError):
    """A record is missing, or is not what was written. Nothing after `sequence - 1` can be trusted."""

    def __init__(self, sequence: int, problem: str, journal: str = "") -> None:
        """`journal` says which one, for instance its path, where there is more than one it could be."""
        super().__init__(
            f"journal {journal}{journal and ': '}record {sequence}: {problem}. "
            "Restore the journal from a backup; the records before this one are intact."
        )
        self.sequence = sequence
        self.problem = problem


class JournalIncomplete(JournalError):
    """The journal ends before a record that is known to have been acknowledged."""


class JournalWriteFailed(JournalError):
    """The disk did not take the records, or nobody knows whether it did."""
