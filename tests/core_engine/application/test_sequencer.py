"""The promises of the one writer."""

import asyncio
import threading
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, closing
from itertools import pairwise
from pathlib import Path

import pytest

from markethall_common.clock import ManualClock
from markethall_engine.application.ports import Journal, JournalWriteFailed
from markethall_engine.application.queries import Answer, Queries
from markethall_engine.application.record import Record
from markethall_engine.application.sequencer import (
    ClientOrderIdReused,
    EngineStopped,
    Outcome,
    QueueFull,
    Sequencer,
)
from markethall_engine.domain.commands import PlaceOrder
from markethall_engine.domain.events import OrderRejected, OrderRested
from markethall_engine.domain.exchange import Exchange
from markethall_engine.journal.memory import MemoryJournal
from markethall_engine.journal.sqlite import SqliteJournal
from tests.core_engine.application.commands import ALICE, BOB, OPENING, SYMBOL, buy, sell


class HeldJournal(MemoryJournal):
    """A journal on a disk that takes its time: each flush waits until it is let go."""

    def __init__(self) -> None:
        super().__init__()
        self.flushing = threading.Event()
        self._let_go = threading.Semaphore(0)

    def flush(self) -> int:
        self.flushing.set()
        assert self._let_go.acquire(timeout=10)
        self.flushing.clear()
        return super().flush()

    def let_go(self) -> None:
        """Let one flush through."""
        self._let_go.release()


class BrokenJournal(MemoryJournal):
    """A journal on a disk that fails from its second flush on."""

    def __init__(self) -> None:
        super().__init__()
        self._flushes = 0

    def flush(self) -> int:
        self._flushes += 1
        if self._flushes > 1:
            raise JournalWriteFailed("the disk is on fire")
        return super().flush()


class Listener:
    """A publisher that remembers what it was told."""

    def __init__(self) -> None:
        self.records: list[Record] = []

    def publish(self, records: Sequence[Record]) -> None:
        self.records += records


@asynccontextmanager
async def running(sequencer: Sequencer) -> AsyncIterator[Sequencer]:
    run = asyncio.create_task(sequencer.run())
    try:
        yield sequencer
    finally:
        sequencer.drain()
        await run


def sequencer_on(journal: Journal, clock: ManualClock | None = None, **limits: int) -> Sequencer:
    return Sequencer(Exchange(), journal, clock or ManualClock(1), **limits)


async def flushing(journal: HeldJournal) -> None:
    assert await asyncio.to_thread(journal.flushing.wait, 10)


async def turns(count: int = 10) -> None:
    """Let everything run that can run now."""
    for _ in range(count):
        await asyncio.sleep(0)


async def test_outcomes_are_records_in_the_order_of_their_commands() -> None:
    journal = MemoryJournal()
    async with running(sequencer_on(journal, ManualClock(77))) as sequencer:
        outcomes = await sequencer.submit(OPENING)
        (order,) = await sequencer.submit([buy(ALICE, 100)])
    assert outcomes == list(journal.read(0))[:9]
    assert isinstance(order, Record)
    assert [record.command for record in journal.read(0)] == [*OPENING, buy(ALICE, 100)]
    assert [record.sequence for record in journal.read(0)] == list(range(1, 11))
    assert {record.time_ns for record in journal.read(0)} == {77}


async def test_nobody_is_told_before_the_disk_knows() -> None:
    journal, listener = HeldJournal(), Listener()
    exchange = Exchange()
    async with running(Sequencer(exchange, journal, ManualClock(1), [listener])) as sequencer:
        submitted = asyncio.create_task(sequencer.submit(OPENING))
        await flushing(journal)
        await turns()
        assert (sequencer.sequence, sequencer.durable_sequence) == (9, 0)
        assert not submitted.done()
        assert listener.records == []
        journal.let_go()
        outcomes = await submitted
        assert sequencer.durable_sequence == 9
        assert listener.records == outcomes


async def test_the_next_group_is_decided_while_a_flush_is_under_way() -> None:
    journal = HeldJournal()
    async with running(sequencer_on(journal)) as sequencer:
        first = asyncio.create_task(sequencer.submit(OPENING))
        await flushing(journal)
        later = [asyncio.create_task(sequencer.submit([buy(ALICE, price)])) for price in (100, 101)]
        await turns()
        assert (sequencer.sequence, sequencer.durable_sequence) == (11, 0)
        assert not any(task.done() for task in (first, *later))
        journal.let_go()
        await first
        journal.let_go()
        assert [
            outcome.sequence for task in later for outcome in await task if isinstance(outcome, Record)
        ] == [10, 11]


