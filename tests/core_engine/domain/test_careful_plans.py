"""What a plan remembers on its way through the book, told by the events that come of it."""

import pytest

from markethall_engine.domain.events import OrderCanceled, OrderReduced
from markethall_engine.domain.instructions import Instructions, SelfTradePrevention
from markethall_engine.domain.matching import plan_past
from markethall_engine.domain.order import Side
from markethall_engine.domain.reasons import CancelReason
from tests.core_engine.domain.builders import BUY, SELL, SYMBOL, Venue, fills, kinds, order, venue

REDUCE_ONLY = Instructions(reduce_only=True)
SIDES = pytest.mark.parametrize("side", [SELL, BUY], ids=["long", "short"])


def opposite(side: Side) -> Side:
    return BUY if side is SELL else SELL


def holding(lots: int, reducing: Side) -> Venue:
    """The maker has a position of so many lots that orders of `reducing` reduce."""
    at = venue("maker", "taker", "other")
    at.place("taker", reducing, lots, 100)
    at.place("maker", opposite(reducing), lots, 100)
    return at


def away(side: Side, ticks: int) -> int:
    """A price so far from 100 that a sweep against `side` meets it later."""
    return 100 + ticks if side is SELL else 100 - ticks


@SIDES
def test_a_reduce_only_order_of_exactly_the_position_fills_whole_and_uncut(side):
    at = holding(2, side)
    exit_id = at.place("maker", side, 2, 100, instructions=REDUCE_ONLY)
    events = at.submit(order("taker", opposite(side), 2, 100))
    assert kinds(events) == ["OrderAccepted", "TradeExecuted"]
    assert fills(events) == [(exit_id, 2, 100)]


@SIDES
def test_a_sweep_counts_each_fill_once_towards_what_is_left_to_reduce(side):
    """Of 5 lots the first order takes 1, and the two that only reduce have 2 each: all can fill."""
    at = holding(5, side)
    ids = [
        at.place("maker", side, 1, away(side, 0)),
        at.place("maker", side, 2, away(side, 1), instructions=REDUCE_ONLY),
        at.place("maker", side, 2, away(side, 2), instructions=REDUCE_ONLY),
    ]
    events = at.submit(order("taker", opposite(side), 5, away(side, 2)))
    assert [(order_id, lots) for order_id, lots, _ in fills(events)] == list(zip(ids, (1, 2, 2), strict=True))


@SIDES
def test_a_sweep_counts_all_fills_of_an_account_towards_what_is_left_to_reduce(side):
    """Of 4 lots the first two orders take 3, so that the last one, which had 2, is cut to 1."""
    at = holding(4, side)
    ids = [
        at.place("maker", side, 1, away(side, 0)),
        at.place("maker", side, 2, away(side, 1), instructions=REDUCE_ONLY),
        at.place("maker", side, 2, away(side, 2), instructions=REDUCE_ONLY),
    ]
    events = at.submit(order("taker", opposite(side), 9, away(side, 2)))
    assert [(order_id, lots) for order_id, lots, _ in fills(events)] == list(zip(ids, (1, 2, 1), strict=True))
    [cut] = [event for event in events if isinstance(event, OrderReduced)]
    assert (cut.order_id, cut.reduced_lots) == (ids[2], 1)


def test_an_order_that_its_group_ended_is_passed_over_and_the_next_one_is_met():
    at = venue("maker", "taker", "other")
    group = Instructions(order_group_id="exits")
    first = at.place("maker", SELL, 1, 100, instructions=group)
    at.place("maker", SELL, 1, 101, instructions=group)
    behind = at.place("other", SELL, 1, 101)
    assert fills(at.submit(order("taker", BUY, 2, 101))) == [(first, 1, 100), (behind, 1, 101)]


def test_an_order_that_self_trade_prevention_ended_is_not_ended_by_its_group_again():
    at = venue("maker", "taker")
    own = at.place("taker", SELL, 10, 100, instructions=Instructions(order_group_id="exits"))
    other = at.place("maker", SELL, 5, 100)
    oldest = Instructions(self_trade_prevention=SelfTradePrevention.CANCEL_OLDEST, order_group_id="exits")
    events = at.submit(order("taker", BUY, 5, 100, instructions=oldest))
    assert fills(events) == [(other, 5, 100)]
    assert [event.order_id for event in events if isinstance(event, OrderCanceled)] == [own]


def test_an_order_that_can_reduce_no_more_is_not_ended_by_its_group_again():
    at = holding(2, SELL)
    plain = at.place("maker", SELL, 2, 100)
    spent = at.place("maker", SELL, 2, 101, instructions=Instructions(reduce_only=True, order_group_id="g"))
    last = at.place("maker", SELL, 1, 102, instructions=Instructions(order_group_id="g"))
    events = at.submit(order("taker", BUY, 3, 102))
    assert fills(events) == [(plain, 2, 100), (last, 1, 102)]
    ended = [(event.order_id, event.reason) for event in events if isinstance(event, OrderCanceled)]
    assert ended == [(spent, CancelReason.REDUCE_ONLY)]


def test_an_order_of_no_group_ends_no_group_of_its_account():
    at = holding(1, SELL)
    at.place("maker", SELL, 1, 101, instructions=REDUCE_ONLY)
    waiting = at.place("taker", BUY, 1, 50, instructions=Instructions(order_group_id="XXXX"))
    assert kinds(at.submit(order("taker", BUY, 1, 101))) == ["OrderAccepted", "TradeExecuted"]
    assert [record.order_id for record in at.exchange.live_orders("taker")] == [waiting]


def test_a_plan_past_orders_that_end_meets_the_others_to_the_last_lot():
    at = holding(3, SELL)
    ends = at.place("other", SELL, 4, 100)
    ids = [
        at.place("other", SELL, 2, 100),
        at.place("maker", SELL, 1, 101, instructions=REDUCE_ONLY),
    ]
    state = at.exchange._state
    matches = plan_past(state.markets[SYMBOL].book.asks, 3, state.accounts["taker"], {ends})
    assert [(match.maker.order_id, match.quantity_lots) for match in matches] == [(ids[0], 2), (ids[1], 1)]
