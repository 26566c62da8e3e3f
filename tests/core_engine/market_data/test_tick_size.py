"""Market data across a change of the tick size: what was told before says itself what it is counted in."""

from markethall_engine.domain.book.book_order import BookOrder
from markethall_engine.domain.book.level import Level
from markethall_engine.domain.commands import UpdateInstrument
from markethall_engine.domain.instructions import Instructions
from markethall_engine.domain.instrument import InstrumentStatus, Step
from markethall_engine.market_data.candles import CandleInterval
from markethall_engine.market_data.projection import MarketData
from markethall_engine.market_data.updates import MarketUpdate
from tests.core_engine.domain.builders import BUY, SELL
from tests.core_engine.market_data.builders import SYMBOL, FollowedVenue

FIVE_CENTS = Step(5, 2)


def change_tick(at: FollowedVenue, tick_size: Step = FIVE_CENTS) -> MarketUpdate:
    revision = at.venue.exchange.instrument(SYMBOL).revision
    (update,) = at.submit(UpdateInstrument(SYMBOL, revision, tick_size=tick_size))
    return update


def test_levels_that_end_are_told_in_old_ticks_and_the_book_is_in_new_ones():
    at = FollowedVenue()
    at.place("ann", BUY, 5, 100)
    at.place("ann", BUY, 5, 99)
    at.place("bob", SELL, 5, 101)
    at.place("bob", SELL, 9, 105, instructions=Instructions(display_lots=4))
    with at.gold.telling_orders(at.venue.exchange.book_orders(SYMBOL, BUY)):
        update = change_tick(at)
    assert (update.depth.bids, update.depth.asks) == ([Level(99, 0, 0)], [Level(101, 0, 0)])
    assert (update.depth.tick_revision, update.tick_revision) == (1, 1)
    assert [order.price_ticks for order in update.orders] == [99]
    assert (update.best_bid_offer.ask, update.best_bid_offer.tick_revision) == (Level(21, 4, 1), 2)
    depth = at.gold.depth()
    assert (depth.bids, depth.asks, depth.tick_revision) == ([Level(20, 5, 1)], [Level(21, 4, 1)], 2)
    assert at.gold.best_bid_offer().bid == Level(20, 5, 1)


def test_readers_of_the_full_book_are_told_in_new_ticks_afterwards():
    at = FollowedVenue()
    at.place("ann", BUY, 5, 100)
    order_id = at.venue.sequence
    with at.gold.telling_orders(at.venue.exchange.book_orders(SYMBOL, BUY)):
        change_tick(at)
        update = at.place("bob", SELL, 2, 20, instrument_revision=2)
    assert update.orders == [BookOrder(order_id, BUY, 20, 3)]
    assert update.tick_revision == 2


def test_a_change_that_ends_no_order_is_told_without_a_delta():
    at = FollowedVenue()
    at.place("ann", BUY, 5, 100)
    update = change_tick(at)
    assert (update.depth, update.tick_revision) == (None, 2)
    assert at.gold.depth().bids == [Level(20, 5, 1)]


def test_candles_are_counted_in_a_step_that_all_ticks_fit_in():
    at = FollowedVenue()
    for price in (101, 105):
        at.place("ann", SELL, 1, price)
        at.place("bob", BUY, 1, price)
    change_tick(at)
    at.place("ann", SELL, 1, 22, instrument_revision=2)
    at.place("bob", BUY, 1, 22, instrument_revision=2)
    candle = at.gold.last_candle(CandleInterval.ONE_DAY)
    assert at.gold.price_step == Step(1, 2)
    assert (candle.open_ticks, candle.high_ticks, candle.close_ticks) == (101, 110, 110)
    change_tick(at, Step(2, 2))
    assert at.gold.price_step == Step(1, 2)
    ticker = at.gold.ticker(at.venue.time_ns)
    assert (ticker.day.open_ticks, ticker.price_step) == (101, Step(1, 2))


def test_a_finer_tick_refines_the_candles_of_before():
    at = FollowedVenue()
    change_tick(at, FIVE_CENTS)
    at.place("ann", SELL, 1, 20, instrument_revision=2)
    at.place("bob", BUY, 1, 20, instrument_revision=2)
    change_tick(at, Step(2, 2))
    candle = at.gold.last_candle(CandleInterval.ONE_DAY)
    assert (at.gold.price_step, candle.close_ticks) == (Step(1, 2), 100)


def test_an_auction_s_reference_is_the_last_price_in_new_ticks():
    at = FollowedVenue()
    at.place("ann", SELL, 1, 105)
    at.place("bob", BUY, 1, 105)
    at.submit(UpdateInstrument(SYMBOL, status=InstrumentStatus.AUCTION))
    at.place("ann", SELL, 1, 95)
    at.place("bob", BUY, 1, 110)
    change_tick(at)
    assert at.gold.auction().price_ticks == 22  # of 0.95 and 1.10 the nearer one to 1.05


def test_a_restart_changes_nothing_of_it():
    at = FollowedVenue()
    at.place("ann", SELL, 9, 105, instructions=Instructions(display_lots=4))
    at.place("bob", BUY, 1, 105)
    change_tick(at)
    restored = MarketData.restore(at.market_data.snapshot())
    assert restored.snapshot() == at.market_data.snapshot()
    gold = restored.instrument(SYMBOL)
    assert gold.depth() == at.gold.depth()
    assert gold.ticker(at.venue.time_ns) == at.gold.ticker(at.venue.time_ns)
    at.place("bob", BUY, 1, 21, instrument_revision=2)
    record = at.venue.records[-1]
    restored.apply(record.events, record.sequence, record.time_ns)
    assert restored.snapshot() == at.market_data.snapshot()
