"""DAY and GTD orders rest like GTC orders, until their time."""

import msgspec
import pytest

from markethall_engine.domain.commands import EndAuction, ExpireOrders, PlaceOrder, same_request
from markethall_engine.domain.events import OrderCanceled
from markethall_engine.domain.exchange import Exchange
from markethall_engine.domain.instructions import Instructions
from markethall_engine.domain.order import OrderStatus, OrderType, Side, TimeInForce
from markethall_engine.domain.reasons import CancelReason, RejectReason
from tests.core_engine.domain.builders import (
    BUY,
    FIRST_TIME_NS,
    SECOND_NS,
    SELL,
    Venue,
    cancel,
    fills,
    order,
    rejection,
    replace,
    venue,
)

DAY, GTD = TimeInForce.DAY, TimeInForce.GTD
NOON = FIRST_TIME_NS + 3_600 * SECOND_NS


def ending(side: Side, lots: int, price: int, at_ns: int = NOON, **terms: object) -> PlaceOrder:
    terms = {"time_in_force": GTD, **terms}
    return order("maker", side, lots, price, instructions=Instructions(expire_time_ns=at_ns), **terms)


def place(at: Venue, command: PlaceOrder) -> int:
    at.submit(command)
    return at.sequence


@pytest.mark.parametrize("time_in_force", [DAY, GTD])
def test_such_an_order_rests_and_trades_like_any_other(time_in_force: TimeInForce) -> None:
    at = venue()
    order_id = place(at, ending(BUY, 5, 100, time_in_force=time_in_force))
    assert at.bids() == [(100, 5, 1)]
    assert fills(at.submit(order("taker", SELL, 2, 100))) == [(order_id, 2, 100)]


def test_nothing_ends_before_its_time() -> None:
    at = venue()
    place(at, ending(BUY, 5, 100))
    assert at.exchange.next_timer_ns() == NOON
    assert at.exchange.next_command(NOON - 1) is None
    assert at.exchange.next_command(NOON) == ExpireOrders(NOON)


def test_orders_end_by_time_and_then_by_age() -> None:
    at = venue()
    late = place(at, ending(BUY, 1, 100, NOON + 1))
    first = place(at, ending(SELL, 2, 110))
    second = place(at, ending(BUY, 3, 99))
    staying = place(at, ending(BUY, 3, 98, NOON + 2))
    (record,) = at.pass_time(NOON + 1 - at.time_ns)
    assert record.command == ExpireOrders(NOON + 1)
    canceled = [event for event in record.events if isinstance(event, OrderCanceled)]
    assert [(event.order_id, event.canceled_lots) for event in canceled] == [
        (first, 2),
        (second, 3),
        (late, 1),
    ]
    assert {event.reason for event in canceled} == {CancelReason.EXPIRED}
    assert len(canceled) == len(record.events)
    assert at.exchange.next_timer_ns() == NOON + 2
    assert [live.order_id for live in at.exchange.live_orders("maker")] == [staying]


def test_an_order_whose_time_ended_is_expired_and_holds_nothing_back() -> None:
    at = venue()
    order_id = place(at, ending(BUY, 5, 100))
    at.submit(order("taker", SELL, 2, 100))
    at.pass_time(NOON - at.time_ns)
    ended = at.exchange.order(order_id)
    assert ended is not None
    assert (ended.status, ended.filled_lots, ended.canceled_lots) == (OrderStatus.EXPIRED, 2, 3)
    assert at.reserved("maker", "USD") == 0


def test_what_ended_before_its_time_is_forgotten() -> None:
    at = venue()
    canceled, filled, kept = (place(at, ending(SELL, 1, 100 + n)) for n in range(3))
    at.submit(cancel("maker", canceled))
    assert fills(at.submit(order("taker", BUY, 1, 101))) == [(filled, 1, 101)]
    (record,) = at.pass_time(NOON - at.time_ns)
    assert [event.order_id for event in record.events if isinstance(event, OrderCanceled)] == [kept]
    assert at.exchange.next_timer_ns() is None


