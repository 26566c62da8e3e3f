"""Orders that only ever lower the position."""

import pytest

from markethall_engine.domain.commands import TrimReduceOnly
from markethall_engine.domain.events import FollowUpTaken, OrderCanceled, OrderReduced, ReplaceRejected
from markethall_engine.domain.exchange import Exchange
from markethall_engine.domain.instructions import Instructions, SelfTradePrevention
from markethall_engine.domain.reasons import CancelReason, RejectReason
from tests.core_engine.domain.builders import (
    BUY,
    IOC,
    SELL,
    SYMBOL,
    Venue,
    canceled_at_once,
    fills,
    kinds,
    order,
    rejection,
    replace,
    venue,
)

REDUCE_ONLY = Instructions(reduce_only=True)


def holding(lots: int) -> Venue:
    """A venue where `taker` has bought so many lots from `maker`, or below zero has sold them to it."""
    at = venue()
    at.place("maker", SELL if lots > 0 else BUY, abs(lots), 100)
    at.place("taker", BUY if lots > 0 else SELL, abs(lots), 100)
    assert at.exchange.position("taker", SYMBOL).quantity_lots == lots
    return at


def leaves(at: Venue, account_id: str = "taker") -> dict[int, int]:
    return {record.order_id: record.leaves_lots for record in at.exchange.live_orders(account_id)}


def reduced(order_id: int, quantity: int, leaves_lots: int, by: int, **terms) -> OrderReduced:
    standard = {"side": SELL, "price_ticks": 110, "reserved": leaves_lots, "was_resting": True}
    return OrderReduced(
        order_id,
        terms.pop("account_id", "taker"),
        SYMBOL,
        quantity_lots=quantity,
        leaves_lots=leaves_lots,
        reduced_lots=by,
        **{**standard, **terms},
    )


def ended(order_id: int, lots: int, price: int = 110, account_id: str = "taker") -> OrderCanceled:
    return OrderCanceled(
        order_id, account_id, SYMBOL, SELL, price, lots, was_resting=True, reason=CancelReason.REDUCE_ONLY
    )


@pytest.mark.parametrize(("position", "side"), [(5, SELL), (-5, BUY)])
def test_an_order_that_at_most_closes_the_position_is_let_in(position, side):
    at = holding(position)
    order_id = at.place("taker", side, 5, 110 if side is SELL else 90, instructions=REDUCE_ONLY)
    assert leaves(at) == {order_id: 5}


@pytest.mark.parametrize(
    ("position", "side", "lots", "detail"),
    [
        (5, SELL, 6, "a SELL of at most 5 reduces the position, asked 6"),
        (5, BUY, 1, "a BUY of at most 0 reduces the position, asked 1"),
        (-5, BUY, 6, "a BUY of at most 5 reduces the position, asked 6"),
    ],
)
def test_an_order_that_could_do_more_is_refused(position, side, lots, detail):
    at = holding(position)
    refused = rejection(at.submit(order("taker", side, lots, 100, instructions=REDUCE_ONLY)))
    assert (refused.reason, refused.detail) == (RejectReason.REDUCE_ONLY_WOULD_INCREASE, detail)


def test_without_a_position_there_is_nothing_to_reduce():
    refused = rejection(venue().submit(order("taker", SELL, 1, 100, instructions=REDUCE_ONLY)))
    assert refused.reason is RejectReason.REDUCE_ONLY_WOULD_INCREASE


def test_reduce_only_orders_share_the_position_and_others_do_not_count():
    at = holding(5)
    at.place("taker", SELL, 3, 110, instructions=REDUCE_ONLY)
    at.place("taker", SELL, 4, 120)
    refused = rejection(at.submit(order("taker", SELL, 3, 110, instructions=REDUCE_ONLY)))
    assert refused.detail == "a SELL of at most 2 reduces the position, asked 3"
    at.place("taker", SELL, 2, 110, instructions=REDUCE_ONLY)
    assert sum(leaves(at).values()) == 9


def test_a_market_order_may_be_reduce_only():
    at = holding(5)
    bid = at.place("maker", BUY, 9, 90)
    assert rejection(at.submit(order("taker", SELL, 6, instructions=REDUCE_ONLY)))
    events = at.submit(order("taker", SELL, 5, instructions=REDUCE_ONLY))
    assert fills(events) == [(bid, 5, 90)]
    assert at.followed == []