async def test_publishers_are_told_before_callers_and_in_order() -> None:
    listener = Listener()
    async with running(Sequencer(Exchange(), MemoryJournal(), ManualClock(1), [listener])) as sequencer:

        async def submit(price: int) -> None:
            (outcome,) = await sequencer.submit([buy(ALICE, price)])
            assert outcome in listener.records

        await sequencer.submit(OPENING)
        await asyncio.gather(*(submit(price) for price in range(1, 50)))
    assert [record.sequence for record in listener.records] == list(range(1, 59))


async def test_what_one_flush_brought_is_told_a_group_in_a_turn_so_that_readers_keep_up() -> None:
    journal, listener = HeldJournal(), Listener()
    sequencer = Sequencer(Exchange(), journal, ManualClock(1), [listener], group_limit=4)
    async with running(sequencer):
        submitted = asyncio.create_task(sequencer.submit([*OPENING, *(buy(ALICE, n) for n in range(1, 92))]))
        await flushing(journal)
        while sequencer.sequence < 100:
            await asyncio.sleep(0)
        journal.let_go()
        journal.let_go()
        told = [0]
        while not submitted.done():
            await asyncio.sleep(0)
            told.append(len(listener.records))
    assert told[-1] == 100
    assert max(after - before for before, after in pairwise(told)) == 4


async def test_time_never_falls() -> None:
    clock, journal = ManualClock(100), MemoryJournal()
    async with running(sequencer_on(journal, clock)) as sequencer:
        for now_ns in (100, 90, 110):
            clock.set(now_ns)
            await sequencer.submit([OPENING[0]])
    assert [record.time_ns for record in journal.read(0)] == [100, 100, 110]


async def test_a_batch_that_does_not_fit_is_refused_whole_and_at_once() -> None:
    journal = HeldJournal()
    async with running(sequencer_on(journal, queue_limit=12)) as sequencer:
        submitted = asyncio.create_task(sequencer.submit(OPENING))
        await flushing(journal)
        with pytest.raises(QueueFull) as refusal:
            await sequencer.submit([buy(ALICE, price) for price in (1, 2, 3, 4)])
        assert (refusal.value.limit, refusal.value.waiting, refusal.value.submitted) == (12, 9, 4)
        fits = asyncio.create_task(sequencer.submit([buy(ALICE, price) for price in (1, 2, 3)]))
        await turns()
        assert sequencer.waiting_commands == 12
        journal.let_go()
        journal.let_go()
        await asyncio.gather(submitted, fits)
        assert sequencer.waiting_commands == 0


async def test_a_batch_larger_than_a_group_is_told_once_and_whole() -> None:
    async with running(sequencer_on(MemoryJournal(), group_limit=4)) as sequencer:
        outcomes = await sequencer.submit([*OPENING, *(buy(ALICE, price) for price in range(1, 20))])
    assert [outcome.sequence for outcome in outcomes if isinstance(outcome, Record)] == list(range(1, 29))


async def test_an_all_or_none_batch_is_decided_in_one_turn_however_large_it_is() -> None:
    journal = MemoryJournal()
    async with running(sequencer_on(journal, group_limit=4)) as sequencer:
        await sequencer.submit(OPENING)
        quotes = [buy(ALICE, price) for price in range(1, 20)]
        batch, other = await asyncio.gather(
            sequencer.submit_all_or_none(quotes), sequencer.submit([sell(BOB, 100)])
        )
    records = [outcome for outcome in batch if isinstance(outcome, Record)]
    assert [record.sequence for record in records] == list(range(10, 29))
    assert {type(record.events[-1]) for record in records} == {OrderRested}
    assert isinstance(other[0], Record) and other[0].sequence == 29


async def test_a_refused_batch_is_journaled_with_its_reason() -> None:
    async with running(sequencer_on(MemoryJournal())) as sequencer:
        await sequencer.submit(OPENING)
        outcomes = await sequencer.submit_all_or_none([buy(ALICE, 100), sell(BOB, 100)])
    why = "order 1 would not rest whole: it meets an order of the other side"
    for outcome in outcomes:
        assert isinstance(outcome, Record) and isinstance(outcome.command, PlaceOrder)
        assert outcome.command.refused_because == why
        [event] = outcome.events
        assert isinstance(event, OrderRejected) and event.detail == why


