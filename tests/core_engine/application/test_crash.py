"""`kill -9` at any moment under load loses no acknowledged command and repeats none."""

import os
import resource
import subprocess
import sys
import time
from collections import Counter
from contextlib import closing
from itertools import islice
from pathlib import Path
from random import Random
from typing import Any

import pytest

from markethall_engine.application.record import Record
from markethall_engine.application.recovery import recover
from markethall_engine.domain.commands import PlaceOrder
from markethall_engine.journal.snapshots import SnapshotDirectory
from markethall_engine.journal.sqlite import SqliteJournal
from tests.core_engine.application.engine_to_kill import JOURNAL, SNAPSHOTS, fingerprint, numbered_order

ROOT = Path(__file__).parents[3]
CRASHES = int(os.environ.get("MARKETHALL_CRASHES", "15"))
SEED = int(os.environ.get("MARKETHALL_SEED", "1"))

Acknowledgement = tuple[int, str]
"""The sequence and the fingerprint of a record."""


def start_engine(directory: Path, first: int, last: int, **options: Any) -> subprocess.Popen[bytes]:
    module = "tests.core_engine.application.engine_to_kill"
    command = [sys.executable, "-m", module, directory, str(first), str(last)]
    return subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, **options)


def acknowledgements(lines: list[bytes]) -> dict[int, Acknowledgement]:
    """What whole lines say; the last one may have been cut short by the kill."""
    words = [line.split() for line in lines if line.endswith(b"\n")]
    return {int(number): (int(sequence), record.decode()) for number, sequence, record in words}


def kill_after(engine: subprocess.Popen[bytes], random: Random) -> list[bytes]:
    """Kill the engine at a random moment, of its start or of its work, and return all it ever said."""
    assert engine.stdout is not None
    lines: list[bytes] = []
    if random.random() < 0.2:
        time.sleep(random.uniform(0, 0.6))  # somewhere in start and recovery, which say nothing
    else:
        lines += islice(engine.stdout, random.randint(1, 4_000))
    engine.kill()
    engine.wait()
    lines += engine.stdout.readlines()
    engine.stdout.close()
    return lines


def placed_orders(records: list[Record]) -> list[int]:
    return [
        int(record.command.client_order_id) for record in records if isinstance(record.command, PlaceOrder)
    ]


def recovered_records(directory: Path) -> tuple[list[Record], int]:
    """All records, once a snapshot and a replay have given the same state, and the snapshot's sequence."""
    with closing(SqliteJournal(directory / JOURNAL)) as journal:
        from_snapshot = recover(journal, SnapshotDirectory(directory / SNAPSHOTS))
        from_start = recover(journal, SnapshotDirectory(directory / "none"))
        assert from_snapshot.state.snapshot("") == from_start.state.snapshot("")
        return list(journal.read(0)), from_snapshot.snapshot_sequence


def assert_each_is_there_once(records: list[Record], acknowledged: dict[int, Acknowledgement]) -> None:
    for number, (sequence, record_fingerprint) in acknowledged.items():
        assert fingerprint(records[sequence - 1]) == record_fingerprint, f"order {number} was lost"
    assert [number for number, times in Counter(placed_orders(records)).items() if times > 1] == []


@pytest.mark.timeout(60 + 10 * CRASHES)
def test_a_killed_engine_has_every_acknowledged_command_exactly_once(tmp_path: Path) -> None:
    random = Random(SEED)
    acknowledged: dict[int, Acknowledgement] = {}
    first = 1
    for crash in range(CRASHES + 1):
        is_last = crash == CRASHES
        engine = start_engine(tmp_path, first, first + 500 if is_last else 10**9)
        if is_last:
            output, _ = engine.communicate()
            assert engine.returncode == 0
            told = acknowledgements(output.splitlines(keepends=True))
            assert len(told) == 501
        else:
            told = acknowledgements(kill_after(engine, random))
        for number in told.keys() & acknowledged.keys():
            assert told[number] == acknowledged[number], f"order {number} was answered in two ways"
        acknowledged |= told

        records, snapshot_sequence = recovered_records(tmp_path)
        assert_each_is_there_once(records, acknowledged)
        # The next engine is asked again for the newest orders, acknowledged ones and others.
        first = max(1, max(placed_orders(records), default=1) - 200)

    assert snapshot_sequence > 0, "snapshots were taken on the way"
    assert all(
        records[sequence - 1].command == numbered_order(n) for n, (sequence, _) in acknowledged.items()
    )


@pytest.mark.parametrize("kilobytes", [100, 700, 2_000])
def test_an_engine_whose_disk_takes_no_more_stops_and_keeps_what_it_acknowledged(
    tmp_path: Path, kilobytes: int
) -> None:
    """A limit on the size of files makes writes short and then fail (EFBIG), wherever that happens to be."""

    def limit_files() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (kilobytes * 1_000, kilobytes * 1_000))

    engine = start_engine(tmp_path, 1, 10**9, preexec_fn=limit_files, stderr=subprocess.PIPE)
    output, errors = engine.communicate()
    assert engine.returncode == 1
    assert b"could not be written" in errors
    records, _ = recovered_records(tmp_path)
    acknowledged = acknowledgements(output.splitlines(keepends=True))
    assert_each_is_there_once(records, acknowledged)

    restarted = start_engine(tmp_path, 1, len(acknowledged) + 100)
    output, _ = restarted.communicate()
    assert restarted.returncode == 0
    again = acknowledgements(output.splitlines(keepends=True))
    assert len(again) == len(acknowledged) + 100
    assert {number: again[number] for number in acknowledged} == acknowledged
