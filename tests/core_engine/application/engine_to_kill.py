"""A small engine for crash tests: recovers, carries out orders, and says what was acknowledged.

`python engine_to_kill.py DIRECTORY FIRST LAST` places the orders of the numbers FIRST to LAST, whose client
order ids are their numbers, from several callers at once, and prints a line an acknowledgement: the number,
the sequence and a hash of the record. Order n is the same order in every run.
"""

import asyncio
import os
import sys
from collections.abc import Iterator
from contextlib import closing
from functools import partial
from hashlib import sha256
from pathlib import Path
from random import Random

from markethall_common.clock import SystemClock
from markethall_engine.application.feed import Feed
from markethall_engine.application.record import Record
from markethall_engine.application.recovery import recover
from markethall_engine.application.sequencer import Outcome, Sequencer
from markethall_engine.application.snapshot_schedule import SnapshotSchedule
from markethall_engine.domain.commands import PlaceOrder
from markethall_engine.domain.order import Side
from markethall_engine.journal.record_codec import encode_record
from markethall_engine.journal.snapshot_process import snapshot_in_process
from markethall_engine.journal.snapshots import SnapshotDirectory
from markethall_engine.journal.sqlite import SqliteJournal
from tests.core_engine.application.commands import ALICE, BOB, OPENING, order

JOURNAL = "journal.sqlite"
SNAPSHOTS = "snapshots"
CALLERS = 5


def numbered_order(number: int) -> PlaceOrder:
    random = Random(number)
    side = random.choice((Side.BUY, Side.SELL))
    price_ticks = 10_000 + random.randint(-10, 10)
    quantity_lots = random.randint(1, 50)
    account_id = random.choice((ALICE, BOB))
    return order(account_id, side, price_ticks, quantity_lots, client_order_id=str(number))


def fingerprint(record: Record) -> str:
    return sha256(encode_record(record)).hexdigest()


def acknowledge(outcomes: list[Outcome]) -> None:
    """Straight into the pipe, so that what was said survives the one who said it."""
    lines = []
    for outcome in outcomes:
        assert isinstance(outcome, Record)
        assert isinstance(outcome.command, PlaceOrder)
        lines.append(f"{outcome.command.client_order_id} {outcome.sequence} {fingerprint(outcome)}\n")
    os.write(sys.stdout.fileno(), "".join(lines).encode())


def batches(numbers: range) -> Iterator[list[PlaceOrder]]:
    random = Random(numbers.start)
    start = numbers.start
    while start < numbers.stop:
        end = min(numbers.stop, start + random.randint(1, 30))
        yield [numbered_order(number) for number in range(start, end)]
        start = end


async def place(sequencer: Sequencer, orders: Iterator[list[PlaceOrder]]) -> None:
    for batch in orders:
        acknowledge(await sequencer.submit(batch))


async def run(directory: Path, numbers: range) -> None:
    journal_path, snapshot_path = directory / JOURNAL, directory / SNAPSHOTS
    with closing(SqliteJournal(journal_path)) as journal:
        recovery = recover(journal, SnapshotDirectory(snapshot_path))
        state = recovery.state
        snapshots = SnapshotSchedule(
            partial(snapshot_in_process, journal_path, snapshot_path), 700, recovery.snapshot_sequence
        )
        sequencer = Sequencer(
            state.exchange,
            journal,
            SystemClock(),
            [state.account_history, Feed(state.market_data), snapshots],
            group_limit=100,
        )
        running = asyncio.create_task(sequencer.run())
        if sequencer.sequence < len(OPENING):
            await sequencer.submit(OPENING[sequencer.sequence :])
        orders = batches(numbers)
        await asyncio.gather(*(place(sequencer, orders) for _ in range(CALLERS)))
        sequencer.drain()
        await running
        await snapshots.close()


if __name__ == "__main__":
    asyncio.run(run(Path(sys.argv[1]), range(int(sys.argv[2]), int(sys.argv[3]) + 1)))
