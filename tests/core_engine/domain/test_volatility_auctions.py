"""Volatility auctions: instead of a trade beyond the band, everybody is asked."""

import pytest

from markethall_engine.domain.commands import EndAuction, UpdateInstrument
from markethall_engine.domain.events import (
    AuctionBegun,
    AuctionEnded,
    InstrumentUpdated,
    OrderCanceled,
    OrderRested,
    TradeExecuted,
)
from markethall_engine.domain.exchange import Exchange
from markethall_engine.domain.instructions import Instructions
from markethall_engine.domain.instrument import InstrumentStatus
from markethall_engine.domain.reasons import CancelReason
from tests.core_engine.domain.builders import (
    BUY,
    FOK,
    IOC,
    SECOND_NS,
    SELL,
    SYMBOL,
    Venue,
    create_instrument,
    fills,
    kinds,
    order,
    replace,
    venue,
)

BEGINS = ["InstrumentUpdated", "AuctionBegun"]


def banded(**terms) -> Venue:
    """10 % around 100, to both sides: 90 to 110."""
    standard = {
        "volatility_band_ppm": 100_000,
        "volatility_auction_ns": 60 * SECOND_NS,
        "reference_price_ticks": 100,
    }
    return venue(**{**standard, **terms})


def status(at: Venue) -> InstrumentStatus:
    return at.exchange.instrument(SYMBOL).status


def test_an_order_trades_up_to_the_band_and_its_rest_begins_an_auction():
    at = banded()
    inside, beyond = at.place("maker", SELL, 3, 110), at.place("maker", SELL, 5, 111)
    events = at.submit(order("taker", BUY, 10, 120))
    assert kinds(events) == ["OrderAccepted", "TradeExecuted", *BEGINS, "OrderRested"]
    assert fills(events) == [(inside, 3, 110)]
    updated, begun, rested = events[2:]
    assert isinstance(updated, InstrumentUpdated)
    assert updated.instrument.status is InstrumentStatus.AUCTION
    assert begun == AuctionBegun(SYMBOL, at.time_ns + 60 * SECOND_NS)
    assert isinstance(rested, OrderRested)
    assert (at.bids(), at.asks()) == ([(120, 7, 1)], [(111, 5, 1)])
    assert at.exchange.order(beyond).leaves_lots == 5


def test_a_seller_trades_down_to_the_band():
    at = banded()
    at.place("maker", BUY, 3, 90)
    at.place("maker", BUY, 5, 89)
    events = at.submit(order("taker", SELL, 10, 80))
    assert kinds(events) == ["OrderAccepted", "TradeExecuted", *BEGINS, "OrderRested"]
    assert (at.bids(), at.asks()) == ([(89, 5, 1)], [(80, 7, 1)])


@pytest.mark.parametrize(
    ("side", "price", "begins"), [(BUY, 110, False), (BUY, 111, True), (SELL, 90, False), (SELL, 89, True)]
)
def test_the_band_s_edges_are_in_it(side, price, begins):
    at = banded()
    at.place("maker", SELL if side is BUY else BUY, 1, price)
    events = at.submit(order("taker", side, 1, price))
    assert (kinds(events)[1:3] == BEGINS) is begins
    assert bool(fills(events)) is not begins


@pytest.mark.parametrize(("side", "price"), [(BUY, 80), (SELL, 120)])
def test_a_price_that_is_too_good_is_beyond_the_band_too(side, price):
    at = banded()
    at.place("maker", SELL if side is BUY else BUY, 1, price)
    at.place("maker", SELL if side is BUY else BUY, 1, 100)
    events = at.submit(order("taker", side, 2, 100))
    assert kinds(events) == ["OrderAccepted", *BEGINS, "OrderRested"]


@pytest.mark.parametrize(
    ("terms", "reason"),
    [
        ({"price_ticks": 120, "time_in_force": IOC}, CancelReason.IMMEDIATE_REMAINDER),
        ({}, CancelReason.NO_LIQUIDITY),
    ],
)
def test_what_cannot_rest_ends_when_the_auction_begins(terms, reason):
    at = banded(market_protection_ppm=150_000)
    at.place("maker", SELL, 3, 105)
    at.place("maker", SELL, 5, 115)
    at.place("maker", SELL, 5, 150)
    events = at.submit(order("taker", BUY, 10, **terms))
    assert kinds(events) == ["OrderAccepted", "TradeExecuted", *BEGINS, "OrderCanceled"]
    assert isinstance(events[-1], OrderCanceled)
    assert (events[-1].reason, events[-1].canceled_lots) == (reason, 7)


def test_a_market_order_that_may_not_trade_at_all_begins_an_auction_nevertheless():
    at = banded()
    at.place("maker", SELL, 5, 130)
    events = at.submit(order("taker", BUY, 5))
    assert kinds(events) == ["OrderAccepted", *BEGINS, "OrderCanceled"]
    assert at.reserved("taker", "USD") == 0


