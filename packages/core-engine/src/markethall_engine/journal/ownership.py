"""Exclusive ownership of a journal: two engines that wrote one would each undo the other's truth."""

import sqlite3
from pathlib import Path

from markethall_engine.application.ports import JournalInUse


class Ownership:
    """Held from construction until `release`, or until the process ends, however it ends.

    It is an exclusive lock on an empty SQLite database beside the journal: SQLite knows how to lock a file
    on every system, and the journal itself stays open for readers. Raises `JournalInUse` where it is held.
    """

    def __init__(self, journal: Path) -> None:
        path = journal.with_name(journal.name + ".lock")
        self._lock = sqlite3.connect(path, timeout=0, isolation_level=None, check_same_thread=False)
        try:
            self._lock.execute("PRAGMA journal_mode = MEMORY")  # nothing is ever written
            self._lock.execute("BEGIN EXCLUSIVE")
        except sqlite3.OperationalError as problem:
            self._lock.close()
            raise JournalInUse(
                f"another engine owns the journal {journal} ({path.name}: {problem}); "
                "stop it, or give this engine a journal of its own"
            ) from problem

    def release(self) -> None:
        self._lock.close()
