"""Streams: only what is durable, without a gap or a repeat, and a slow reader loses only its own."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import aclosing
from dataclasses import dataclass
from typing import TypeVar

import pytest

from markethall_common.clock import ManualClock
from markethall_engine.application.execution_reports import ExecutionReport
from markethall_engine.application.feed import Feed
from markethall_engine.application.sequencer import Sequencer
from markethall_engine.application.streams import CannotResume, Streams
from markethall_engine.application.subscription import SlowReader, StreamEnded, Subscription
from markethall_engine.application.venue_state import VenueState
from markethall_engine.journal.memory import MemoryJournal
from tests.core_engine.application.commands import ALICE, BOB, OPENING, buy, sell

T = TypeVar("T")


@dataclass
class Venue:
    sequencer: Sequencer
    streams: Streams
    feed: Feed


@pytest.fixture
async def venue() -> AsyncIterator[Venue]:
    journal, state, feed = MemoryJournal(), VenueState(), Feed(limit=60)
    sequencer = Sequencer(
        state.exchange, journal, ManualClock(1), [state.account_history, feed], group_limit=7
    )
    streams = Streams(state.exchange, sequencer, journal, state.account_history, feed, resume_limit=100)
    run = asyncio.create_task(sequencer.run())
    await sequencer.submit(OPENING)
    yield Venue(sequencer, streams, feed)
    sequencer.drain()
    await run


async def take(stream: AsyncIterator[T], count: int) -> list[T]:
    return [await anext(stream) for _ in range(count)]


def sequences(reports: list[ExecutionReport]) -> list[int]:
    return [report.sequence for report in reports]


async def opened(stream: AsyncIterator[T], feed: Feed) -> "asyncio.Task[T]":
    """Begin to read the first item; streams subscribe when they are first read."""
    first = asyncio.ensure_future(anext(stream))
    before = feed.open_count
    while feed.open_count == before:
        await asyncio.sleep(0)
    return first


async def test_a_stream_gives_what_happens_from_its_opening_on(venue: Venue) -> None:
    await venue.sequencer.submit([buy(ALICE, 100)])
    async with aclosing(venue.streams.execution_reports(ALICE)) as stream:
        first = await opened(stream, venue.feed)
        await venue.sequencer.submit([buy(BOB, 90), sell(BOB, 100), buy(ALICE, 80)])
        assert sequences([await first, *await take(stream, 1)]) == [12, 13]


async def test_a_stream_gives_an_account_only_its_own(venue: Venue) -> None:
    async with aclosing(venue.streams.execution_reports(BOB)) as stream:
        first = await opened(stream, venue.feed)
        await venue.sequencer.submit([buy(ALICE, 100), buy(ALICE, 101), sell(BOB, 200)])
        assert (await first).order.account_id == BOB
        assert (await first).sequence == 12


async def test_a_resumed_stream_goes_on_where_the_reader_was(venue: Venue) -> None:
    await venue.sequencer.submit([buy(ALICE, 100, 30), sell(BOB, 100, 10), buy(BOB, 50), sell(BOB, 100, 5)])
    async with aclosing(venue.streams.execution_reports(ALICE, after=10)) as stream:
        reports = await take(stream, 2)
        await venue.sequencer.submit([buy(BOB, 60), sell(BOB, 100, 1)])
        reports += await take(stream, 1)
    assert sequences(reports) == [11, 13, 15]
    assert [report.order.filled_lots for report in reports] == [10, 15, 16]


async def test_a_stream_resumed_under_load_has_no_gap_and_no_repeat(venue: Venue) -> None:
    placed = asyncio.gather(*(venue.sequencer.submit([buy(ALICE, price)]) for price in range(1, 60)))
    async with aclosing(venue.streams.execution_reports(ALICE, after=9)) as stream:
        reports = await take(stream, 59)
    await placed
    assert sequences(reports) == list(range(10, 69))


async def test_a_stream_cannot_be_resumed_from_the_future(venue: Venue) -> None:
    with pytest.raises(CannotResume, match="the newest sequence is 9, found 10"):
        await anext(venue.streams.execution_reports(ALICE, after=10))


async def test_a_stream_cannot_be_resumed_from_too_far_back(venue: Venue) -> None:
    await venue.sequencer.submit([buy(ALICE, price) for price in range(1, 102)])
    with pytest.raises(CannotResume, match="9 is too far back: more than 100 records"):
        await anext(venue.streams.execution_reports(ALICE, after=9))
    async with aclosing(venue.streams.execution_reports(ALICE, after=10)) as stream:
        assert len(await take(stream, 100)) == 100


async def test_a_slow_reader_is_cut_off_and_told_and_the_engine_goes_on(venue: Venue) -> None:
    async with (
        aclosing(venue.streams.execution_reports(ALICE)) as slow,
        aclosing(venue.streams.execution_reports(BOB)) as other,
    ):
        first, others_first = await opened(slow, venue.feed), await opened(other, venue.feed)
        await venue.sequencer.submit([buy(ALICE, 1), buy(BOB, 1)])
        await asyncio.gather(first, others_first)
        for _ in range(7):
            await venue.sequencer.submit([buy(ALICE, price) for price in range(1, 11)])
        with pytest.raises(SlowReader, match="more than 60 items behind"):
            await anext(slow)
        await venue.sequencer.submit([buy(BOB, 2)])
        assert (await anext(other)).sequence == 82


async def test_a_closed_stream_leaves_nothing_behind(venue: Venue) -> None:
    stream = venue.streams.execution_reports(ALICE)
    first = await opened(stream, venue.feed)
    assert venue.streams.open_count == 1
    await venue.sequencer.submit([buy(ALICE, 1)])
    await first
    await stream.aclose()
    assert venue.streams.open_count == 0


async def test_readers_get_what_was_published_and_then_the_end(venue: Venue) -> None:
    stream = venue.streams.execution_reports(ALICE)
    first = await opened(stream, venue.feed)
    await venue.sequencer.submit([buy(ALICE, 1), buy(ALICE, 2)])
    venue.feed.end()
    await first
    assert (await anext(stream)).sequence == 11
    with pytest.raises(StreamEnded):
        await anext(stream)
    with pytest.raises(StreamEnded):
        await anext(venue.streams.execution_reports(ALICE))


@pytest.mark.parametrize("act", [lambda s: s.end(StreamEnded("over")), lambda s: s.offer(1)])
async def test_a_waiting_reader_is_woken(act: Callable[[Subscription[int]], None]) -> None:
    subscription = Subscription[int](10)
    reader = asyncio.ensure_future(anext(subscription))
    await asyncio.sleep(0)
    act(subscription)
    (result,) = await asyncio.gather(reader, return_exceptions=True)
    assert result == 1 or isinstance(result, StreamEnded)
