"""The composition root: what an engine is made of, how it comes up and how it goes down."""

import asyncio
import gc
import sys
import threading
from collections.abc import Callable
from concurrent.futures import Future
from contextlib import closing
from functools import partial
from importlib.metadata import version
from typing import TypeVar

from markethall_common.clock import Clock
from markethall_common.listening import warn_if_exposed
from markethall_common.logs import logger
from markethall_common.shutdown import Shutdown
from markethall_engine.application.feed import Feed
from markethall_engine.application.ports import Journal, JournalError, Publisher
from markethall_engine.application.queries import Queries
from markethall_engine.application.recovery import Recovery, recover
from markethall_engine.application.sequencer import Sequencer
from markethall_engine.application.sessions import Sessions
from markethall_engine.application.snapshot_schedule import SnapshotSchedule
from markethall_engine.application.streams import Streams
from markethall_engine.application.venue_state import VenueState
from markethall_engine.compiled import why_python
from markethall_engine.journal.memory import MemoryJournal
from markethall_engine.journal.snapshot_process import snapshot_in_process
from markethall_engine.journal.snapshots import SnapshotDirectory
from markethall_engine.journal.sqlite import SqliteJournal
from markethall_engine.rpc.administration import AdministrationService
from markethall_engine.rpc.core_engine import CoreEngineService, ProcessFacts
from markethall_engine.rpc.lifecycle import Lifecycle
from markethall_engine.rpc.market_data import MarketDataService
from markethall_engine.rpc.orders import OrderService
from markethall_engine.rpc.portfolio import PortfolioService
from markethall_engine.rpc.risk import RiskService
from markethall_engine.rpc.server import Limits, Server
from markethall_engine.rpc.services import Services
from markethall_engine.rpc.venue import Venue
from markethall_engine.settings import SPEC, EngineSettings

T = TypeVar("T")

_COLLECTION_THRESHOLDS = (50_000, 20, 100)

_THREADS_TAKE_TURNS_S = 0.0005
"""How long the event loop may keep the journal's thread waiting for the interpreter; Python's own is 5 ms."""


