"""An engine that is stopped at any write, by whatever a disk can do, loses nothing that it acknowledged."""

import pytest

from tests.simulation.disk import Fault
from tests.simulation.fault_runs import (
    Expectation,
    commands_of,
    faults_of,
    run_with_crashes,
    run_with_fault,
)
from tests.simulation.remains import Kind, Operation
from tests.simulation.sqlite_files import CANNOT_WATCH

pytestmark = pytest.mark.skipif(bool(CANNOT_WATCH), reason=CANNOT_WATCH)

SEED = 1
EVERY = 8
"""One fault in so many is tried here, all by `hatch run simulate --faults`."""


@pytest.fixture(scope="module")
def expectation() -> Expectation:
    return Expectation.of(commands_of(SEED))


@pytest.fixture(scope="module")
def faults(expectation: Expectation) -> list[tuple[Fault, int, Operation]]:
    return faults_of(expectation)


def chosen(faults: list[tuple[Fault, int, Operation]], kind: Kind) -> list[tuple[Fault, int, Operation]]:
    return [(fault, at, operation) for fault, at, operation in faults if operation.kind is kind]


@pytest.mark.parametrize("seed", range(2, 4))
def test_a_crash_after_any_operation_leaves_all_that_was_acknowledged(seed: int) -> None:
    assert run_with_crashes(Expectation.of(commands_of(seed)), seed) > 100


def test_an_engine_that_a_fault_stops_goes_on_when_started_again_and_misses_nothing(
    expectation: Expectation, faults: list[tuple[Fault, int, Operation]]
) -> None:
    for fault, at, _ in faults[::EVERY]:
        run_with_fault(expectation, fault, at, SEED)


def test_a_failed_sync_of_the_journal_stops_the_engine_and_its_records_outlive_a_restart_and_a_power_loss(
    expectation: Expectation, faults: list[tuple[Fault, int, Operation]]
) -> None:
    """After a failed sync the pages count as written: another sync would succeed and do nothing."""
    syncs = [(f, at) for f, at, operation in chosen(faults, Kind.SYNC) if operation.name.endswith("-wal")]
    said = [run_with_fault(expectation, fault, at, SEED) for fault, at in syncs[::3]]
    assert any("could not be written: disk I/O error. See to the disk" in words for words in said)


def test_a_failed_sync_of_a_directory_loses_no_file_to_a_power_loss(
    expectation: Expectation, faults: list[tuple[Fault, int, Operation]]
) -> None:
    """SQLite syncs the directory of a new WAL file and goes on where that fails."""
    syncs = chosen(faults, Kind.SYNC_DIRECTORY)
    assert {operation.name for _, _, operation in syncs} == {".", "engine", "engine/snapshots"}
    for fault, at, _ in syncs:
        run_with_fault(expectation, fault, at, SEED)


def test_a_snapshot_that_a_fault_ends_leaves_the_engine_running(
    expectation: Expectation, faults: list[tuple[Fault, int, Operation]]
) -> None:
    of_snapshots = [(f, at) for f, at, operation in faults if "snapshot" in operation.name]
    for fault, at in of_snapshots[::3]:
        assert run_with_fault(expectation, fault, at, SEED).startswith("no snapshot: [Errno")


def test_the_run_meets_every_operation_that_can_fail(faults: list[tuple[Fault, int, Operation]]) -> None:
    """A run without checkpoints, snapshots or a restart would show little."""
    met = {(operation.kind, operation.name.partition(".")[2]) for _, _, operation in faults}
    assert met >= {
        (Kind.WRITE, "sqlite"),
        (Kind.SYNC, "sqlite"),
        (Kind.WRITE, "sqlite-wal"),
        (Kind.SYNC, "sqlite-wal"),
        (Kind.REMOVE, "sqlite-wal"),
        (Kind.WRITE, "sqlite-journal"),
        (Kind.WRITE, "sqlite.acknowledged"),
    }
    assert {operation.kind for _, _, operation in faults if "snapshot" in operation.name} == {
        Kind.WRITE,
        Kind.SYNC,
        Kind.RENAME,
        Kind.SYNC_DIRECTORY,
    }
