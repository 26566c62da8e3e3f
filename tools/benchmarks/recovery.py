"""How long an engine takes to know again what it knew, for a million records.

A journal is written by the engine's own sequencer in this process, then recovered from its start
and from a snapshot near its end.
"""

import asyncio
import time
from contextlib import closing
from itertools import islice
from pathlib import Path

from markethall_common.clock import SystemClock
from markethall_engine.application.record import Record
from markethall_engine.application.recovery import Recovery, recover, take_snapshot
from markethall_engine.application.sequencer import Sequencer
from markethall_engine.application.venue_state import VenueState
from markethall_engine.domain.commands import (
    Command,
    CreateAccount,
    CreateAsset,
    CreateInstrument,
    Deposit,
    PlaceOrder,
)
from markethall_engine.domain.exchange import Exchange
from markethall_engine.domain.instrument import Step
from markethall_engine.domain.order import OrderType, Side, TimeInForce
from markethall_engine.journal.snapshots import SnapshotDirectory
from markethall_engine.journal.sqlite import SqliteJournal
from markethall_protos.v1 import Side as WireSide
from tools.benchmarks import order_flow
from tools.benchmarks.figures import Figure

SECTION = "recovery"
RECORDS = 200_000
TAIL = 20_000
GROUP = 500


def commands(count: int) -> list[Command]:
    """The flow of `order_flow` as commands, after what it needs to trade."""
    found: list[Command] = [
        CreateAsset("USD", 2),
        CreateAsset("BENCH", 8),
        CreateInstrument(order_flow.SYMBOL, "BENCH", "USD", Step(1, 2), Step(1, 0), 1, 0, 0, 100, 500),
    ]
    for account_id in order_flow.ACCOUNTS:
        found += [
            CreateAccount(account_id),
            Deposit(account_id, "USD", 10**17),
            Deposit(account_id, "BENCH", 10**17),
        ]
    sides = {WireSide.BUY: Side.BUY, WireSide.SELL: Side.SELL}
    for order in islice(order_flow.orders(1), count - len(found)):
        price_ticks = int(order.price.replace(".", ""))
        terms = (OrderType.LIMIT, TimeInForce.GTC, int(order.quantity), price_ticks)
        found.append(PlaceOrder(order.account_id, "", order.symbol, 1, sides[order.side], *terms))
    return found


async def write(journal: SqliteJournal, flow: list[Command], state: VenueState) -> None:
    """Journal the commands through a sequencer, group by group."""
    sequencer = Sequencer(state.exchange, journal, SystemClock(), publishers=[])
    run = asyncio.create_task(sequencer.run())
    for start in range(0, len(flow), GROUP):
        await sequencer.submit(flow[start : start + GROUP])
    sequencer.drain()
    await run


def measure(folder: Path) -> list[Figure]:
    """Time whole replay, and a snapshot with a tail."""
    flow = commands(RECORDS + TAIL)
    snapshots = SnapshotDirectory(folder / "snapshots")
    with closing(SqliteJournal(folder / "journal.sqlite")) as journal:
        state = VenueState()
        asyncio.run(write(journal, flow[:RECORDS], state))
        whole = recover(journal, snapshots)
        take_snapshot(journal, snapshots)
        asyncio.run(write(journal, flow[RECORDS:], state))
        tail = recover(journal, snapshots)
        events = sum(len(record.events) for record in islice(journal.read(0), RECORDS))
        applied = _apply_seconds(list(islice(journal.read(0), RECORDS)))
    digest = state.exchange.digest()
    assert whole.records == RECORDS and tail.records == TAIL
    assert tail.state.exchange.digest() == digest
    return [
        Figure(
            SECTION,
            "events replayed from the journal",
            events / whole.seconds,
            "events/s",
            bar=1_000_000,
            at_most=False,
            note="read, checked, decoded, applied, with all projections",
        ),
        Figure(SECTION, "events applied to the exchange alone", events / applied, "events/s"),
        _figure("from the start, a million records", whole, 1_000_000 / whole.records),
        _figure(f"snapshot of {RECORDS:,} records and {TAIL:,} more", tail, 1.0),
    ]


def _apply_seconds(records: list[Record]) -> float:
    """Processor time to apply records that are decoded already."""
    apply_all = Exchange().apply_all
    started = time.process_time()
    for record in records:
        apply_all(record.events, record.sequence, record.time_ns)
    return time.process_time() - started


def _figure(what: str, recovery: Recovery, scale: float) -> Figure:
    note = f"{recovery.records:,} records in {recovery.seconds:.2f} s"
    return Figure(SECTION, what, recovery.seconds * scale, "s", note=note)
