"""Streams: only what is durable, without a gap or a repeat, and a slow reader loses only its own."""

import asyncio
from collections.abc import Callable
from contextlib import aclosing

import pytest

from markethall_engine.application.execution_reports import ExecutionReport
from markethall_engine.application.streams import CannotResume
from markethall_engine.application.subscription import SlowReader, StreamEnded, Subscription
from tests.core_engine.application.commands import ALICE, BOB, buy, sell
from tests.core_engine.application.running_venue import RunningVenue, first_of, take


def sequences(reports: list[ExecutionReport]) -> list[int]:
    return [report.sequence for report in reports]


async def test_a_stream_gives_what_happens_from_its_opening_on(running: RunningVenue) -> None:
    await running.sequencer.submit([buy(ALICE, 100)])
    async with aclosing(running.streams.execution_reports(ALICE)) as stream:
        first = await first_of(stream, running.feed)
        await running.sequencer.submit([buy(BOB, 90), sell(BOB, 100), buy(ALICE, 80)])
        assert sequences([await first, *await take(stream, 1)]) == [12, 13]


async def test_a_stream_gives_an_account_only_its_own(running: RunningVenue) -> None:
    async with aclosing(running.streams.execution_reports(BOB)) as stream:
        first = await first_of(stream, running.feed)
        await running.sequencer.submit([buy(ALICE, 100), buy(ALICE, 101), sell(BOB, 200)])
        assert (await first).order.account_id == BOB
        assert (await first).sequence == 12


async def test_a_resumed_stream_goes_on_where_the_reader_was(running: RunningVenue) -> None:
    await running.sequencer.submit([buy(ALICE, 100, 30), sell(BOB, 100, 10), buy(BOB, 50), sell(BOB, 100, 5)])
    async with aclosing(running.streams.execution_reports(ALICE, after=10)) as stream:
        reports = await take(stream, 2)
        await running.sequencer.submit([buy(BOB, 60), sell(BOB, 100, 1)])
        reports += await take(stream, 1)
    assert sequences(reports) == [11, 13, 15]
    assert [report.order.filled_lots for report in reports] == [10, 15, 16]


async def test_a_stream_resumed_under_load_has_no_gap_and_no_repeat(running: RunningVenue) -> None:
    placed = asyncio.gather(*(running.sequencer.submit([buy(ALICE, price)]) for price in range(1, 60)))
    async with aclosing(running.streams.execution_reports(ALICE, after=9)) as stream:
        reports = await take(stream, 59)
    await placed
    assert sequences(reports) == list(range(10, 69))


async def test_a_stream_cannot_be_resumed_from_the_future(running: RunningVenue) -> None:
    with pytest.raises(CannotResume, match="the newest sequence is 9, found 10"):
        await anext(running.streams.execution_reports(ALICE, after=10))


async def test_a_stream_cannot_be_resumed_from_too_far_back(running: RunningVenue) -> None:
    await running.sequencer.submit([buy(ALICE, price) for price in range(1, 102)])
    with pytest.raises(CannotResume, match="9 is too far back: more than 100 records"):
        await anext(running.streams.execution_reports(ALICE, after=9))
    async with aclosing(running.streams.execution_reports(ALICE, after=10)) as stream:
        assert len(await take(stream, 100)) == 100


async def test_a_slow_reader_is_cut_off_and_told_and_the_engine_goes_on(running: RunningVenue) -> None:
    async with (
        aclosing(running.streams.execution_reports(ALICE)) as slow,
        aclosing(running.streams.execution_reports(BOB)) as other,
    ):
        first, others_first = await first_of(slow, running.feed), await first_of(other, running.feed)
        await running.sequencer.submit([buy(ALICE, 1), buy(BOB, 1)])
        await asyncio.gather(first, others_first)
        for _ in range(7):
            await running.sequencer.submit([buy(ALICE, price) for price in range(1, 11)])
        with pytest.raises(SlowReader, match="more than 60 items behind"):
            await anext(slow)
        await running.sequencer.submit([buy(BOB, 2)])
        assert (await anext(other)).sequence == 82


async def test_a_closed_stream_leaves_nothing_behind(running: RunningVenue) -> None:
    stream = running.streams.execution_reports(ALICE)
    first = await first_of(stream, running.feed)
    assert running.streams.open_count == 1
    await running.sequencer.submit([buy(ALICE, 1)])
    await first
    await stream.aclose()
    assert running.streams.open_count == 0


async def test_readers_get_what_was_published_and_then_the_end(running: RunningVenue) -> None:
    stream = running.streams.execution_reports(ALICE)
    first = await first_of(stream, running.feed)
    await running.sequencer.submit([buy(ALICE, 1), buy(ALICE, 2)])
    running.feed.end()
    await first
    assert (await anext(stream)).sequence == 11
    with pytest.raises(StreamEnded):
        await anext(stream)
    with pytest.raises(StreamEnded):
        await anext(running.streams.execution_reports(ALICE))


@pytest.mark.parametrize("act", [lambda s: s.end(StreamEnded("over")), lambda s: s.offer(1)])
async def test_a_waiting_reader_is_woken(act: Callable[[Subscription[int]], None]) -> None:
    subscription = Subscription[int](10)
    reader = asyncio.ensure_future(anext(subscription))
    await asyncio.sleep(0)
    act(subscription)
    (result,) = await asyncio.gather(reader, return_exceptions=True)
    assert result == 1 or isinstance(result, StreamEnded)
