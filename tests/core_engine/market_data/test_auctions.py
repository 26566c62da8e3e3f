"""What everyone sees of an auction: the crossed book, what it would come to, and its trades."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from markethall_engine.domain.auction_price import AuctionPrice
from markethall_engine.domain.book.level import Level
from markethall_engine.domain.commands import UpdateInstrument
from markethall_engine.domain.events import AuctionEnded
from markethall_engine.domain.instructions import Instructions
from markethall_engine.domain.instrument import InstrumentStatus
from markethall_engine.market_data.projection import MarketData
from markethall_engine.market_data.updates import MarketUpdate
from tests.core_engine.domain.builders import BUY, SELL, cancel, replace
from tests.core_engine.market_data.book_reader import BookReader
from tests.core_engine.market_data.builders import SYMBOL, FollowedVenue

OPEN, AUCTION = InstrumentStatus.OPEN, InstrumentStatus.AUCTION


def change_status(at: FollowedVenue, status: InstrumentStatus) -> list[MarketUpdate]:
    return at.submit(UpdateInstrument(SYMBOL, status=status))


def in_auction() -> FollowedVenue:
    at = FollowedVenue()
    change_status(at, AUCTION)
    return at


def test_a_call_s_book_is_shown_crossed_as_it_is():
    at = in_auction()
    at.place("ann", SELL, 5, 100)
    at.place("bob", BUY, 7, 105)
    depth = at.gold.depth()
    assert (depth.bids, depth.asks) == ([Level(105, 7, 1)], [Level(100, 5, 1)])
    assert at.gold.best_bid_offer().bid == Level(105, 7, 1)


def test_a_ticker_tells_what_the_auction_would_come_to():
    at = in_auction()
    assert at.gold.ticker(0).in_auction
    assert at.gold.ticker(0).auction is None
    at.place("ann", SELL, 5, 100)
    at.place("bob", BUY, 7, 105)
    assert at.gold.ticker(0).auction == AuctionPrice(105, 5, 2)
    at.place("ann", SELL, 4, 104)
    assert at.gold.ticker(0).auction == AuctionPrice(104, 7, -2)
    change_status(at, OPEN)
    assert not at.gold.ticker(0).in_auction
    assert at.gold.ticker(0).auction is None


def test_what_an_iceberg_hides_counts_and_is_not_shown():
    at = in_auction()
    at.place("ann", SELL, 20, 100, instructions=Instructions(display_lots=5))
    at.place("bob", BUY, 12, 100)
    assert at.gold.depth().asks == [Level(100, 5, 1)]
    assert at.gold.auction() == AuctionPrice(100, 12, -8)


def test_the_reference_is_the_last_trade_and_before_it_the_instrument_s_own():
    at = in_auction()
    at.submit(UpdateInstrument(SYMBOL, 1, reference_price_ticks=103))
    at.place("ann", SELL, 5, 100)
    at.place("bob", BUY, 5, 103)
    assert at.gold.auction().price_ticks == 103
    change_status(at, OPEN)
    at.submit(UpdateInstrument(SYMBOL, 1, reference_price_ticks=90))
    change_status(at, AUCTION)
    at.place("ann", SELL, 5, 90)
    at.place("bob", BUY, 5, 103)
    assert at.gold.auction().price_ticks == 103


def test_the_begin_and_the_end_of_a_call_are_told_even_if_the_book_stays():
    at = FollowedVenue()
    for status in (AUCTION, OPEN):
        (update,) = change_status(at, status)
        assert (update.symbol, update.depth, update.trades) == (SYMBOL, None, [])
    assert at.gold.sequence == 0


def test_the_end_is_one_delta_with_trades_of_the_auction():
    at = in_auction()
    at.place("ann", SELL, 5, 100)
    at.place("bob", BUY, 7, 105)
    (update,) = change_status(at, OPEN)
    assert update.depth.sequence == 3
    assert (update.depth.bids, update.depth.asks) == ([Level(105, 2, 1)], [Level(100, 0, 0)])
    assert [(trade.price_ticks, trade.taker_side, trade.in_auction) for trade in update.trades] == [
        (105, BUY, True)
    ]
    at.place("ann", SELL, 1, 105)
    assert not at.gold.trades(1)[0].in_auction


orders = st.lists(
    st.tuples(
        st.sampled_from([BUY, SELL]), st.integers(1, 9), st.integers(95, 105), st.sampled_from([0, 0, 2])
    ),
    min_size=1,
    max_size=12,
)


@given(orders, orders, st.randoms(use_true_random=False))
@settings(max_examples=150, deadline=None)
def test_what_a_ticker_tells_is_what_the_end_brings_and_readers_keep_the_book(first, then, chance):
    """The first orders trade before the call, so that icebergs come into it with what they show begun."""
    at = FollowedVenue()
    with at.gold.telling_orders(()):
        reader = BookReader(())

        def follow(updates: list[MarketUpdate]) -> None:
            for update in updates:
                reader.apply(update.orders or ())
            exchange = at.venue.exchange
            for side in (BUY, SELL):
                assert reader.orders(side) == exchange.book_orders(SYMBOL, side)
            depth = at.gold.depth()
            assert depth.bids == exchange.levels(SYMBOL, BUY)
            assert depth.asks == exchange.levels(SYMBOL, SELL)

        for status, placed in ((OPEN, first), (AUCTION, then)):
            follow(change_status(at, status))
            for side, lots, price, display_lots in placed:
                instructions = Instructions(display_lots=display_lots)
                update = at.place("ann", side, lots, price, instructions=instructions)
                follow([update] if update else [])
                order_id = chance.choice(at.venue.exchange.live_orders("ann") or [None])
                if order_id is not None and chance.random() < 0.3:
                    change = replace("ann", order_id.order_id, quantity_lots=chance.randint(1, 9))
                    follow(at.submit(chance.choice([change, cancel("ann", order_id.order_id)])))
        told = at.gold.auction()
        assert MarketData.restore(at.market_data.snapshot()).instrument(SYMBOL).auction() == told
        follow(change_status(at, OPEN))
        ended = at.venue.records[-1].events[-1]
        assert isinstance(ended, AuctionEnded)
        if told is None:
            assert ended.price_ticks == 0
        else:
            assert (ended.price_ticks, ended.quantity_lots) == (told.price_ticks, told.quantity_lots)


def test_a_level_that_an_iceberg_leaves_hides_nothing():
    at = in_auction()
    at.place("ann", SELL, 20, 100, instructions=Instructions(display_lots=5))
    at.submit(cancel("ann", at.venue.sequence))
    at.place("ann", SELL, 1, 100)
    at.place("bob", BUY, 9, 100)
    assert at.gold.auction() == AuctionPrice(100, 1, 8)


@pytest.mark.parametrize("side", [BUY, SELL])
def test_with_one_side_alone_nothing_would_trade(side):
    at = in_auction()
    at.place("ann", side, 20, 100)
    assert at.gold.auction() is None