class Engine:
    """One engine, from its port to its journal."""

    def __init__(self, settings: EngineSettings, clock: Clock) -> None:
        """Take the port and own the journal; needs a running loop.

        Raises `PortUnavailable` and `JournalError`.
        """
        self._settings = settings
        self._clock = clock
        self._lifecycle = Lifecycle()
        limits = settings.limits
        self._server = Server(
            self._lifecycle,
            Limits(
                max_message_bytes=limits.message_bytes,
                max_concurrent_calls=limits.concurrent_calls,
                call_timeout_s=limits.call_timeout_s,
                keepalive_time_s=limits.keepalive_time_s,
                keepalive_timeout_s=limits.keepalive_timeout_s,
            ),
        )
        self.port = self._server.bind(settings.host, settings.port)
        self._journal = self._open_journal()

    async def run(self, shutdown: Shutdown) -> None:
        """Recover, serve, and drain when `shutdown` is requested.

        Raises `JournalError` where the journal turns out to be unsound, and `EngineStopped` where the engine
        fails. What was acknowledged is on the disk, however this ends.
        """
        with closing(self._journal):
            try:
                await self._server.start(self._services())
                reason = why_python()
                logger.info(
                    "engine_listening",
                    host=self._settings.host,
                    port=self.port,
                    implementation=f"python, since {reason}" if reason else "compiled",
                )
                warn_if_exposed(self._settings.host, self.port, is_encrypted=False)
                recovery = await _unless_requested(shutdown, self._recover)
                if recovery is not None:
                    await self._serve(recovery, shutdown)
            finally:
                await self._server.stop()
        logger.info("engine_stopped", reason=shutdown.reason)

    async def _serve(self, recovery: Recovery, shutdown: Shutdown) -> None:
        state, settings = recovery.state, self._settings
        feed = Feed(state.market_data, settings.limits.stream_backlog)
        publishers: list[Publisher] = [state.account_history, state.equity_history, feed]
        snapshots = self._snapshot_schedule(recovery)
        if snapshots is not None:
            publishers.append(snapshots)
        sequencer = Sequencer(
            state.exchange,
            self._journal,
            self._clock,
            publishers,
            queue_limit=settings.queue_limit,
            group_limit=settings.group_limit,
        )
        queries = Queries(state.exchange, sequencer)
        sessions = Sessions(state.exchange, sequencer)
        streams = Streams(state.exchange, sequencer, self._journal, state.account_history, feed)
        venue = Venue(
            recovery,
            sequencer,
            self._journal,
            queries,
            streams,
            feed,
            sessions,
            self._clock,
            snapshot_sequence=lambda: 0 if snapshots is None else snapshots.newest,
            default_account_id=settings.default_account,
        )
        sequencing = asyncio.create_task(sequencer.run(), name="sequencer")
        requested = asyncio.create_task(shutdown.requested(), name="shutdown")
        _settle_memory()
        sys.setswitchinterval(_THREADS_TAKE_TURNS_S)
        try:
            await sessions.end_left_over()
            await self._server.serve(venue)
            logger.info("engine_serving", sequence=sequencer.sequence, recovered_records=recovery.records)
            await asyncio.wait((sequencing, requested), return_when=asyncio.FIRST_COMPLETED)
            if not sequencing.done():
                logger.info("engine_draining", reason=shutdown.reason)
                feed.end()
                await self._server.drain(requested.result())
                await sessions.ended()
                sequencer.drain()
            await sequencing
        finally:
            requested.cancel()
            if snapshots is not None:
                await snapshots.close()

    def _services(self) -> Services:
        facts = ProcessFacts(
            version=version(SPEC.distribution),
            port=self.port,
            processors=self._settings.processor_count,
            start_time_ns=self._clock.time_ns(),
        )
        lifecycle = self._lifecycle
        return Services(
            CoreEngineService(
                lifecycle, facts, self._clock, stream_window=self._settings.limits.stream_window
            ),
            OrderService(lifecycle),
            MarketDataService(lifecycle, self._clock),
            PortfolioService(lifecycle, self._clock),
            RiskService(lifecycle, self._clock),
            AdministrationService(lifecycle),
        )

    def _open_journal(self) -> Journal:
        if self._settings.journal == "memory":
            return MemoryJournal()
        path = self._settings.journal_path
        try:
            return SqliteJournal(path)
        except OSError as error:
            raise JournalError(f"the directory of the journal {path} cannot be used: {error}") from error

    def _recover(self) -> Recovery:
        if self._settings.journal == "memory":
            return Recovery(state=VenueState(), snapshot_sequence=0, records=0, seconds=0.0)
        return recover(self._journal, SnapshotDirectory(self._settings.snapshot_directory))

    def _snapshot_schedule(self, recovery: Recovery) -> SnapshotSchedule | None:
        settings = self._settings
        if settings.journal == "memory" or not settings.snapshot_every:
            return None
        take = partial(snapshot_in_process, settings.journal_path, settings.snapshot_directory)
        return SnapshotSchedule(take, settings.snapshot_every, recovery.snapshot_sequence)


def _settle_memory() -> None:
    """Have the garbage collector leave alone what recovery has made, and look less often.

    Next to nothing here is in reference cycles; looking for them at Python's own pace takes a sixth of the
    processor time of an order.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(*_COLLECTION_THRESHOLDS)


async def _unless_requested(shutdown: Shutdown, work: Callable[[], T]) -> T | None:
    """Do `work` in a thread and return what it gives, or None where the end is requested before.

    The thread is left alone then, and does not keep the process from ending.
    """
    outcome: Future[T] = Future()
    threading.Thread(target=_settle, args=(outcome, work), name="recovery", daemon=True).start()
    recovered = asyncio.wrap_future(outcome)
    requested = asyncio.create_task(shutdown.requested(), name="shutdown")
    try:
        await asyncio.wait((recovered, requested), return_when=asyncio.FIRST_COMPLETED)
        return recovered.result() if recovered.done() else None
    finally:
        requested.cancel()


def _settle(outcome: "Future[T]", work: Callable[[], T]) -> None:
    """Hand what `work` gives or raises over to whoever waits for it."""
    try:
        outcome.set_result(work())
    except BaseException as error:
        outcome.set_exception(error)