def test_an_ioc_order_that_is_reduce_only_leaves_nothing_behind():
    at = holding(5)
    command = order("taker", SELL, 5, 100, time_in_force=IOC, instructions=REDUCE_ONLY)
    assert at.submit(command)[-1] == canceled_at_once(
        command, at.sequence, 5, CancelReason.IMMEDIATE_REMAINDER
    )
    assert leaves(at) == {}


def test_an_order_that_shows_a_part_cannot_be_reduce_only():
    at = holding(5)
    asked = Instructions(reduce_only=True, display_lots=1)
    refused = rejection(at.submit(order("taker", SELL, 5, 110, instructions=asked)))
    assert refused.reason is RejectReason.INVALID_PARAMETERS
    order_id = at.place("taker", SELL, 5, 110, instructions=REDUCE_ONLY)
    (refusal,) = at.submit(replace("taker", order_id, display_lots=1))
    assert isinstance(refusal, ReplaceRejected) and refusal.reason is RejectReason.INVALID_PARAMETERS


def test_a_replace_may_raise_it_to_the_position_and_not_beyond():
    at = holding(5)
    order_id = at.place("taker", SELL, 3, 110, instructions=REDUCE_ONLY)
    (refusal,) = at.submit(replace("taker", order_id, quantity_lots=6))
    assert isinstance(refusal, ReplaceRejected)
    assert refusal.reason is RejectReason.REDUCE_ONLY_WOULD_INCREASE
    at.submit(replace("taker", order_id, quantity_lots=5))
    at.submit(replace("taker", order_id, price_ticks=111))
    assert leaves(at) == {order_id: 5}


def test_fills_of_its_own_leave_it_as_it_is():
    at = holding(5)
    order_id = at.place("taker", SELL, 5, 110, instructions=REDUCE_ONLY)
    events = at.submit(order("maker", BUY, 2, 110))
    assert kinds(events) == ["OrderAccepted", "TradeExecuted"]
    assert at.followed == []
    assert leaves(at) == {order_id: 3}


def test_when_the_position_falls_the_newest_are_cut_first():
    at = holding(5)
    old, new = [at.place("taker", SELL, lots, 110, instructions=REDUCE_ONLY) for lots in (3, 2)]
    at.place("maker", BUY, 3, 100)
    at.submit(order("taker", SELL, 3, 100))
    (record,) = at.followed
    assert record.command == TrimReduceOnly("taker", SYMBOL)
    assert record.events == [FollowUpTaken(), ended(new, 2), reduced(old, 2, 2, by=1)]
    assert leaves(at) == {old: 2}
    assert at.asks() == [(110, 2, 1)]


def test_what_the_position_still_bears_stays_as_it_is():
    at = holding(5)
    old, new = [at.place("taker", SELL, lots, 110, instructions=REDUCE_ONLY) for lots in (3, 2)]
    at.place("maker", BUY, 1, 100)
    at.submit(order("taker", SELL, 1, 100))
    (record,) = at.followed
    assert record.events == [FollowUpTaken(), reduced(new, 1, 1, by=1)]
    assert leaves(at) == {old: 3, new: 1}


def test_when_the_position_turns_all_of_them_end():
    at = holding(5)
    order_id = at.place("taker", SELL, 5, 110, instructions=REDUCE_ONLY)
    at.place("maker", BUY, 9, 100)
    at.submit(order("taker", SELL, 9, 100))
    (record,) = at.followed
    assert record.events == [FollowUpTaken(), ended(order_id, 5)]


def test_buys_are_cut_as_sells_are():
    at = holding(-5)
    order_id = at.place("taker", BUY, 5, 90, instructions=REDUCE_ONLY)
    at.place("maker", SELL, 3, 100)
    at.submit(order("taker", BUY, 3, 100))
    (record,) = at.followed
    assert record.events[1:] == [reduced(order_id, 2, 2, by=3, side=BUY, price_ticks=90, reserved=180)]


def test_a_maker_s_position_counts_as_a_taker_s():
    at = holding(5)
    order_id = at.place("taker", SELL, 5, 110, instructions=REDUCE_ONLY)
    at.place("taker", SELL, 1, 100)
    at.submit(order("maker", BUY, 1, 100))
    assert at.followed[0].events[1:] == [reduced(order_id, 4, 4, by=1)]


