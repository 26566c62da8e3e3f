"""A disk that takes its time: flushes wait until the test lets them go on."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from markethall_engine.journal.memory import MemoryJournal


class SlowDisk:
    """While it is `stuck`, nothing that engines in this process write becomes durable."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self._may_flush = threading.Event()
        self._may_flush.set()
        flush = MemoryJournal.flush

        def patient_flush(journal: MemoryJournal) -> int:
            self._may_flush.wait()
            return flush(journal)

        monkeypatch.setattr(MemoryJournal, "flush", patient_flush)

    @contextmanager
    def stuck(self) -> Iterator[None]:
        self._may_flush.clear()
        try:
            yield
        finally:
            self._may_flush.set()
