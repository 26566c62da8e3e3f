"""An order that must not take: it rests at once or is refused."""

import pytest

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
    accepted,
    fills,
    order,
    rejection,
    replace,
    rested,
    venue,
)

POST_ONLY = Instructions(post_only=True)


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
