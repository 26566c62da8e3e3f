"""An order that must not take: it rests at once or is refused."""

import pytest

from markethall_engine.domain.commands import PlaceOrder, UpdateInstrument
from markethall_engine.domain.events import OrderRejected, ReplaceRejected
from markethall_engine.domain.instructions import Instructions
from markethall_engine.domain.order import OrderType
from markethall_engine.domain.reasons import RejectReason
from tests.core_engine.domain.builders import (
    BUY,
    FOK,
    GTC,
    IOC,
    SELL,
    SYMBOL,
    Venue,
    accepted,
    fills,
    order,
    rejection,
    replace,
    rested,
    venue,
)

POST_ONLY = Instructions(post_only=True)
SLIDING = Instructions(post_only=True, slide=True)


def test_a_post_only_order_that_reaches_nothing_rests():
    at = venue()
    at.place("maker", SELL, 5, 101)
    command = order("taker", BUY, 3, 100, instructions=POST_ONLY)
    events = at.submit(command)
    assert events == [accepted(command, at.sequence, reserved=300), rested(command, at.sequence, 3)]


def test_it_makes_as_any_order_does():
    at = venue()
    ask = at.place("maker", SELL, 5, 100, instructions=POST_ONLY)
    assert fills(at.submit(order("taker", BUY, 5, 100))) == [(ask, 5, 100)]


@pytest.mark.parametrize(
    ("side", "price", "detail"),
    [
        (BUY, 102, "at 1.02 a post-only order would trade with the lowest ask, 1.02"),
        (BUY, 103, "at 1.03 a post-only order would trade with the lowest ask, 1.02"),
        (SELL, 99, "at 0.99 a post-only order would trade with the highest bid, 0.99"),
        (SELL, 98, "at 0.98 a post-only order would trade with the highest bid, 0.99"),
    ],
)
def test_a_post_only_order_that_reaches_the_other_side_is_refused(side, price, detail):
    at = venue()
    at.place("maker", SELL, 5, 102)
    at.place("maker", BUY, 5, 99)
    command = order("taker", side, 3, price, client_order_id="mine", instructions=POST_ONLY)
    assert at.submit(command) == [
        OrderRejected(
            order_id=at.sequence,
            account_id="taker",
            client_order_id="mine",
            symbol=SYMBOL,
            side=side,
            order_type=OrderType.LIMIT,
            time_in_force=GTC,
            quantity_lots=3,
            price_ticks=price,
            reason=RejectReason.POST_ONLY_WOULD_TAKE,
            detail=detail,
            instructions=POST_ONLY,
        )
    ]
    record = at.exchange.order(at.sequence)
    assert record is not None and record.instructions == POST_ONLY


def test_its_own_account_s_orders_count_as_any():
    at = venue()
    at.place("maker", SELL, 5, 100)
    refused = rejection(at.submit(order("maker", BUY, 3, 100, instructions=POST_ONLY)))
    assert refused.reason is RejectReason.POST_ONLY_WOULD_TAKE


def test_a_replace_that_would_take_is_refused_and_the_order_stays():
    at = venue()
    at.place("maker", SELL, 5, 102)
    bid = at.place("taker", BUY, 3, 100, instructions=POST_ONLY)
    assert at.submit(replace("taker", bid, price_ticks=102)) == [
        ReplaceRejected(
            "taker",
            bid,
            "",
            RejectReason.POST_ONLY_WOULD_TAKE,
            "at 1.02 a post-only order would trade with the lowest ask, 1.02",
        )
    ]
    assert at.bids() == [(100, 3, 1)]
    at.submit(replace("taker", bid, price_ticks=101))
    assert at.bids() == [(101, 3, 1)]


@pytest.mark.parametrize(
    ("terms", "found"),
    [
        ({"time_in_force": IOC}, "LIMIT IOC"),
        ({"time_in_force": FOK}, "LIMIT FOK"),
        ({"price_ticks": 0}, "MARKET IOC"),
    ],
)
def test_an_order_that_cannot_rest_cannot_be_post_only(terms, found):
    at = venue()
    at.place("maker", SELL, 5, 200)
    command = order("taker", BUY, 3, **{"price_ticks": 100, "instructions": POST_ONLY, **terms})
    refused = rejection(at.submit(command))
    assert refused.reason is RejectReason.INVALID_PARAMETERS
    assert refused.detail == f"a post-only order is one that may rest, found {found}"


