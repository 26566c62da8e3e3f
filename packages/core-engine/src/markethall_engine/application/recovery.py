"""How an engine comes to know what it knew: the newest snapshot, and every record after it.

It is the live path without its first half: `apply` is the one function that changes the state, and does not
know whether a record is of today or of last year.
"""

import gc
import time
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import islice

import msgspec

from markethall_common.logs import logger
from markethall_engine.application.ports import JournalIncomplete, JournalReader, Snapshot, SnapshotStore
from markethall_engine.application.venue_state import VenueState
from markethall_engine.domain.exchange import SnapshotError

_RECORDS_AT_ONCE = 1_000


class Recovery(msgspec.Struct, frozen=True):
    """A recovered state and what it took."""

    state: VenueState
    snapshot_sequence: int
    """Where it began; 0 without a snapshot."""
    records: int
    """How many records were applied after the snapshot."""
    seconds: float


def recover(journal: JournalReader, snapshots: SnapshotStore) -> Recovery:
    """Restore the newest snapshot that is sound and belongs to the journal, and apply every later record.

    Raises `JournalCorrupt` at the first record that is not as it was written, and `JournalIncomplete`.
    """
    started = time.perf_counter()
    state = _restored(journal, snapshots) or VenueState()
    snapshot_sequence = state.exchange.sequence
    records = journal.read(snapshot_sequence)
    with _no_collections():
        while group := list(islice(records, _RECORDS_AT_ONCE)):
            state.apply(group)
    return Recovery(
        state=state,
        snapshot_sequence=snapshot_sequence,
        records=state.exchange.sequence - snapshot_sequence,
        seconds=time.perf_counter() - started,
    )


def take_snapshot(journal: JournalReader, snapshots: SnapshotStore) -> int:
    """Recover, write what was recovered as a snapshot if it is new, and return its sequence.

    Reads only the journal, so it may run in a process of its own beside a running engine.
    """
    recovery = recover(journal, snapshots)
    sequence = recovery.state.exchange.sequence
    if recovery.records > 0:
        snapshots.write(recovery.state.snapshot(journal.checksum(sequence)))
    return sequence


@contextmanager
def _no_collections() -> Iterator[None]:
    """Let no garbage collector look through what is made: it stays, or goes without being in a cycle."""
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()


def _restored(journal: JournalReader, snapshots: SnapshotStore) -> VenueState | None:
    for snapshot in snapshots.newest_first():
        if snapshot.sequence > journal.last_sequence:
            raise JournalIncomplete(
                f"the journal {journal} ends at sequence {journal.last_sequence}, but there is a snapshot of "
                f"sequence {snapshot.sequence}: acknowledged records are missing. Restore the journal, or "
                "remove the snapshots to go on without those records"
            )
        try:
            return _restore(journal, snapshot)
        except ValueError as problem:
            # The journal is the truth: an older snapshot, or none, only takes longer.
            logger.warning("snapshot_passed_over", sequence=snapshot.sequence, problem=str(problem))
    return None


def _restore(journal: JournalReader, snapshot: Snapshot) -> VenueState:
    if journal.checksum(snapshot.sequence) != snapshot.journal_checksum:
        raise SnapshotError("it was made of another journal")
    state = VenueState.restore(snapshot)
    if state.exchange.digest() != snapshot.digest:
        raise SnapshotError("what was restored has not the digest that was written with it")
    return state