def test_a_replaced_order_keeps_its_time() -> None:
    at = venue()
    order_id = place(at, ending(SELL, 5, 100))
    at.submit(replace("maker", order_id, price_ticks=105))
    (record,) = at.pass_time(NOON - at.time_ns)
    assert [event.order_id for event in record.events if isinstance(event, OrderCanceled)] == [order_id]


def test_times_survive_a_snapshot() -> None:
    at = venue()
    place(at, ending(SELL, 5, 100, NOON + 5))
    place(at, ending(SELL, 5, 100))
    restored = Exchange.restore(at.exchange.snapshot())
    assert restored.next_timer_ns() == NOON
    events = restored.decide(ExpireOrders(NOON + 5), at.sequence + 1, NOON + 5)
    assert events == at.exchange.decide(ExpireOrders(NOON + 5), at.sequence + 1, NOON + 5)


@pytest.mark.parametrize(
    ("time_in_force", "expire_time_ns", "problem"),
    [
        (GTD, 0, "ends after now"),
        (DAY, 0, "ends after now"),
        (GTD, 2**63, "ends after now"),
        (TimeInForce.GTC, NOON, "only a DAY or GTD order ends"),
        (TimeInForce.IOC, NOON, "only a DAY or GTD order ends"),
    ],
)
def test_only_such_an_order_has_a_time_and_it_must_have_one(
    time_in_force: TimeInForce, expire_time_ns: int, problem: str
) -> None:
    refused = rejection(venue().submit(ending(BUY, 5, 100, expire_time_ns, time_in_force=time_in_force)))
    assert refused.reason is RejectReason.INVALID_PARAMETERS
    assert problem in refused.detail


def test_a_time_that_has_come_is_refused() -> None:
    at = venue()
    now_ns = at.time_ns + SECOND_NS
    assert rejection(at.submit(ending(BUY, 5, 100, now_ns))).reason is RejectReason.INVALID_PARAMETERS
    place(at, ending(BUY, 5, 100, now_ns + SECOND_NS + 1))
    assert at.bids() == [(100, 5, 1)]


@pytest.mark.parametrize("time_in_force", [DAY, GTD])
def test_without_instructions_such_an_order_has_no_time(time_in_force: TimeInForce) -> None:
    refused = rejection(venue().submit(order("maker", BUY, 5, 100, time_in_force=time_in_force)))
    assert refused.reason is RejectReason.INVALID_PARAMETERS


def test_a_market_order_cannot_wait_for_a_time() -> None:
    command = ending(BUY, 5, 0, order_type=OrderType.MARKET)
    assert "found GTD" in rejection(venue().submit(command)).detail


def test_a_day_order_sent_again_on_another_day_is_the_same_request_and_a_gtd_order_is_not() -> None:
    for time_in_force, is_same in ((DAY, True), (GTD, False)):
        one = ending(BUY, 5, 100, NOON, time_in_force=time_in_force)
        other = ending(BUY, 5, 100, NOON + 1, time_in_force=time_in_force)
        assert same_request(one, other) is is_same
        assert not same_request(one, msgspec.structs.replace(other, quantity_lots=6))


@pytest.mark.parametrize(("order_ends", "first"), [(0, ExpireOrders), (SECOND_NS, EndAuction)])
def test_the_earliest_timer_is_first_and_at_one_time_orders_end_before_an_auction(
    order_ends: int, first: type
) -> None:
    at = venue()
    place(at, ending(BUY, 5, 100, NOON + order_ends))
    assert at.exchange.next_timer_ns() == NOON + order_ends
    at.exchange._state.auction_ends_ns["GOLD-USD"] = NOON
    assert at.exchange.next_timer_ns() == NOON
    assert isinstance(at.exchange.next_command(NOON + SECOND_NS), first)
    at.exchange._state.auction_ends_ns.clear()
