"""What a resting order costs: memory each, and the time of a command with many of them.

Run in a process of its own, which holds nothing else: `python -m tools.benchmarks.resting` prints a
`Measurement` as JSON. Up to a million orders are placed; at each size windows of the mixed flow are timed
(60 % orders that rest, 30 % cancels, 10 % aggressive ones), in processor time, the commands made before.
"""

import gc
import json
import random
import resource
import subprocess
import sys
import time
from dataclasses import asdict, dataclass
from itertools import count
from pathlib import Path
from statistics import median

from markethall_engine.domain.commands import CancelOrder, Command, PlaceOrder
from markethall_engine.domain.exchange import Exchange
from markethall_engine.domain.order import OrderRecord, OrderType, Side, TimeInForce
from tools.benchmarks.contest.mixed_flow import ACCOUNTS, MAX_LOTS, MIDDLE_TICKS
from tools.benchmarks.contest.our_domain import START_NS, SYMBOL, set_up
from tools.benchmarks.figures import Figure, Series
from tools.benchmarks.processes import settings_free

SECTION = "resting orders"
SIZES = (1_000, 3_000, 10_000, 30_000, 100_000, 300_000, 1_000_000)
REACH_TICKS = 1_000
WINDOWS = 7
WINDOW = 2_000


@dataclass(frozen=True, slots=True)
class Measurement:
    """What was found, by size."""

    sizes: tuple[int, ...]
    microseconds: tuple[float, ...]
    """A command of the mixed flow, the median of the windows."""
    bytes_an_order: float
    """What the process grew by from no order to the largest size, divided by it."""


class _Venue:
    """An exchange, and the commands that play on it."""

    def __init__(self) -> None:
        self._chance = random.Random(1)  # noqa: S311 - a workload, not a secret
        self._exchange = Exchange()
        self._accounts = [f"account-{account}" for account in range(ACCOUNTS)]
        self._sequences = count(1)
        self.play(set_up())

    def play(self, commands: list[Command]) -> None:
        for command in commands:
            self._exchange.execute(command, next(self._sequences), START_NS)

    def fill(self, size: int) -> None:
        """Rest orders until there are `size`."""
        while self._exchange.live_order_count < size:
            self.play([self._order(passive=True)])

    def window(self) -> list[Command]:
        """The next commands of the mixed flow; cancels are of orders that rest, chosen by chance."""
        live: list[OrderRecord] = []
        for account in self._chance.sample(self._accounts, ACCOUNTS):
            if len(live) < WINDOW:
                live += self._exchange.live_orders(account)
        canceled = iter(self._chance.sample(live, min(len(live), WINDOW)))
        commands: list[Command] = []
        for _ in range(WINDOW):
            kind = self._chance.random()
            order = next(canceled, None) if kind < 0.3 else None
            if order is not None:
                commands.append(CancelOrder(order.account_id, order.order_id))
            else:
                commands.append(self._order(passive=kind < 0.9))
        return commands

    def _order(self, *, passive: bool) -> PlaceOrder:
        chance = self._chance
        side = chance.choice((Side.BUY, Side.SELL))
        distance = -REACH_TICKS - 1
        if passive:
            distance = 1 + min(int(chance.expovariate(10 / REACH_TICKS)), REACH_TICKS - 1)
        price_ticks = MIDDLE_TICKS - distance if side is Side.BUY else MIDDLE_TICKS + distance
        terms = (OrderType.LIMIT, TimeInForce.GTC, chance.randrange(1, MAX_LOTS + 1), price_ticks)
        return PlaceOrder(chance.choice(self._accounts), "", SYMBOL, 1, side, *terms)


def run() -> Measurement:
    """Measure in this process."""
    venue = _Venue()
    gc.disable()
    microseconds = []
    for size in SIZES:
        venue.fill(size)
        taken = []
        for _ in range(WINDOWS):
            commands = venue.window()
            started = time.process_time()
            venue.play(commands)
            taken.append((time.process_time() - started) / WINDOW * 1e6)
        microseconds.append(median(taken))
    return Measurement(SIZES, tuple(microseconds), _memory())


def _memory() -> float:
    """Bytes of an order: what a further process grows by."""
    command = [sys.executable, "-m", "tools.benchmarks.resting", "memory"]
    finished = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True)
    return float(finished.stdout)


def grow() -> float:
    """Rest the largest number of orders in this process and say what one takes."""
    venue = _Venue()
    gc.collect()
    before = _resident_bytes()
    venue.fill(SIZES[-1])
    return (_resident_bytes() - before) / SIZES[-1]


def _resident_bytes() -> int:
    """What the process has in memory; the peak instead where the system has no `/proc`."""
    sizes = Path("/proc/self/statm")
    if sizes.is_file():
        return int(sizes.read_text().split()[1]) * resource.getpagesize()
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak if sys.platform == "darwin" else peak * 1024


def measure() -> tuple[list[Figure], Series]:
    """Measure in processes of their own; also gives throughput by size."""
    command = [sys.executable, "-m", "tools.benchmarks.resting", "all"]
    finished = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True, env=settings_free())
    found = Measurement(**json.loads(finished.stdout))
    flatness = found.microseconds[-1] / found.microseconds[0]
    rates = [1e6 / microseconds for microseconds in found.microseconds]
    figures = [
        Figure(SECTION, "memory of one, with a million resting", found.bytes_an_order, "bytes", bar=1_024),
        Figure(SECTION, f"a command with {SIZES[0]:,} resting", found.microseconds[0], "µs"),
        Figure(SECTION, f"a command with {SIZES[-1]:,} resting", found.microseconds[-1], "µs"),
        Figure(SECTION, "ratio of the two", flatness, "x", bar=1.3),
    ]
    return figures, Series("our whole domain", tuple(map(float, found.sizes)), tuple(rates))


if __name__ == "__main__":
    print(grow() if sys.argv[1] == "memory" else json.dumps(asdict(run())))
