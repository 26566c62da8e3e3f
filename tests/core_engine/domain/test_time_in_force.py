"""IOC, FOK and market orders."""

from markethall_engine.domain.reasons import CancelReason, RejectReason
from tests.core_engine.domain.builders import (
    BUY,
    FOK,
    GTC,
    IOC,
    MARKET,
    SELL,
    accepted,
    canceled_at_once,
    fills,
    kinds,
    order,
    rejection,
    venue,
)


def test_an_ioc_remainder_is_canceled_not_rested():
    at = venue()
    ask_id = at.place("maker", SELL, 4, 100)
    bid = order("taker", BUY, 10, 100, time_in_force=IOC)
    events = at.submit(bid)
    assert fills(events) == [(ask_id, 4, 100)]
    assert events[-1] == canceled_at_once(bid, at.sequence, 6, CancelReason.IMMEDIATE_REMAINDER)
    assert at.bids() == []
    assert at.reserved("taker", "USD") == 0


def test_an_ioc_order_that_reaches_nothing_is_canceled_whole():
    at = venue()
    bid = order("taker", BUY, 10, 100, time_in_force=IOC)
    assert at.submit(bid) == [
        accepted(bid, at.sequence, reserved=1_000),
        canceled_at_once(bid, at.sequence, 10, CancelReason.IMMEDIATE_REMAINDER),
    ]


def test_an_fok_order_fills_whole_over_several_levels():
    at = venue()
    near, far = at.place("maker", SELL, 4, 100), at.place("maker", SELL, 6, 101)
    events = at.submit(order("taker", BUY, 10, 101, time_in_force=FOK))
    assert fills(events) == [(near, 4, 100), (far, 6, 101)]
    assert kinds(events) == ["OrderAccepted", "TradeExecuted", "TradeExecuted"]


def test_an_fok_order_that_cannot_fill_whole_trades_nothing():
    at = venue()
    at.place("maker", SELL, 4, 100)
    at.place("maker", SELL, 6, 102)
    bid = order("taker", BUY, 10, 101, time_in_force=FOK)
    assert at.submit(bid) == [
        accepted(bid, at.sequence, reserved=1_010),
        canceled_at_once(bid, at.sequence, 10, CancelReason.FILL_OR_KILL),
    ]
    assert at.asks() == [(100, 4, 1), (102, 6, 1)]


def test_a_market_order_takes_any_price_and_its_remainder_is_canceled():
    at = venue()
    near, far = at.place("maker", SELL, 4, 100), at.place("maker", SELL, 6, 900)
    bid = order("taker", BUY, 11)
    events = at.submit(bid)
    assert events[0] == accepted(bid, at.sequence, reserved=4 * 100 + 6 * 900)
    assert fills(events) == [(near, 4, 100), (far, 6, 900)]
    assert events[-1] == canceled_at_once(bid, at.sequence, 1, CancelReason.NO_LIQUIDITY)


def test_a_market_order_against_an_empty_side_is_rejected():
    at = venue()
    at.place("maker", BUY, 4, 100)
    refused = rejection(at.submit(order("taker", BUY, 1)))
    assert (refused.reason, refused.detail) == (RejectReason.NO_LIQUIDITY, "there are no asks")


def test_a_market_fok_order_fills_whole_or_not_at_all():
    at = venue()
    bid_id = at.place("maker", BUY, 4, 100)
    too_much = order("taker", SELL, 5, time_in_force=FOK)
    assert at.submit(too_much) == [
        accepted(too_much, at.sequence, reserved=0),
        canceled_at_once(too_much, at.sequence, 5, CancelReason.FILL_OR_KILL),
    ]
    assert fills(at.submit(order("taker", SELL, 4, time_in_force=FOK))) == [(bid_id, 4, 100)]


def test_a_market_order_cannot_wait():
    at = venue()
    at.place("maker", SELL, 4, 100)
    refused = rejection(at.submit(order("taker", BUY, 1, time_in_force=GTC)))
    assert (refused.reason, refused.detail) == (
        RejectReason.INVALID_PARAMETERS,
        "a market order is IOC or FOK, found GTC",
    )


def test_a_market_order_has_no_price():
    at = venue()
    refused = rejection(at.submit(order("taker", BUY, 1, 100, order_type=MARKET, time_in_force=IOC)))
    assert (refused.reason, refused.detail) == (
        RejectReason.INVALID_PARAMETERS,
        "a market order has no price, found 100 ticks",
    )
