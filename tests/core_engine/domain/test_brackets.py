"""Brackets: exits that are placed when the order that opens a position has ended."""

import pytest

from markethall_engine.domain.commands import ExitLeg, PlaceExit, UpdateInstrument, Withdraw
from markethall_engine.domain.events import FollowUpTaken, OrderCanceled, OrderRejected, ReplaceRejected
from markethall_engine.domain.exchange import Exchange
from markethall_engine.domain.instructions import Instructions, SelfTradePrevention
from markethall_engine.domain.instrument import Step
from markethall_engine.domain.order import OrderStatus, OrderType
from markethall_engine.domain.reasons import CancelReason, RejectReason
from tests.core_engine.domain.builders import (
    BUY,
    IOC,
    SELL,
    SYMBOL,
    Venue,
    accepted,
    cancel,
    fills,
    kinds,
    order,
    rejection,
    replace,
    rested,
    venue,
)

PROFIT = Instructions(take_profit_ticks=120)


def exits(at: Venue) -> list[tuple[int, int, int, int]]:
    """Parent, side, quantity and price of each exit that `taker` has in the book."""
    return [
        (record.instructions.parent_order_id, record.side, record.leaves_lots, record.price_ticks)
        for record in at.exchange.live_orders("taker")
        if record.instructions is not None and record.instructions.parent_order_id
    ]


def test_an_order_that_filled_whole_is_followed_by_its_exit():
    at = venue()
    at.place("maker", SELL, 5, 100)
    rule = SelfTradePrevention.CANCEL_OLDEST
    asked = Instructions(take_profit_ticks=120, self_trade_prevention=rule)
    entry = at.place("taker", BUY, 5, 100, instructions=asked)
    (record,) = at.followed
    assert record.command == PlaceExit(entry, ExitLeg.TAKE_PROFIT)
    placed = order(
        "taker", SELL, 5, 120, instructions=Instructions(self_trade_prevention=rule, parent_order_id=entry)
    )
    assert record.events == [
        FollowUpTaken(),
        accepted(placed, record.sequence, reserved=5),
        rested(placed, record.sequence, 5),
    ]
    assert at.exchange.order(record.sequence).client_order_id == ""


def test_a_sold_position_is_left_by_a_buy():
    at = venue()
    at.place("maker", BUY, 5, 100)
    entry = at.place("taker", SELL, 5, instructions=Instructions(take_profit_ticks=80))
    assert exits(at) == [(entry, BUY, 5, 80)]


def test_the_exit_of_a_resting_order_waits_for_its_end():
    at = venue()
    entry = at.place("taker", BUY, 5, 100, instructions=PROFIT)
    at.place("maker", SELL, 2, 100)
    assert exits(at) == []
    at.place("maker", SELL, 3, 100)
    assert exits(at) == [(entry, SELL, 5, 120)]


def test_an_order_that_ends_filled_in_part_is_left_by_that_much():
    at = venue()
    entry = at.place("taker", BUY, 5, 100, instructions=PROFIT)
    at.place("maker", SELL, 2, 100)
    at.submit(cancel("taker", entry))
    assert exits(at) == [(entry, SELL, 2, 120)]
    at.place("maker", SELL, 1, 100)
    ioc = at.place("taker", BUY, 5, 100, time_in_force=IOC, instructions=PROFIT)
    assert exits(at)[1:] == [(ioc, SELL, 1, 120)]


def test_both_exits_are_owed_the_take_profit_first():
    at = venue()
    at.place("maker", SELL, 5, 100)
    asked = Instructions(take_profit_ticks=120, stop_loss_ticks=80)
    entry = at.sequence + 1
    for event in at.exchange.decide(order("taker", BUY, 5, 100, instructions=asked), entry, at.time_ns):
        at.exchange.apply(event, entry, at.time_ns)
    profit = at.exchange.next_command(at.time_ns)
    assert profit == PlaceExit(entry, ExitLeg.TAKE_PROFIT)
    restored = Exchange.restore(at.exchange.snapshot())
    events = restored.decide(profit, entry + 1, at.time_ns)
    assert events[1].instructions == Instructions(order_group_id=f"bracket-{entry}", parent_order_id=entry)
    for event in events:
        restored.apply(event, entry + 1, at.time_ns)
    assert restored.next_command(at.time_ns) == PlaceExit(entry, ExitLeg.STOP_LOSS)


