"""A replay: the steps of a recording, sent through a venue by the contract, and what came of them."""

import asyncio
from collections import Counter
from collections.abc import Callable, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from time import perf_counter
from typing import NamedTuple

import grpc.aio

from markethall_common.decimals import parse_decimal
from markethall_protos.v1 import (
    Depth,
    Fill,
    GetDepthRequest,
    MarketDataServiceStub,
    MessageOutcome,
    Order,
    OrderStatus,
    RejectReason,
)
from tools.recorded_flow.command_stream import SILENCE_TIMEOUT_S, CommandStream, CommandStreamError
from tools.recorded_flow.makers import fetch_makers
from tools.recorded_flow.market import Market
from tools.recorded_flow.messages import Fund, Funding, Messages
from tools.recorded_flow.reconstruction import Reconstruction
from tools.recorded_flow.recording import Recording
from tools.recorded_flow.steps import Command, Place, Reduce, Step
from tools.recorded_flow.venue_depth import DepthError, VenueDepth
from tools.recorded_flow.verification import Evidence, VenueFill, Verification

_CALL_TIMEOUT_S = 10.0
KEPT_REFUSALS = 100
_FAILURES = (CommandStreamError, DepthError, TimeoutError, grpc.aio.AioRpcError)


class ReplayFailed(Exception):
    """The venue went away or broke its word; the message says how."""


class Refusal(NamedTuple):
    """A command that the venue did not carry out."""

    command: Command | Fund
    reason: str


@dataclass(frozen=True, slots=True)
class Pace:
    """How commands are sent."""

    batch_size: int
    """Commands in one message of the stream."""
    in_flight: int
    """Messages that may be unanswered."""
    speed: float | None
    """Multiple of the recorded pace; None for as fast as it goes."""


@dataclass(slots=True)
class Outcome:
    """What came of a replay."""

    commands: Counter[str] = field(default_factory=Counter)
    """Acknowledged commands by kind."""
    trade_count: int = 0
    refusal_count: int = 0
    refusals: list[Refusal] = field(default_factory=list)
    """The first of them."""
    duration_s: float = 0.0
    latencies_ns: list[int] = field(default_factory=list)
    """One for each batch."""
    evidence: Evidence | None = None
    """None for a replay that was not to be verified."""
    final_book: Depth | None = None

    @property
    def has_faults(self) -> bool:
        """Whether the venue did anything that the recording does not explain."""
        differences = self.evidence.differences if self.evidence is not None else ()
        return self.refusal_count > 0 or any(difference.cause is None for difference in differences)


class _Entry(NamedTuple):
    step: Step
    command: Command | Fund | None
    """None after the step's last command."""