async def test_a_batch_that_nobody_waits_for_any_more_is_not_decided() -> None:
    journal = HeldJournal()
    sequencer = sequencer_on(journal)
    async with running(sequencer):
        opened = asyncio.create_task(sequencer.submit(OPENING))
        await flushing(journal)
        journal.let_go()
        await opened
        batch = asyncio.create_task(sequencer.submit_all_or_none([buy(ALICE, 100)]))
        await asyncio.sleep(0)
        batch.cancel()
        await asyncio.wait((batch,))
        assert sequencer.waiting_commands == 0 and sequencer.sequence == len(OPENING)


async def test_a_repeated_order_gets_the_original_record_and_journals_nothing() -> None:
    journal = MemoryJournal()
    async with running(sequencer_on(journal)) as sequencer:
        await sequencer.submit(OPENING)
        first = await sequencer.submit([buy(ALICE, 100, client_order_id="mine")])
        await sequencer.submit([sell(BOB, 100)])
        again = await sequencer.submit([buy(ALICE, 100, client_order_id="mine")])
    assert again == first
    assert journal.last_sequence == 11


async def test_an_order_repeated_within_a_group_that_is_not_flushed_gets_the_original_record() -> None:
    journal = HeldJournal()
    async with running(sequencer_on(journal)) as sequencer:
        order = buy(ALICE, 100, client_order_id="mine")
        both = asyncio.create_task(sequencer.submit([*OPENING, order, order]))
        await flushing(journal)
        third = asyncio.create_task(sequencer.submit([order]))
        await turns()
        assert not third.done()
        journal.let_go()
        outcomes = await both
        assert outcomes[-1] == outcomes[-2]
        assert await third == outcomes[-1:]
    assert journal.last_sequence == 10


async def test_a_client_order_id_with_other_contents_is_reported_as_reused() -> None:
    async with running(sequencer_on(MemoryJournal())) as sequencer:
        await sequencer.submit(OPENING)
        (original,) = await sequencer.submit([buy(ALICE, 100, client_order_id="mine")])
        other = buy(ALICE, 101, client_order_id="mine")
        assert await sequencer.submit([other]) == [ClientOrderIdReused(other, original)]
        assert sequencer.sequence == 10


async def test_an_answer_to_a_query_waits_until_what_it_saw_is_durable() -> None:
    journal, exchange = HeldJournal(), Exchange()
    sequencer = Sequencer(exchange, journal, ManualClock(1))
    queries = Queries(exchange, sequencer)
    async with running(sequencer):
        submitted = asyncio.create_task(sequencer.submit(OPENING))
        await flushing(journal)
        query = asyncio.create_task(queries.read(lambda exchange: len(exchange.accounts())))
        await turns()
        assert not query.done()
        journal.let_go()
        assert await query == Answer(2, 9)
        await submitted
        assert await queries.read(lambda exchange: exchange.asset("EUR")) == Answer(None, 9)


async def test_an_answer_does_not_change_with_what_happens_while_it_waits() -> None:
    journal, exchange = HeldJournal(), Exchange()
    sequencer = Sequencer(exchange, journal, ManualClock(1))
    async with running(sequencer):
        opening = asyncio.create_task(sequencer.submit([*OPENING, buy(ALICE, 100)]))
        await flushing(journal)
        query = asyncio.create_task(
            Queries(exchange, sequencer).read(lambda exchange: exchange.best_bid(SYMBOL))
        )
        await turns()
        better = asyncio.create_task(sequencer.submit([buy(ALICE, 101)]))
        await turns()
        journal.let_go()
        bid = (await query).value
        assert bid is not None
        assert bid.price_ticks == 100
        journal.let_go()
        await asyncio.gather(opening, better)


async def test_a_failed_flush_stops_the_engine_and_nobody_is_told() -> None:
    listener = Listener()
    sequencer = Sequencer(Exchange(), BrokenJournal(), ManualClock(1), [listener])
    run = asyncio.create_task(sequencer.run())
    opening = await sequencer.submit(OPENING)
    with pytest.raises(EngineStopped, match="the disk is on fire"):
        await sequencer.submit([buy(ALICE, 100)])
    with pytest.raises(EngineStopped, match="the disk is on fire"):
        await run
    assert listener.records == opening
    for refused in (sequencer.submit([buy(ALICE, 100)]), sequencer.settled()):
        with pytest.raises(EngineStopped):
            await refused