@pytest.mark.parametrize(
    ("terms", "reason"),
    [
        ({"time_in_force": FOK}, CancelReason.FILL_OR_KILL),
        ({"instructions": Instructions(min_quantity_lots=4)}, CancelReason.MIN_QUANTITY),
    ],
)
def test_an_order_that_is_killed_begins_no_auction(terms, reason):
    at = banded()
    at.place("maker", SELL, 3, 105)
    at.place("maker", SELL, 5, 115)
    events = at.submit(order("taker", BUY, 8, 120, **terms))
    assert kinds(events) == ["OrderAccepted", "OrderCanceled"]
    assert events[-1].reason is reason
    assert status(at) is InstrumentStatus.OPEN


def test_a_replaced_order_is_held_to_the_band_as_well():
    at = banded()
    at.place("maker", SELL, 3, 105)
    at.place("maker", SELL, 5, 115)
    bid = at.place("taker", BUY, 8, 95)
    events = at.submit(replace("taker", bid, price_ticks=120))
    assert kinds(events) == ["OrderReplaced", "TradeExecuted", *BEGINS, "OrderRested"]
    assert at.bids() == [(120, 5, 1)]


def test_a_replaced_order_within_the_band_trades_and_one_that_meets_nobody_rests():
    at = banded()
    at.place("maker", SELL, 3, 105)
    bid = at.place("taker", BUY, 8, 95)
    events = at.submit(replace("taker", bid, price_ticks=96))
    assert kinds(events) == ["OrderReplaced", "OrderRested"]
    events = at.submit(replace("taker", bid, price_ticks=105))
    assert kinds(events) == ["OrderReplaced", "TradeExecuted", "OrderRested"]


def test_before_any_price_the_band_is_around_the_first_one():
    at = banded(reference_price_ticks=0)
    at.place("maker", SELL, 1, 100)
    at.place("maker", SELL, 1, 111)
    events = at.submit(order("taker", BUY, 2, 120))
    assert [event.price_ticks for event in events if isinstance(event, TradeExecuted)] == [100]
    assert kinds(events)[2:4] == BEGINS


def test_the_band_stays_around_the_first_trade_as_the_price_moves():
    at = banded(reference_price_ticks=0)
    for price in (100, 109, 110):
        at.place("maker", SELL, 1, price)
        at.place("taker", BUY, 1, price)
    at.place("maker", SELL, 1, 111)
    assert kinds(at.submit(order("taker", BUY, 1, 111)))[1:3] == BEGINS


def test_the_band_is_around_the_last_auction_s_price_afterwards():
    at = banded()
    at.place("maker", SELL, 1, 130)
    at.place("taker", BUY, 1, 130)
    at.submit(UpdateInstrument(SYMBOL, status=InstrumentStatus.OPEN))
    assert at.exchange.last_price_ticks(SYMBOL) == 130
    at.place("maker", SELL, 2, 143)
    assert fills(at.submit(order("taker", BUY, 1, 143)))
    at.place("maker", BUY, 1, 116)
    assert kinds(at.submit(order("taker", SELL, 1, 116)))[1:3] == BEGINS


def test_own_orders_that_are_prevented_are_no_trades():
    at = banded()
    rule = Instructions(self_trade_prevention=3)
    at.place("taker", SELL, 1, 130)
    events = at.submit(order("taker", BUY, 1, 130, instructions=rule))
    assert "AuctionBegun" not in kinds(events)


def test_the_auction_ends_by_itself_when_its_time_is_over():
    at = banded()
    ask = at.place("maker", SELL, 5, 130)
    bid = at.place("taker", BUY, 3, 130)
    end_ns = at.time_ns + 60 * SECOND_NS
    assert at.exchange.next_timer_ns() == end_ns
    assert at.exchange.next_command(end_ns - 1) is None
    assert at.exchange.next_command(end_ns) == EndAuction(SYMBOL)
    restored = Exchange.restore(at.exchange.snapshot())
    assert restored.next_command(end_ns) == EndAuction(SYMBOL)
    [record] = at.pass_time(60 * SECOND_NS)
    updated, trade, ended = record.events
    assert isinstance(updated, InstrumentUpdated)
    assert updated.instrument.status is InstrumentStatus.OPEN
    assert fills([trade]) == [(ask, 3, 130)]
    assert trade.taker_order_id == bid
    assert ended == AuctionEnded(SYMBOL, 130, 3)
    assert at.exchange.next_timer_ns() is None


def test_the_auction_that_ends_first_is_ended_first():
    at = banded()
    at.submit(
        create_instrument(
            symbol="A",
            volatility_band_ppm=100_000,
            reference_price_ticks=100,
            volatility_auction_ns=10 * SECOND_NS,
        )
    )
    for symbol in (SYMBOL, "A"):
        at.place("maker", SELL, 1, 130, symbol=symbol)
        at.place("taker", BUY, 1, 130, symbol=symbol)
    later = at.time_ns + 90 * SECOND_NS
    assert at.exchange.next_command(later) == EndAuction("A")
    done = [record.command for record in at.pass_time(90 * SECOND_NS)]
    assert done == [EndAuction("A"), EndAuction(SYMBOL)]


def test_an_operator_may_end_it_before_and_then_nothing_is_owed():
    at = banded()
    at.place("maker", SELL, 1, 130)
    at.place("taker", BUY, 1, 130)
    at.submit(UpdateInstrument(SYMBOL, status=InstrumentStatus.HALTED))
    assert at.exchange.next_timer_ns() is None
