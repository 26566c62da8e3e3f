"""Price-time priority, and what an incoming order does to the book."""

from markethall_engine.domain.events import TradeExecuted
from tests.core_engine.domain.builders import BUY, SELL, SYMBOL, accepted, fills, order, rested, venue


def test_an_order_that_reaches_nothing_rests():
    at = venue()
    bid = order("maker", BUY, 10, 100)
    events = at.submit(bid)
    assert events == [accepted(bid, at.sequence, reserved=1_000), rested(bid, at.sequence, 10)]
    assert at.bids() == [(100, 10, 1)]


def test_a_trade_is_at_the_resting_order_s_price():
    at = venue()
    ask_id = at.place("maker", SELL, 10, 100)
    bid = order("taker", BUY, 10, 105)
    events = at.submit(bid)
    assert events == [
        accepted(bid, at.sequence, reserved=1_050),
        TradeExecuted(
            trade_id=1,
            symbol=SYMBOL,
            price_ticks=100,
            quantity_lots=10,
            notional=1_000,
            taker_side=BUY,
            maker_order_id=ask_id,
            maker_account_id="maker",
            maker_fee=0,
            maker_leaves_lots=0,
            maker_reserved=0,
            taker_order_id=at.sequence,
            taker_account_id="taker",
            taker_fee=0,
            taker_leaves_lots=0,
            taker_reserved=0,
        ),
    ]
    assert at.asks() == at.bids() == []


def test_a_better_price_goes_first_on_both_sides():
    at = venue()
    worse, better = at.place("maker", SELL, 5, 102), at.place("maker", SELL, 5, 101)
    assert fills(at.submit(order("taker", BUY, 10, 102))) == [(better, 5, 101), (worse, 5, 102)]
    worse, better = at.place("maker", BUY, 5, 98), at.place("maker", BUY, 5, 99)
    assert fills(at.submit(order("taker", SELL, 10, 98))) == [(better, 5, 99), (worse, 5, 98)]


def test_at_one_price_the_earlier_order_goes_first():
    at = venue()
    first, second, third = (at.place("maker", SELL, 5, 100) for _ in range(3))
    assert fills(at.submit(order("taker", BUY, 12, 100))) == [
        (first, 5, 100),
        (second, 5, 100),
        (third, 2, 100),
    ]
    assert at.asks() == [(100, 3, 1)]


def test_a_partly_filled_resting_order_keeps_its_place():
    at = venue()
    first, second = at.place("maker", SELL, 5, 100), at.place("maker", SELL, 5, 100)
    at.place("taker", BUY, 2, 100)
    assert fills(at.submit(order("taker", BUY, 4, 100))) == [(first, 3, 100), (second, 1, 100)]


def test_what_an_incoming_limit_order_cannot_fill_rests_at_its_limit():
    at = venue()
    at.place("maker", SELL, 4, 100)
    bid = order("taker", BUY, 10, 101)
    events = at.submit(bid)
    assert events[-1] == rested(bid, at.sequence, 6)
    assert at.bids() == [(101, 6, 1)]
    assert at.asks() == []


def test_an_incoming_order_stops_at_its_limit():
    at = venue()
    near = at.place("maker", SELL, 4, 100)
    at.place("maker", SELL, 4, 102)
    assert fills(at.submit(order("taker", BUY, 10, 101))) == [(near, 4, 100)]
    assert at.asks() == [(102, 4, 1)]


def test_an_order_may_trade_with_its_own_account():
    at = venue("alone")
    ask_id = at.place("alone", SELL, 5, 100)
    assert fills(at.submit(order("alone", BUY, 5, 100))) == [(ask_id, 5, 100)]
    assert at.available("alone", "USD") == at.available("alone", "GOLD") == 1_000_000


def test_trade_ids_rise_by_one_over_all_orders():
    at = venue()
    for _ in range(3):
        at.place("maker", SELL, 1, 100)
    first = at.submit(order("taker", BUY, 2, 100))
    second = at.submit(order("taker", BUY, 1, 100))
    trades = [event.trade_id for event in [*first, *second] if isinstance(event, TradeExecuted)]
    assert trades == [1, 2, 3]
    assert at.exchange.trade_count == 3
