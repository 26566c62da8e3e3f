"""CoreEngineService: how the engine is, what it is doing, and the fast way in."""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import aclosing
from dataclasses import dataclass

from markethall_common.clock import Clock
from markethall_common.decimals import format_decimal
from markethall_engine.application.ports import JournalError
from markethall_engine.rpc.calls import Context
from markethall_engine.rpc.command_stream import CommandStream
from markethall_engine.rpc.lifecycle import Lifecycle, State
from markethall_engine.rpc.translate.faults import Faults
from markethall_engine.rpc.translate.times import timestamp
from markethall_engine.rpc.venue import Venue
from markethall_protos import v1

_HEALTH_STATUS = {
    State.RECOVERING: "recovering",
    State.RUNNING: "healthy",
    State.DRAINING: "draining",
    State.STOPPED: "unhealthy",
}


@dataclass(frozen=True, slots=True)
class ProcessFacts:
    """What a process knows of itself from its start."""

    version: str
    port: int
    processors: int
    """How many the machine has, or how many the operator says it has."""
    start_time_ns: int


class CoreEngineService(v1.CoreEngineServiceServicer):
    def __init__(
        self, lifecycle: Lifecycle, facts: ProcessFacts, clock: Clock, *, stream_window: int
    ) -> None:
        self._lifecycle = lifecycle
        self._facts = facts
        self._clock = clock
        self._stream_window = stream_window

    async def health_check(self, request: v1.HealthCheckRequest, context: Context) -> v1.HealthCheckResponse:
        state = self._lifecycle.state
        dependencies = []
        if state is State.RUNNING and not request.skip_dependencies:
            dependencies.append(await _journal_health(self._lifecycle.venue))
        is_whole = all(dependency.healthy for dependency in dependencies)
        facts = self._facts
        return v1.HealthCheckResponse(
            healthy=state is State.RUNNING and is_whole,
            status=_HEALTH_STATUS[state] if is_whole else "unhealthy",
            version=facts.version,
            start_time=timestamp(facts.start_time_ns),
            details={
                "service": "core-engine",
                "port": str(facts.port),
                "processors": str(facts.processors),
            },
            dependencies=dependencies,
            timestamp=timestamp(self._clock.time_ns()),
        )

    async def get_status(self, request: v1.GetStatusRequest, context: Context) -> v1.GetStatusResponse:
        status = v1.GetStatusResponse(
            state=self._lifecycle.state.value,
            version=self._facts.version,
            start_time=timestamp(self._facts.start_time_ns),
        )
        if self._lifecycle.has_venue:
            await _add_figures(status, self._lifecycle.venue, include_digest=request.include_digest)
        return status

    async def process_message(
        self, request: v1.ProcessMessageRequest, context: Context
    ) -> v1.ProcessMessageResponse:
        if request.message is None:
            faults = Faults()
            faults.add("message", "required: the message to process")
            raise faults.refusal()
        messages = self._lifecycle.venue.messages
        [outcome] = await messages.finish(await messages.begin([request.message]))
        return v1.ProcessMessageResponse(outcome=outcome)

    async def batch_process_messages(
        self, request: v1.BatchProcessMessagesRequest, context: Context
    ) -> v1.BatchProcessMessagesResponse:
        messages = self._lifecycle.venue.messages
        outcomes = await messages.finish(await messages.begin(request.messages))
        return v1.BatchProcessMessagesResponse(outcomes=outcomes)

    async def process_messages(
        self, requests: AsyncIterator[v1.ProcessMessagesRequest], context: Context
    ) -> AsyncIterator[v1.ProcessMessagesResponse]:
        venue = self._lifecycle.venue
        stream = CommandStream(self._lifecycle, venue.messages, venue.sessions, window=self._stream_window)
        async with aclosing(stream.answers(requests)) as answers:
            async for answer in answers:
                yield answer


async def _add_figures(status: v1.GetStatusResponse, venue: Venue, *, include_digest: bool) -> None:
    """Add what is known without waiting, so that it can be asked while the disk does not answer.

    The counts may be ahead of `sequence` by what is being written. A digest is of `sequence`, and waits.
    """
    sequencer, exchange = venue.sequencer, venue.exchange
    status.instrument_count = len(exchange.instruments())
    status.account_count = len(exchange.accounts())
    status.resting_order_count = exchange.live_order_count
    status.trade_count = exchange.trade_count
    status.queued_commands = sequencer.waiting_commands
    status.queue_capacity = sequencer.queue_limit
    status.snapshot_sequence = venue.snapshot_sequence()
    status.recovered_commands = venue.recovery.records
    status.recovery_time_ms = round(venue.recovery.seconds * 1e3)
    status.open_stream_count = venue.streams.open_count
    status.sequence = sequencer.durable_sequence
    if include_digest:
        answer = await venue.queries.read(lambda exchange: exchange.digest())
        status.digest, status.sequence = answer.value, answer.sequence


async def _journal_health(venue: Venue) -> v1.DependencyHealth:
    """Read the newest durable record back from where the journal is kept."""
    sequence = venue.sequencer.durable_sequence
    problem = ""
    started_ns = time.perf_counter_ns()
    try:
        if sequence:
            await asyncio.to_thread(venue.journal.read_each, (sequence,))
    except JournalError as error:
        problem = str(error)
    microseconds = (time.perf_counter_ns() - started_ns) // 1_000
    return v1.DependencyHealth(
        name="journal", healthy=not problem, response_time_ms=format_decimal(microseconds, 3), error=problem
    )