class Replay:
    """One replay at one market."""

    def __init__(
        self, channel: grpc.aio.Channel, market: Market, recording: Recording, pace: Pace, *, verify: bool
    ) -> None:
        self._channel = channel
        self._market = market
        self._recording = recording
        self._pace = pace
        self._verify = verify
        self._messages = Messages(market)
        self._outcome = Outcome()

    async def run(self, on_progress: Callable[[int], None]) -> Outcome:
        """Send everything, and tell `on_progress` how many events are behind us.

        Raises `ReplayFailed`.
        """
        try:
            return await self._run(on_progress)
        except ExceptionGroup as group:
            causes, others = group.split(_FAILURES)
            if others is not None or causes is None:
                raise
            raise ReplayFailed("; ".join(_describe(cause) for cause in causes.exceptions)) from group
        except _FAILURES as cause:
            raise ReplayFailed(_describe(cause)) from cause

    async def _run(self, on_progress: Callable[[int], None]) -> Outcome:
        started = perf_counter()
        async with AsyncExitStack() as stack:
            verification = depth = None
            if self._verify:
                depth = await stack.enter_async_context(VenueDepth(self._channel, self._market))
                verification = Verification(depth, visible_levels=self._recording.depth)
            stream = CommandStream[_Entry](
                self._channel, batch_size=self._pace.batch_size, in_flight=self._pace.in_flight
            )
            stack.callback(stream.cancel)
            async with asyncio.TaskGroup() as tasks:
                tasks.create_task(self._send(stream))
                tasks.create_task(self._receive(stream, verification, depth, on_progress))
            self._outcome.duration_s = perf_counter() - started
            self._outcome.latencies_ns = stream.latencies_ns
            if verification is not None:
                verification.conclude(
                    await fetch_makers(self._channel, self._market, self._messages, verification.trade_ids)
                )
                self._outcome.evidence = verification.evidence
        response = await MarketDataServiceStub(self._channel).get_depth(
            GetDepthRequest(symbol=self._market.symbol, levels=self._recording.depth), timeout=_CALL_TIMEOUT_S
        )
        self._outcome.final_book = response.depth
        return self._outcome

    async def _send(self, stream: CommandStream[_Entry]) -> None:
        funding = Funding(self._market)
        clock = _PaceClock(self._recording, self._pace.speed)
        for step in Reconstruction(self._recording).steps():
            if clock.delay_s(step) > 0:
                await stream.flush()
                await asyncio.sleep(clock.delay_s(step))
            for command in step.commands:
                fund = funding.before(command, step)
                if fund is not None:
                    await stream.send(_Entry(step, fund), self._messages.write(fund))
                if isinstance(command, Reduce) and command.name not in self._messages.venue_ids:
                    await stream.settle()
                    if command.name not in self._messages.venue_ids:
                        self._refuse(command, "its order was refused")
                        continue
                await stream.send(_Entry(step, command), self._messages.write(command))
            stream.note(_Entry(step, None))
        await stream.close()

    async def _receive(
        self,
        stream: CommandStream[_Entry],
        verification: Verification | None,
        depth: VenueDepth | None,
        on_progress: Callable[[int], None],
    ) -> None:
        async for (step, command), outcome in stream.outcomes():
            if command is None or outcome is None:
                if verification is not None:
                    verification.finish(step)
                on_progress(step.events.stop)
                continue
            result = self._take_in(command, outcome)
            if verification is not None and depth is not None and not isinstance(command, Fund):
                verification.see(step, command.name, self._fills(result), depth)
                if result.has_changed_book:
                    await depth.advance()

    def _fills(self, result: "_Result") -> list[VenueFill]:
        scales = self._market.scales
        return [
            VenueFill(
                int(fill.trade_id),
                parse_decimal(fill.price, scales.price),
                parse_decimal(fill.quantity, scales.quantity),
            )
            for fill in result.fills
        ]

    def _take_in(self, command: Command | Fund, outcome: MessageOutcome) -> "_Result":
        """Count the outcome, note what was refused, and remember the venue's ids."""
        result = _read(outcome)
        if result.refusal:
            self._refuse(command, result.refusal)
            return result
        self._outcome.commands[type(command).__name__] += 1
        self._outcome.trade_count += len(result.fills)
        if isinstance(command, Place) and result.order is not None:
            self._messages.venue_ids[command.name] = result.order.order_id
        return result

    def _refuse(self, command: Command | Fund, reason: str) -> None:
        self._outcome.refusal_count += 1
        if len(self._outcome.refusals) < KEPT_REFUSALS:
            self._outcome.refusals.append(Refusal(command, reason))


class _Result(NamedTuple):
    refusal: str = ""
    order: Order | None = None
    fills: Sequence[Fill] = ()
    has_changed_book: bool = False


def _read(outcome: MessageOutcome) -> _Result:
    if (error := outcome.error) is not None:
        return _Result(f"{error.reason}: {error.message}")
    if (placed := outcome.place_order) is not None and placed.order is not None:
        order = placed.order
        if order.status is OrderStatus.REJECTED:
            return _Result(_refusal(order.reject_reason, order.reject_detail))
        return _Result("", order, placed.fills, bool(placed.fills) or order.leaves_quantity != "0")
    if (canceled := outcome.cancel_order) is not None:
        if not canceled.canceled:
            return _Result(_refusal(canceled.reject_reason, canceled.reject_detail))
        return _Result(has_changed_book=True)
    if (replaced := outcome.replace_order) is not None:
        if not replaced.replaced:
            return _Result(_refusal(replaced.reject_reason, replaced.reject_detail))
        return _Result(fills=replaced.fills, has_changed_book=True)
    if outcome.deposit is not None:
        return _Result()
    return _Result("the outcome holds nothing")


def _refusal(reason: RejectReason, detail: str) -> str:
    return f"{reason.name}: {detail}" if detail else str(reason.name)


def _describe(cause: BaseException) -> str:
    if isinstance(cause, grpc.aio.AioRpcError):
        return f"{cause.code().name}: {cause.details()}"
    return str(cause) or f"the venue gave no answer in {SILENCE_TIMEOUT_S:.0f} s"


class _PaceClock:
    """When a step is due."""

    def __init__(self, recording: Recording, speed: float | None) -> None:
        self._events = recording.events
        self._speed = speed
        self._started = perf_counter()

    def delay_s(self, step: Step) -> float:
        """How long to wait for the step; not positive when it is due."""
        if self._speed is None or not step.events:
            return 0.0
        recorded_ns = self._events[step.events.start].time_ns - self._events[0].time_ns
        return self._started + recorded_ns / 1e9 / self._speed - perf_counter()
