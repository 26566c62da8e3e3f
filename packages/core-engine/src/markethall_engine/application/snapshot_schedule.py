"""When a snapshot is due, and that there is only one at a time."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Sequence

from markethall_common.logs import logger
from markethall_engine.application.record import Record

_REST = 9


class SnapshotFailed(Exception):
    """No snapshot was taken. The engine goes on without; the next start takes longer."""


class SnapshotSchedule:
    """A publisher that has a snapshot taken every so many records, beside the engine's work.

    `take` returns the sequence of the snapshot that it took, or raises `SnapshotFailed`; then it is tried
    again after as many records more. After each it rests for nine times as long as that took, so that
    snapshots of a large and busy venue cost a tenth of a processor at most. `monotonic_s` tells seconds.
    """

    def __init__(
        self,
        take: Callable[[], Awaitable[int]],
        every_records: int,
        newest: int,
        monotonic_s: Callable[[], float] = time.monotonic,
    ) -> None:
        self._take = take
        self._every_records = every_records
        self._monotonic_s = monotonic_s
        self._newest = self._last_tried = newest
        self._rests_until_s = 0.0
        self._taking: asyncio.Task[None] | None = None

    @property
    def newest(self) -> int:
        """The sequence of the newest snapshot; 0 for none."""
        return self._newest

    def publish(self, records: Sequence[Record]) -> None:
        sequence = records[-1].sequence
        is_due = sequence - self._last_tried >= self._every_records
        if is_due and self._taking is None and self._monotonic_s() >= self._rests_until_s:
            self._last_tried = sequence
            self._taking = asyncio.create_task(self._take_one(), name="snapshot")

    async def close(self) -> None:
        """Give up a snapshot under way; what is on the disk stays as it was."""
        if self._taking is not None:
            self._taking.cancel()
            await asyncio.wait([self._taking])

    async def _take_one(self) -> None:
        started_s = self._monotonic_s()
        try:
            self._newest = await self._take()
            logger.info("snapshot_taken", sequence=self._newest)
        except SnapshotFailed as problem:
            logger.warning("snapshot_failed", problem=str(problem))
        finally:
            ended_s = self._monotonic_s()
            self._rests_until_s = ended_s + _REST * (ended_s - started_s)
            self._taking = None
