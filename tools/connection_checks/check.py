"""One question and its answer."""

import math
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from enum import IntEnum


class Verdict(IntEnum):
    """How it stands, worst last; the exit status of the whole is the worst of all."""

    OK = 0
    SLOW = 1
    """It works, and misses a target."""
    FAILED = 2
    """It does not answer, or is not well."""
    SKIPPED = -1
    """It was not asked, because what it needs failed."""


@dataclass(frozen=True, slots=True)
class Check:
    """What was asked, of whom, and what came back."""

    name: str
    address: str
    verdict: Verdict
    detail: str = ""
    """The answer in words, or why there was none."""
    measured_ms: float | None = None
    target_ms: float | None = None

    @classmethod
    def timed(cls, name: str, address: str, *, measured_ms: float, target_ms: float, detail: str) -> "Check":
        """A check that passes when it is quick enough."""
        verdict = Verdict.OK if measured_ms < target_ms else Verdict.SLOW
        return cls(name, address, verdict, detail, measured_ms, target_ms)


def failed(name: str, address: str, why: str) -> Check:
    return Check(name, address, Verdict.FAILED, why)


def percentile(latencies_ms: Sequence[float], fraction: float) -> float:
    """The smallest latency that `fraction` of them do not exceed (nearest rank)."""
    return sorted(latencies_ms)[max(0, math.ceil(fraction * len(latencies_ms)) - 1)]


async def time_calls_ms(call: Callable[[], Awaitable[object]], *, warm_up: int, count: int) -> list[float]:
    """Do the same call again and again; the first `warm_up` do not count."""
    latencies = []
    for number in range(warm_up + count):
        started = time.perf_counter_ns()
        await call()
        if number >= warm_up:
            latencies.append((time.perf_counter_ns() - started) / 1e6)
    return latencies