def test_an_order_that_ends_unfilled_has_no_exit():
    at = venue()
    entry = at.place("taker", BUY, 5, 100, instructions=PROFIT)
    at.submit(cancel("taker", entry))
    assert at.followed == []


def test_an_exit_is_refused_as_any_order_is():
    at = venue(min_quantity_lots=3)
    at.place("maker", SELL, 4, 100)
    at.place("taker", BUY, 3, 100)
    entry = at.place("taker", BUY, 5, 100, time_in_force=IOC, instructions=PROFIT)
    taken, refused = at.followed[0].events
    assert taken == FollowUpTaken()
    assert isinstance(refused, OrderRejected) and refused.reason is RejectReason.QUANTITY_TOO_LOW
    record = at.exchange.order(at.sequence)
    assert record is not None and record.instructions is not None
    assert (record.instructions.parent_order_id, record.quantity_lots) == (entry, 1)


def test_a_change_of_the_tick_size_that_ends_an_order_leaves_its_exit_at_its_price():
    at = venue()
    entries = [at.place("taker", BUY, 2, 101, instructions=Instructions(take_profit_ticks=120))]
    entries.append(at.place("taker", BUY, 3, 101, instructions=Instructions(take_profit_ticks=121)))
    at.place("maker", SELL, 1, 101)
    at.submit(replace("taker", entries[0], price_ticks=99))
    at.place("maker", SELL, 1, 101)
    at.submit(UpdateInstrument(SYMBOL, 1, tick_size=Step(2, 2)))
    assert exits(at) == [(entries[0], SELL, 1, 60)]
    refused = at.followed[1].events[1]
    assert isinstance(refused, OrderRejected) and refused.reason is RejectReason.INSTRUMENT_CHANGED


def bought_with_both(**asked: int) -> tuple[Venue, int, int, int]:
    """A venue where `taker` has bought 5 at 100, with its entry, take profit and stop loss."""
    at = venue("maker", "taker", "other")
    at.place("maker", SELL, 5, 100)
    instructions = Instructions(take_profit_ticks=120, stop_loss_ticks=80, **asked)
    entry = at.place("taker", BUY, 5, 100, instructions=instructions)
    legs = [record.command for record in at.followed]
    assert legs == [PlaceExit(entry, ExitLeg.TAKE_PROFIT), PlaceExit(entry, ExitLeg.STOP_LOSS)]
    return at, entry, entry + 1, entry + 2


def test_the_stop_loss_waits_beside_the_take_profit_and_holds_nothing_back():
    at, entry, _, stop = bought_with_both()
    record = at.exchange.order(stop)
    assert record is not None
    assert (record.order_type, record.status, record.side) == (
        OrderType.STOP,
        OrderStatus.PENDING_TRIGGER,
        SELL,
    )
    assert record.instructions == Instructions(
        stop_price_ticks=80, order_group_id=f"bracket-{entry}", parent_order_id=entry
    )
    assert at.reserved("taker", "GOLD") == 5


def test_the_stop_loss_may_have_a_limit():
    at, _, _, stop = bought_with_both(stop_loss_limit_ticks=79)
    record = at.exchange.order(stop)
    assert record is not None
    assert (record.order_type, record.price_ticks) == (OrderType.STOP_LIMIT, 79)


