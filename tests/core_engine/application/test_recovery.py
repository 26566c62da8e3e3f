"""A recovered engine knows what the one before it knew, whatever it was recovered from."""

import gc
from collections.abc import Iterator, Sequence
from itertools import islice
from typing import Any

import msgspec
import pytest

from markethall_engine.application.ports import JournalCorrupt, JournalIncomplete, Snapshot
from markethall_engine.application.record import Record
from markethall_engine.application.recovery import recover, take_snapshot
from markethall_engine.application.venue_state import VenueState
from markethall_engine.domain.commands import Command, CreateAccount
from markethall_engine.domain.decision import Duplicate
from markethall_engine.journal.memory import MemoryJournal
from tests.core_engine.application.commands import ALICE, OPENING
from tests.core_engine.application.traffic import traffic


class MemorySnapshots:
    """Keeps every snapshot, and lets a test change them."""

    def __init__(self) -> None:
        self.snapshots: list[Snapshot] = []

    def newest_first(self) -> Iterator[Snapshot]:
        yield from reversed(self.snapshots)

    def write(self, snapshot: Snapshot) -> None:
        self.snapshots.append(snapshot)

    def change_newest(self, **changes: Any) -> None:
        self.snapshots[-1] = msgspec.structs.replace(self.snapshots[-1], **changes)


class Venue:
    """A state that is lived rather than recovered: decide, journal, apply."""

    def __init__(self) -> None:
        self.state = VenueState()
        self.journal = MemoryJournal()

    def process(self, commands: Sequence[Command]) -> None:
        for command in commands:
            sequence = self.journal.last_sequence + 1
            decision = self.state.exchange.decide(command, sequence, 1_000 + sequence)
            if not isinstance(decision, Duplicate):
                record = Record(sequence, 1_000 + sequence, command, decision)
                self.journal.append([record])
                self.journal.flush()
                self.state.apply([record])


@pytest.fixture
def venue() -> Venue:
    venue = Venue()
    venue.process([*OPENING, *islice(traffic(seed=1), 3_000)])
    return venue


def whole(state: VenueState) -> Snapshot:
    """All of a state, to compare."""
    return state.snapshot("")


def test_an_empty_journal_recovers_to_an_empty_venue() -> None:
    recovery = recover(MemoryJournal(), MemorySnapshots())
    assert (recovery.records, recovery.snapshot_sequence) == (0, 0)
    assert whole(recovery.state) == whole(VenueState())


def test_replay_from_the_start_gives_the_state_that_was_lived(venue: Venue) -> None:
    recovery = recover(venue.journal, MemorySnapshots())
    assert whole(recovery.state) == whole(venue.state)
    assert recovery.records == venue.journal.last_sequence
    assert recovery.snapshot_sequence == 0


@pytest.mark.parametrize("is_enabled", [True, False])
def test_recovery_leaves_the_garbage_collector_as_it_was(venue: Venue, is_enabled: bool) -> None:
    was_enabled = gc.isenabled()
    try:
        (gc.enable if is_enabled else gc.disable)()
        recover(venue.journal, MemorySnapshots())
        assert gc.isenabled() is is_enabled
    finally:
        (gc.enable if was_enabled else gc.disable)()


def test_a_snapshot_and_later_records_give_the_state_that_was_lived(venue: Venue) -> None:
    snapshots = MemorySnapshots()
    sequence = take_snapshot(venue.journal, snapshots)
    venue.process(list(islice(traffic(seed=2, first_sequence=sequence + 1), 500)))
    recovery = recover(venue.journal, snapshots)
    assert recovery.snapshot_sequence == sequence
    assert recovery.records == venue.journal.last_sequence - sequence > 0
    assert whole(recovery.state) == whole(venue.state)


def test_a_snapshot_made_from_a_snapshot_is_the_one_made_from_the_start(venue: Venue) -> None:
    in_two_steps, in_one = MemorySnapshots(), MemorySnapshots()
    take_snapshot(venue.journal, in_two_steps)
    venue.process(list(islice(traffic(seed=2, first_sequence=venue.journal.last_sequence + 1), 500)))
    assert take_snapshot(venue.journal, in_two_steps) == take_snapshot(venue.journal, in_one)
    assert in_two_steps.snapshots[-1] == in_one.snapshots[-1]


def test_a_snapshot_is_not_written_twice(venue: Venue) -> None:
    snapshots = MemorySnapshots()
    assert take_snapshot(venue.journal, snapshots) == take_snapshot(venue.journal, snapshots)
    assert len(snapshots.snapshots) == 1


@pytest.mark.parametrize(
    "damage",
    [
        {"exchange": b"nonsense"},
        {"account_history": b"\xc1"},
        {"equity_history": b"\xc1"},
        {"market_data": b"nonsense"},
        {"digest": "0" * 64},
        {"journal_checksum": "0" * 32},
    ],
    ids=lambda damage: next(iter(damage)),
)
def test_an_unsound_snapshot_is_passed_over_for_the_one_before_it(
    venue: Venue, damage: dict[str, Any]
) -> None:
    snapshots = MemorySnapshots()
    sequence = take_snapshot(venue.journal, snapshots)
    venue.process([CreateAccount("carol")])
    take_snapshot(venue.journal, snapshots)
    snapshots.change_newest(**damage)
    recovery = recover(venue.journal, snapshots)
    assert (recovery.snapshot_sequence, recovery.records) == (sequence, 1)
    assert whole(recovery.state) == whole(venue.state)


def test_without_a_sound_snapshot_everything_is_replayed(venue: Venue) -> None:
    snapshots = MemorySnapshots()
    take_snapshot(venue.journal, snapshots)
    snapshots.change_newest(exchange=b"")
    recovery = recover(venue.journal, snapshots)
    assert recovery.snapshot_sequence == 0
    assert whole(recovery.state) == whole(venue.state)


def test_a_journal_that_ends_before_its_snapshot_is_refused(venue: Venue) -> None:
    snapshots = MemorySnapshots()
    sequence = take_snapshot(venue.journal, snapshots)
    shorter = Venue()
    shorter.process(OPENING)
    with pytest.raises(
        JournalIncomplete, match=f"ends at sequence 9, but there is a snapshot of sequence {sequence}"
    ):
        recover(shorter.journal, snapshots)


def test_a_corrupt_record_stops_recovery(venue: Venue) -> None:
    class Gap(MemoryJournal):
        def read(self, after: int) -> Iterator[Record]:
            yield from venue.journal.read_each([1, 2, 3])
            raise JournalCorrupt(4, "missing")

    with pytest.raises(JournalCorrupt, match="journal record 4: missing"):
        recover(Gap(), MemorySnapshots())


def test_the_account_history_names_the_records_of_each_account(venue: Venue) -> None:
    history = recover(venue.journal, MemorySnapshots()).state.account_history
    mentioned = [
        record.sequence
        for record in venue.journal.read(0)
        if f"'{ALICE}'" in repr(msgspec.to_builtins(record))
    ]
    assert history.after(ALICE, 0, 10_000) == mentioned
    assert history.after(ALICE, mentioned[10], 3) == mentioned[11:14]
    assert history.before(ALICE, mentioned[10], 3) == [mentioned[9], mentioned[8], mentioned[7]]
    assert history.before(ALICE, mentioned[2], 5) == [mentioned[1], mentioned[0]]
    assert history.after("nobody", 0, 5) == history.before("nobody", 99, 5) == []