def test_a_sweep_of_many_trades_owes_one_cut():
    at = holding(5)
    order_id = at.place("taker", SELL, 5, 110, instructions=REDUCE_ONLY)
    for price in (108, 109):
        at.place("taker", SELL, 1, price)
    at.submit(order("maker", BUY, 2, 109))
    (record,) = at.followed
    assert record.events[1:] == [reduced(order_id, 3, 3, by=2)]


def test_the_orders_of_another_instrument_or_account_stay():
    at = holding(5)
    at.place("maker", BUY, 9, 90)
    bid = at.place("maker", BUY, 1, 91, instructions=REDUCE_ONLY)
    at.submit(order("taker", SELL, 1, 91))
    assert at.followed == []
    assert bid not in leaves(at, "maker")


def test_in_one_sweep_it_is_cut_before_it_would_fill_too_much():
    at = holding(5)
    ask = at.place("taker", SELL, 3, 109)
    exit_id = at.place("taker", SELL, 4, 110, instructions=REDUCE_ONLY)
    events = at.submit(order("maker", BUY, 9, 110))
    assert kinds(events) == ["OrderAccepted", "TradeExecuted", "OrderReduced", "TradeExecuted", "OrderRested"]
    assert events[2] == reduced(exit_id, 2, 2, by=2)
    assert fills(events) == [(ask, 3, 109), (exit_id, 2, 110)]
    assert at.exchange.position("taker", SYMBOL).quantity_lots == 0
    (record,) = at.followed
    assert record.events == [FollowUpTaken()]


def test_the_cut_is_for_what_is_reducible_even_where_less_is_asked():
    at = holding(5)
    at.place("taker", SELL, 3, 109)
    exit_id = at.place("taker", SELL, 4, 110, instructions=REDUCE_ONLY)
    events = at.submit(order("maker", BUY, 4, 110))
    assert events[2] == reduced(exit_id, 2, 2, by=2)
    assert leaves(at) == {exit_id: 1}


def test_in_one_sweep_it_ends_where_nothing_is_left_to_reduce_and_the_order_goes_on():
    at = holding(5)
    ask = at.place("taker", SELL, 5, 109)
    exits = [at.place("taker", SELL, lots, 110, instructions=REDUCE_ONLY) for lots in (2, 3)]
    behind = at.place("maker", SELL, 1, 111)
    events = at.submit(order("maker", BUY, 6, 111))
    assert fills(events) == [(ask, 5, 109), (behind, 1, 111)]
    assert events[2:4] == [ended(exits[0], 2), ended(exits[1], 3)]


def test_a_trade_with_itself_changes_no_position():
    at = holding(2)
    ask = at.place("taker", SELL, 2, 109)
    exit_id = at.place("taker", SELL, 2, 110, instructions=REDUCE_ONLY)
    events = at.submit(order("taker", BUY, 4, 110))
    assert fills(events) == [(ask, 2, 109), (exit_id, 2, 110)]


def test_prevention_comes_before_the_cut():
    at = holding(2)
    at.place("taker", SELL, 2, 110, instructions=REDUCE_ONLY)
    asked = Instructions(self_trade_prevention=SelfTradePrevention.CANCEL_NEWEST)
    assert kinds(at.submit(order("taker", BUY, 4, 110, instructions=asked))) == [
        "OrderAccepted",
        "TradePrevented",
        "OrderCanceled",
    ]


def test_a_restored_exchange_owes_the_cut():
    at = holding(5)
    order_id = at.place("taker", SELL, 5, 110, instructions=REDUCE_ONLY)
    at.place("maker", BUY, 3, 100)
    command = order("taker", SELL, 3, 100)
    sequence = at.sequence + 1
    for event in at.exchange.decide(command, sequence, at.time_ns):
        at.exchange.apply(event, sequence, at.time_ns)
    restored = Venue(Exchange.restore(at.exchange.snapshot()))
    assert restored.exchange.violations() == []
    (record,) = restored.settle()
    assert record.events == [FollowUpTaken(), reduced(order_id, 2, 2, by=3)]
    assert leaves(restored) == {order_id: 2}
