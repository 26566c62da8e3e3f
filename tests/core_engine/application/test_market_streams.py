"""Market data streams: a snapshot and then changes that add up to what a query gives."""

import asyncio
from contextlib import aclosing
from itertools import islice

import pytest

from markethall_engine.application.subscription import SlowReader, StreamEnded
from markethall_engine.domain.book.level import Level
from markethall_engine.domain.order import Side
from markethall_engine.market_data.candles import CandleInterval
from markethall_engine.market_data.depth import Depth
from tests.core_engine.application.commands import ALICE, BOB, OPENING, SYMBOL, buy, sell
from tests.core_engine.application.running_venue import RunningVenue, first_of, take
from tests.core_engine.application.traffic import traffic
from tests.core_engine.market_data.book_reader import BookReader

SECOND_NS = 1_000_000_000


def apply(levels: dict[int, Level], changes: list[Level]) -> None:
    for level in changes:
        if level.quantity_lots:
            levels[level.price_ticks] = level
        else:
            del levels[level.price_ticks]


async def test_depth_changes_applied_to_the_snapshot_give_the_depth(running: RunningVenue) -> None:
    await running.sequencer.submit([buy(ALICE, 9_900), buy(ALICE, 9_901), sell(BOB, 10_100)])
    async with aclosing(running.market_streams.depth(SYMBOL)) as stream:
        snapshot = await anext(stream)
        bids = {level.price_ticks: level for level in snapshot.bids}
        asks = {level.price_ticks: level for level in snapshot.asks}
        sequence = snapshot.sequence
        for command in islice(traffic(seed=3, first_sequence=len(OPENING) + 4), 400):
            await running.sequencer.submit([command])
            while sequence < depth_of(running).sequence:
                change = await anext(stream)
                assert change.sequence == sequence + 1
                sequence = change.sequence
                apply(bids, change.bids)
                apply(asks, change.asks)
        assert sequence > snapshot.sequence + 200
    depth = depth_of(running)
    assert sorted(bids.values(), key=lambda level: -level.price_ticks) == depth.bids
    assert sorted(asks.values(), key=lambda level: level.price_ticks) == depth.asks


def depth_of(running: RunningVenue) -> Depth:
    instrument = running.state.market_data.instrument(SYMBOL)
    assert instrument is not None
    return instrument.depth()


async def test_a_depth_snapshot_shows_as_many_levels_as_asked_for(running: RunningVenue) -> None:
    await running.sequencer.submit([buy(ALICE, price) for price in (10, 11, 12)])
    async with aclosing(running.market_streams.depth(SYMBOL, limit=2)) as stream:
        snapshot = await anext(stream)
    assert [level.price_ticks for level in snapshot.bids] == [12, 11]


async def test_the_full_book_and_its_changes_give_the_book_with_everybodys_place_in_it(
    running: RunningVenue,
) -> None:
    flow = islice(traffic(seed=5, first_sequence=len(OPENING) + 1), 500)
    await running.sequencer.submit(list(islice(flow, 100)))
    streams = [running.market_streams.book(SYMBOL) for _ in range(2)]
    late = streams[1]
    snapshot = await anext(streams[0])
    readers, sequences = [BookReader(snapshot.orders)], [snapshot.sequence]
    for count, command in enumerate(flow):
        if count == 100:
            snapshot = await anext(late)
            readers.append(BookReader(snapshot.orders))
            sequences.append(snapshot.sequence)
        await running.sequencer.submit([command])
        for place, reader in enumerate(readers):
            while sequences[place] < depth_of(running).sequence:
                change = await anext(streams[place])
                sequences[place] += 1
                assert change.sequence == sequences[place]
                reader.apply(change.orders)
    for reader in readers:
        for side in Side:
            assert reader.orders(side) == running.state.exchange.book_orders(SYMBOL, side)
    assert sequences[0] == sequences[1] > 200
    for stream in streams:
        await stream.aclose()


async def test_a_book_that_is_asked_for_while_commands_are_flushed_has_what_they_did(
    running: RunningVenue,
) -> None:
    submitted = asyncio.create_task(running.sequencer.submit([buy(ALICE, 100), buy(ALICE, 101)]))
    while running.sequencer.sequence == running.sequencer.durable_sequence:
        await asyncio.sleep(0)
    async with aclosing(running.market_streams.book(SYMBOL)) as stream:
        snapshot = await anext(stream)
    await submitted
    assert [order.price_ticks for order in snapshot.orders] == [101, 100]
    assert snapshot.sequence == depth_of(running).sequence == 2


async def test_trades_are_streamed_a_command_at_a_time(running: RunningVenue) -> None:
    async with aclosing(running.market_streams.trades(SYMBOL)) as stream:
        first = await first_of(stream, running.feed)
        await running.sequencer.submit(
            [buy(ALICE, 100, 3), buy(ALICE, 99, 4), sell(BOB, 99, 5), sell(BOB, 99, 1)]
        )
        trades = [await first, await anext(stream)]
    assert [
        [(trade.price_ticks, trade.quantity_lots, trade.sequence) for trade in group] for group in trades
    ] == [
        [(100, 3, 12), (99, 2, 12)],
        [(99, 1, 13)],
    ]


