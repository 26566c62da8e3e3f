"""Depth and best bid and offer: a snapshot, and deltas with a gapless sequence."""

from hypothesis import given, settings
from hypothesis import strategies as st

from markethall_engine.domain.book.level import Level
from markethall_engine.market_data.depth import BestBidOffer, Depth
from tests.core_engine.domain.builders import BUY, IOC, SELL, cancel, cancel_all, create_instrument, replace
from tests.core_engine.domain.strategies import commands, small_venue
from tests.core_engine.market_data.builders import SYMBOL, FollowedVenue


def test_an_order_that_rests_changes_its_level():
    at = FollowedVenue()
    update = at.place("ann", BUY, 10, 100)
    now = at.venue.time_ns
    assert update.depth == Depth(SYMBOL, 1, now, [Level(100, 10, 1)], [])
    assert update.best_bid_offer == BestBidOffer(SYMBOL, Level(100, 10, 1), None, 1, now)
    assert update.trades == []


def test_a_delta_has_each_changed_level_as_it_now_is_best_first():
    at = FollowedVenue()
    at.place("ann", SELL, 5, 101)
    at.place("ann", SELL, 5, 100)
    at.place("ann", SELL, 5, 102)
    update = at.place("bob", BUY, 12, 102)
    assert update.depth == Depth(
        SYMBOL, 4, at.venue.time_ns, [], [Level(100, 0, 0), Level(101, 0, 0), Level(102, 3, 1)]
    )
    assert at.gold.depth() == Depth(SYMBOL, 4, at.venue.time_ns, [], [Level(102, 3, 1)])


def test_one_command_is_one_delta_on_both_sides():
    at = FollowedVenue()
    at.place("ann", SELL, 5, 100)
    update = at.place("bob", BUY, 8, 100)
    assert update.depth == Depth(SYMBOL, 2, at.venue.time_ns, [Level(100, 3, 1)], [Level(100, 0, 0)])


def test_a_replace_moves_lots_from_one_level_to_another():
    at = FollowedVenue()
    at.place("ann", BUY, 10, 100)
    order_id = at.venue.sequence
    (update,) = at.submit(replace("ann", order_id, quantity_lots=4))
    assert update.depth.bids == [Level(100, 4, 1)]
    (update,) = at.submit(replace("ann", order_id, price_ticks=99))
    assert update.depth.bids == [Level(100, 0, 0), Level(99, 4, 1)]


def test_what_changes_no_level_gives_no_update_and_no_sequence():
    at = FollowedVenue()
    at.place("ann", BUY, 10, 100)
    assert at.place("bob", BUY, 10, 99, time_in_force=IOC) is None
    assert at.place("bob", BUY, 10, 99, symbol="NONE") is None
    assert at.submit(cancel("bob", 999)) == []
    assert at.gold.depth().sequence == 1


def test_the_best_levels_are_told_only_when_they_change():
    at = FollowedVenue()
    at.place("ann", BUY, 10, 100)
    first = at.gold.best_bid_offer()
    assert at.place("ann", BUY, 10, 99).best_bid_offer is None
    assert at.gold.best_bid_offer() == first
    assert at.place("ann", BUY, 1, 100).best_bid_offer.bid == Level(100, 11, 2)


def test_a_command_over_several_instruments_updates_each():
    at = FollowedVenue()
    at.submit(create_instrument(symbol="GOLD-2"))
    at.place("ann", BUY, 10, 100)
    at.place("ann", BUY, 10, 100, symbol="GOLD-2")
    updates = at.submit(cancel_all("ann"))
    assert [(update.symbol, update.depth.sequence, update.depth.bids) for update in updates] == [
        (SYMBOL, 2, [Level(100, 0, 0)]),
        ("GOLD-2", 2, [Level(100, 0, 0)]),
    ]
    assert at.market_data.symbols() == [SYMBOL, "GOLD-2"]


def test_depth_is_as_deep_as_asked():
    at = FollowedVenue()
    for price in (98, 100, 99):
        at.place("ann", BUY, 1, price)
    assert at.gold.depth(2).bids == [Level(100, 1, 1), Level(99, 1, 1)]


def test_an_instrument_that_does_not_exist_has_no_market_data():
    assert FollowedVenue().market_data.instrument("NONE") is None


@given(st.lists(commands, min_size=15, max_size=60))
@settings(max_examples=100, deadline=None)
def test_depth_is_always_the_book_and_so_is_a_snapshot_with_its_deltas(sent):
    at = FollowedVenue(small_venue())
    known: dict[bool, dict[int, Level]] = {True: {}, False: {}}
    sequence, revision = 0, 1
    for command in sent:
        for update in at.submit(command):
            if update.depth is None:
                continue
            sequence += 1
            assert update.depth.sequence == sequence, "the sequence has no gap"
            for is_bid, levels in ((True, update.depth.bids), (False, update.depth.asks)):
                for level in levels:
                    known[is_bid][level.price_ticks] = level
        if at.gold.depth().tick_revision != revision:  # the same prices have other numbers from here on
            revision = at.gold.depth().tick_revision
            for is_bid, levels in ((True, at.gold.depth().bids), (False, at.gold.depth().asks)):
                known[is_bid] = {level.price_ticks: level for level in levels}
        bids, asks = (
            sorted(
                (level for level in known[is_bid].values() if level.quantity_lots), reverse=is_bid, key=_price
            )
            for is_bid in (True, False)
        )
        exchange = at.venue.exchange
        assert exchange.levels(SYMBOL, BUY) == at.gold.depth().bids == bids
        assert exchange.levels(SYMBOL, SELL) == at.gold.depth().asks == asks
        best = at.gold.best_bid_offer()
        assert (best.bid, best.ask) == (exchange.best_bid(SYMBOL), exchange.best_ask(SYMBOL))


def _price(level: Level) -> int:
    return level.price_ticks
