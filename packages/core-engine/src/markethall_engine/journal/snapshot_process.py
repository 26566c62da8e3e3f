"""Snapshots taken by a process of their own, which replays the journal beside the engine: that never pauses.

`python -m markethall_engine.journal.snapshot_process JOURNAL DIRECTORY` takes one and prints its sequence.
"""

import asyncio
import os
import sys
from asyncio.subprocess import DEVNULL, PIPE
from contextlib import closing
from pathlib import Path

from markethall_engine.application.ports import JournalError
from markethall_engine.application.recovery import take_snapshot
from markethall_engine.application.snapshot_schedule import SnapshotFailed
from markethall_engine.journal.snapshots import SnapshotDirectory
from markethall_engine.journal.sqlite import SqliteJournalReader


def write_snapshot(journal: Path, directory: Path) -> int:
    """Take a snapshot of what the journal holds now and return the newest one's sequence, new or not.

    Raises `JournalError`, and `OSError` where the disk does not take it.
    """
    with closing(SqliteJournalReader(journal)) as reader:
        return take_snapshot(reader, SnapshotDirectory(directory))


async def snapshot_in_process(journal: Path, directory: Path) -> int:
    """Have another process take a snapshot and return its sequence; when canceled, end that process.

    Raises `SnapshotFailed` with what the process said.
    """
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", __name__, journal, directory), stdin=DEVNULL, stdout=PIPE, stderr=PIPE
    )
    try:
        output, errors = await process.communicate()
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    if process.returncode != 0:
        raise SnapshotFailed(f"exit status {process.returncode}: {errors.decode(errors='replace').strip()}")
    return int(output)


def main(journal: str, directory: str) -> int:
    """Run this process's one task and return its exit status."""
    if hasattr(os, "nice"):
        os.nice(10)  # where the processors do not suffice, the engine goes first
    try:
        sys.stdout.write(f"{write_snapshot(Path(journal), Path(directory))}\n")
    except (JournalError, OSError) as problem:
        sys.stderr.write(f"{problem}\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