def test_a_post_only_order_can_have_no_minimum_to_fill():
    at = venue()
    asked = Instructions(post_only=True, min_quantity_lots=1)
    refused = rejection(at.submit(order("taker", BUY, 3, 100, instructions=asked)))
    assert refused.reason is RejectReason.INVALID_PARAMETERS


@pytest.mark.parametrize(("side", "price", "slid"), [(BUY, 105, 101), (BUY, 102, 101), (SELL, 99, 100)])
def test_a_sliding_order_that_would_take_rests_one_tick_away_from_the_other_side(side, price, slid):
    at = venue(price_band_ppm=50_000)
    at.place("maker", SELL, 5, 102)
    at.place("maker", BUY, 5, 99)
    events = at.submit(order("taker", side, 3, price, instructions=SLIDING))
    command = order("taker", side, 3, slid, instructions=SLIDING)
    reserved = 3 * slid if side is BUY else 3
    assert events == [accepted(command, at.sequence, reserved=reserved), rested(command, at.sequence, 3)]
    placed = at.records[-1].command
    assert isinstance(placed, PlaceOrder) and placed.price_ticks == price


@pytest.mark.parametrize(("side", "price"), [(BUY, 101), (SELL, 100)])
def test_a_sliding_order_that_takes_nothing_keeps_its_price(side, price):
    at = venue()
    at.place("maker", SELL, 5, 102)
    at.place("maker", BUY, 5, 99)
    order_id = at.place("taker", side, 3, price, instructions=SLIDING)
    assert price_of(at, order_id) == price
    empty = venue()
    assert price_of(empty, empty.place("taker", side, 3, price, instructions=SLIDING)) == price


def test_the_price_band_is_for_the_price_to_which_an_order_slides():
    at = venue(price_band_ppm=50_000)
    at.place("maker", SELL, 6, 100)
    at.place("taker", BUY, 1, 100)
    assert price_of(at, at.place("taker", BUY, 3, 150, instructions=SLIDING)) == 99
    at.submit(UpdateInstrument(SYMBOL, price_band_ppm=5_000))
    refused = rejection(at.submit(order("taker", BUY, 3, 150, instructions=SLIDING)))
    assert (refused.reason, refused.price_ticks) == (RejectReason.PRICE_OUT_OF_BAND, 99)


def test_no_order_slides_below_one_tick():
    at = venue()
    at.place("maker", SELL, 5, 1)
    refused = rejection(at.submit(order("taker", BUY, 3, 2, instructions=SLIDING)))
    assert (refused.reason, refused.price_ticks) == (RejectReason.POST_ONLY_WOULD_TAKE, 2)


def test_an_order_may_slide_to_one_tick():
    at = venue()
    at.place("maker", SELL, 5, 2)
    assert price_of(at, at.place("taker", BUY, 3, 2, instructions=SLIDING)) == 1


@pytest.mark.parametrize("price", [0, -1])
def test_a_limit_that_is_no_price_does_not_slide_to_one(price):
    at = venue()
    at.place("maker", BUY, 5, 99)
    asked = order(
        "taker", SELL, 3, price, order_type=OrderType.LIMIT, time_in_force=GTC, instructions=SLIDING
    )
    assert rejection(at.submit(asked)).reason is RejectReason.INVALID_PARAMETERS


def test_a_replace_slides_too():
    at = venue()
    at.place("maker", SELL, 5, 102)
    bid = at.place("taker", BUY, 3, 100, instructions=SLIDING)
    at.submit(replace("taker", bid, price_ticks=110))
    assert at.bids() == [(101, 3, 1)]
    (unchanged,) = at.submit(replace("taker", bid, price_ticks=110))
    assert isinstance(unchanged, ReplaceRejected) and unchanged.reason is RejectReason.NO_CHANGE


def test_an_order_that_may_take_does_not_slide():
    at = venue()
    refused = rejection(at.submit(order("taker", BUY, 3, 100, instructions=Instructions(slide=True))))
    assert refused.reason is RejectReason.INVALID_PARAMETERS
    assert refused.detail == "an order that slides is post-only, found one that may take"


def price_of(at: Venue, order_id: int) -> int:
    record = at.exchange.order(order_id)
    assert record is not None and record.leaves_lots == record.quantity_lots
    return record.price_ticks