async def test_a_full_disk_stops_the_engine_and_a_restart_repairs_it(tmp_path: Path) -> None:
    path = tmp_path / "journal.sqlite"
    with closing(SqliteJournal(path)) as journal:
        sequencer = sequencer_on(journal)
        run = asyncio.create_task(sequencer.run())
        await sequencer.submit(OPENING)
        journal._writer.execute("PRAGMA max_page_count = 20")
        with pytest.raises(EngineStopped, match="database or disk is full"):
            await sequencer.submit([buy(ALICE, price) for price in range(1, 2_000)])
        with pytest.raises(EngineStopped):
            await run
    with closing(SqliteJournal(path)) as journal:
        recovered = Exchange()
        for record in journal.read(0):
            for event in record.events:
                recovered.apply(event, record.sequence, record.time_ns)
        async with running(Sequencer(recovered, journal, ManualClock(1))) as restarted:
            (outcome,) = await restarted.submit([buy(ALICE, 1)])
    assert isinstance(outcome, Record)
    assert outcome.sequence == recovered.sequence == journal.last_sequence


async def test_a_bug_in_the_exchange_stops_the_engine_and_everyone_who_waits() -> None:
    journal = HeldJournal()
    sequencer = sequencer_on(journal)
    run = asyncio.create_task(sequencer.run())
    waiting = asyncio.create_task(sequencer.submit(OPENING))
    await flushing(journal)
    not_a_command: list = [object()]
    poison = asyncio.create_task(sequencer.submit(not_a_command))
    behind = asyncio.create_task(sequencer.submit([buy(ALICE, 1)]))
    await turns(3)
    journal.let_go()
    outcomes = await asyncio.gather(waiting, poison, behind, run, return_exceptions=True)
    assert [type(outcome) for outcome in outcomes] == [EngineStopped] * 4
    assert [record.sequence for record in journal.read(0)] == list(range(1, 10))


async def test_draining_finishes_what_was_accepted_and_refuses_the_rest() -> None:
    journal = HeldJournal()
    sequencer = sequencer_on(journal)
    run = asyncio.create_task(sequencer.run())
    first = asyncio.create_task(sequencer.submit(OPENING))
    await flushing(journal)
    second = asyncio.create_task(sequencer.submit([buy(ALICE, 1)]))
    await turns()
    sequencer.drain()
    with pytest.raises(EngineStopped, match="shutting down"):
        await sequencer.submit([buy(ALICE, 2)])
    journal.let_go()
    journal.let_go()
    await run
    assert [
        outcome.sequence for outcome in (await first)[-1:] + await second if isinstance(outcome, Record)
    ] == [9, 10]
    assert journal.last_sequence == 10


async def test_draining_an_idle_engine_ends_it() -> None:
    sequencer = sequencer_on(MemoryJournal())
    run = asyncio.create_task(sequencer.run())
    await turns()
    sequencer.drain()
    await run


async def test_a_canceled_caller_gives_up_what_is_not_yet_decided() -> None:
    journal = HeldJournal()
    async with running(sequencer_on(journal, group_limit=20)) as sequencer:
        await_opening = asyncio.create_task(sequencer.submit(OPENING))
        await flushing(journal)
        caller = asyncio.create_task(sequencer.submit([buy(ALICE, price) for price in range(1, 1_000)]))
        await turns(2)
        decided = sequencer.sequence
        caller.cancel()
        journal.let_go()
        journal.let_go()
        await await_opening
        journal.let_go()
        (outcome,) = await sequencer.submit([buy(ALICE, 1)])
        assert isinstance(outcome, Record)
        assert 9 <= decided <= outcome.sequence <= 60
        assert sequencer.waiting_commands == 0


async def test_an_empty_batch_has_no_outcomes() -> None:
    async with running(sequencer_on(MemoryJournal())) as sequencer:
        no_outcomes: list[Outcome] = []
        assert await sequencer.submit([]) == no_outcomes


async def test_an_exchange_that_does_not_stand_where_its_journal_ends_is_refused() -> None:
    journal = MemoryJournal()
    async with running(sequencer_on(journal)) as sequencer:
        await sequencer.submit(OPENING)
    with pytest.raises(ValueError, match="the exchange stands at sequence 0, the journal at 9"):
        sequencer_on(journal)