async def test_trades_are_taken_up_after_the_last_that_was_read(running: RunningVenue) -> None:
    await running.sequencer.submit(
        [buy(ALICE, 100, 3), buy(ALICE, 99, 4), sell(BOB, 99, 5), sell(BOB, 99, 1)]
    )
    async with aclosing(running.market_streams.trades(SYMBOL, after_trade_id=1)) as stream:
        kept = await take(stream, 2)
        await running.sequencer.submit([sell(BOB, 99, 1)])
        trades = [*kept, await anext(stream)]
    assert [[trade.trade_id for trade in group] for group in trades] == [[2], [3], [4]]


async def test_a_candle_is_streamed_at_each_change_and_when_it_is_over(running: RunningVenue) -> None:
    await running.sequencer.submit([sell(BOB, 100, 50), buy(ALICE, 100, 1)])
    async with aclosing(running.market_streams.candles(SYMBOL, CandleInterval.ONE_SECOND)) as stream:
        candles = await take(stream, 1)
        await running.sequencer.submit([buy(ALICE, 100, 2)])
        candles += await take(stream, 1)
        await running.sequencer.submit([buy(ALICE, 100, 3)])  # not read before the next candle begins
        running.clock.advance(SECOND_NS)
        await running.sequencer.submit([buy(ALICE, 100, 4)])
        candles += await take(stream, 2)
    assert [(candle.open_time_ns, candle.volume_lots) for candle in candles] == [
        (0, 1),
        (0, 3),
        (0, 6),
        (SECOND_NS, 4),
    ]


async def test_a_ticker_is_streamed_as_it_is_and_when_it_changes(running: RunningVenue) -> None:
    async with aclosing(running.market_streams.tickers(SYMBOL)) as stream:
        before = await anext(stream)
        assert (before.last, before.best.bid, before.day) == (None, None, None)
        await running.sequencer.submit([buy(ALICE, 100, 3)])
        await running.sequencer.submit([buy(ALICE, 99, 3)])  # not the best: the ticker stays as it is
        with_bid = await anext(stream)
        assert with_bid.best.bid == Level(100, 3, 1)
        await running.sequencer.submit([sell(BOB, 100, 1)])
        traded = await anext(stream)
        assert traded.last is not None and traded.day is not None
        assert (traded.last.price_ticks, traded.day.volume_lots, traded.best.bid) == (
            100,
            1,
            Level(100, 2, 1),
        )


async def test_a_late_reader_of_tickers_gets_the_last_state(running: RunningVenue) -> None:
    async with aclosing(running.market_streams.tickers()) as stream:
        await take(stream, len(running.state.market_data.symbols()))
        await running.sequencer.submit([buy(ALICE, price) for price in range(100, 110)])
        ticker = await anext(stream)
        assert ticker.best.bid == Level(109, 10, 1)
        await running.sequencer.submit([buy(ALICE, 110)])
        ticker = await anext(stream)
        assert ticker.best.bid == Level(110, 10, 1)


async def test_an_instrument_without_trades_has_no_candle_to_begin_with(running: RunningVenue) -> None:
    async with aclosing(running.market_streams.candles(SYMBOL, CandleInterval.ONE_DAY)) as stream:
        first = await first_of(stream, running.feed)
        await running.sequencer.submit([sell(BOB, 100, 1)])
        await running.sequencer.submit([buy(ALICE, 100, 1)])
        assert (await first).trade_count == 1


async def test_a_reader_of_the_full_book_that_falls_behind_is_cut_off_and_may_begin_anew(
    running: RunningVenue,
) -> None:
    async with aclosing(running.market_streams.book(SYMBOL)) as stream:
        await anext(stream)
        await running.sequencer.submit([buy(ALICE, price) for price in range(1, 100)])
        with pytest.raises(SlowReader):
            await anext(stream)
    async with aclosing(running.market_streams.book(SYMBOL)) as stream:
        snapshot = await anext(stream)
        assert (len(snapshot.orders), snapshot.sequence) == (99, 99)


async def test_a_reader_of_depth_that_falls_behind_is_cut_off(running: RunningVenue) -> None:
    async with aclosing(running.market_streams.depth(SYMBOL)) as stream:
        await anext(stream)
        await running.sequencer.submit([buy(ALICE, price) for price in range(1, 100)])
        with pytest.raises(SlowReader):
            await take(stream, 100)
    assert running.feed.open_count == 0


async def test_an_unknown_instrument_has_no_streams(running: RunningVenue) -> None:
    streams = running.market_streams
    for stream in (streams.depth("X"), streams.trades("X"), streams.candles("X", CandleInterval.ONE_DAY)):
        with pytest.raises(LookupError, match="there is no instrument X"):
            await anext(stream)
    assert running.feed.open_count == 0


async def test_market_data_streams_end_with_the_engine(running: RunningVenue) -> None:
    async with aclosing(running.market_streams.depth(SYMBOL)) as stream:
        await anext(stream)
        running.feed.end()
        with pytest.raises(StreamEnded):
            await anext(stream)
