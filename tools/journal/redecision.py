"""Whether the exchange would decide every recorded command again as it did, to the last field.

The state is always the one that the recorded events make, so one difference does not cause the next.
"""

from collections.abc import Iterator

import msgspec

from markethall_engine.application.ports import JournalReader, SnapshotStore
from markethall_engine.application.record import Record
from markethall_engine.domain.decision import Decision
from markethall_engine.domain.exchange import Exchange


class Difference(msgspec.Struct, frozen=True):
    """A command that would be decided otherwise now."""

    record: Record
    decision: Decision


class SnapshotDifference(msgspec.Struct, frozen=True):
    """A snapshot that is not the state which its records make."""

    sequence: int
    digest: str
    """Of the state that the records make."""
    snapshot_digest: str


class Redecision:
    """Decides a journal again, record by record, and compares it with itself and with its snapshots."""

    def __init__(self, journal: JournalReader, snapshots: SnapshotStore) -> None:
        self._journal = journal
        self._digests = {snapshot.sequence: snapshot.digest for snapshot in snapshots.newest_first()}
        self.exchange = Exchange()
        self.records = 0
        self.events = 0
        self.compared_snapshots = 0

    def differences(self) -> Iterator[Difference | SnapshotDifference]:
        """Yield what differs; raises `JournalCorrupt` at the first record that is not as it was written."""
        exchange = self.exchange
        for record in self._journal.read(0):
            decision = exchange.decide(record.command, record.sequence, record.time_ns)
            if decision != record.events:
                yield Difference(record, decision)
            for event in record.events:
                exchange.apply(event, record.sequence, record.time_ns)
            self.records += 1
            self.events += len(record.events)
            yield from self._snapshot_difference(record.sequence)

    def _snapshot_difference(self, sequence: int) -> Iterator[SnapshotDifference]:
        snapshot_digest = self._digests.get(sequence)
        if snapshot_digest is not None:
            self.compared_snapshots += 1
            digest = self.exchange.digest()
            if digest != snapshot_digest:
                yield SnapshotDifference(sequence, digest, snapshot_digest)