def test_the_take_profit_cancels_the_stop_loss():
    at, _, profit, stop = bought_with_both()
    events = at.submit(order("maker", BUY, 2, 120))
    assert fills(events) == [(profit, 2, 120)]
    assert [
        (event.order_id, event.was_resting, event.reason)
        for event in events
        if isinstance(event, OrderCanceled)
    ] == [(stop, False, CancelReason.ORDER_GROUP)]
    assert [record.order_id for record in at.exchange.live_orders("taker")] == [profit]


def test_the_stop_loss_cancels_the_take_profit_and_sells_what_that_held_back():
    at, _, profit, stop = bought_with_both()
    at.submit(Withdraw("taker", "GOLD", at.available("taker", "GOLD")))
    bid = at.place("maker", BUY, 6, 80)
    at.place("other", SELL, 1, 80)
    canceled, released = at.followed
    assert [event.order_id for event in canceled.events] == [profit]
    assert kinds(released.events)[:2] == ["FollowUpTaken", "OrderTriggered"]
    assert fills(released.events) == [(bid, 5, 80)]
    filled = at.exchange.order(stop)
    assert filled is not None and filled.status is OrderStatus.FILLED
    assert at.exchange.position("taker", SYMBOL).quantity_lots == 0


def test_a_stop_loss_alone_is_in_no_group():
    at = venue()
    at.place("maker", SELL, 5, 100)
    at.place("taker", BUY, 5, 100, instructions=Instructions(stop_loss_ticks=80))
    (exit_order,) = at.exchange.live_orders("taker")
    assert exit_order.instructions is not None and exit_order.instructions.order_group_id == ""


@pytest.mark.parametrize(
    ("side", "price", "asked", "detail"),
    [
        (
            BUY,
            100,
            {"take_profit_ticks": 100},
            "of a BUY the stop loss, the limit and the take profit must rise, found 0, 100, 100 ticks",
        ),
        (
            BUY,
            100,
            {"stop_loss_ticks": 100},
            "of a BUY the stop loss, the limit and the take profit must rise, found 100, 100, 0 ticks",
        ),
        (
            BUY,
            0,
            {"take_profit_ticks": 90, "stop_loss_ticks": 95},
            "of a BUY the stop loss, the limit and the take profit must rise, found 95, 0, 90 ticks",
        ),
        (
            SELL,
            100,
            {"take_profit_ticks": 101},
            "of a SELL the stop loss, the limit and the take profit must fall, found 0, 100, 101 ticks",
        ),
        (
            SELL,
            100,
            {"take_profit_ticks": -1},
            "of a SELL the stop loss, the limit and the take profit must fall, found 0, 100, -1 ticks",
        ),
        (
            BUY,
            100,
            {"take_profit_ticks": 120, "stop_loss_limit_ticks": 80},
            "the limit of a stop loss needs its stop price, found none",
        ),
        (
            BUY,
            100,
            {"take_profit_ticks": 120, "reduce_only": True},
            "an order with a bracket opens a position, found one that leaves it",
        ),
        (
            BUY,
            100,
            {"take_profit_ticks": 120, "parent_order_id": 1},
            "an order with a bracket opens a position, found one that leaves it",
        ),
    ],
)
def test_a_bracket_that_makes_no_sense_is_refused(side, price, asked, detail):
    at = venue()
    at.place("maker", SELL if side is BUY else BUY, 5, 100)
    refused = rejection(at.submit(order("taker", side, 5, price, instructions=Instructions(**asked))))
    assert (refused.reason, refused.detail) == (RejectReason.INVALID_PARAMETERS, detail)


def test_a_replace_keeps_the_limit_between_the_exits():
    at = venue()
    entry = at.place("taker", BUY, 5, 100, instructions=PROFIT)
    (refused,) = at.submit(replace("taker", entry, price_ticks=120))
    assert isinstance(refused, ReplaceRejected) and refused.reason is RejectReason.INVALID_PARAMETERS
    at.submit(replace("taker", entry, price_ticks=119))
    assert at.bids() == [(119, 5, 1)]
