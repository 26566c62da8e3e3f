"""One cancels the other: the first fill of an order of a group ends the others."""

import pytest

from markethall_engine.domain.events import OrderCanceled, OrderRefreshed, TradeExecuted
from markethall_engine.domain.exchange import Exchange
from markethall_engine.domain.instructions import Instructions, SelfTradePrevention
from markethall_engine.domain.reasons import CancelReason, RejectReason
from tests.core_engine.domain.builders import (
    BUY,
    FOK,
    IOC,
    SELL,
    SYMBOL,
    Venue,
    cancel,
    canceled_at_once,
    create_instrument,
    fills,
    kinds,
    order,
    rejection,
    replace,
    venue,
)

GROUP = Instructions(order_group_id="exits")


def ended(order_id: int, account_id: str, side, price: int, lots: int, **terms) -> OrderCanceled:
    return OrderCanceled(
        order_id,
        account_id,
        terms.pop("symbol", SYMBOL),
        side,
        price,
        lots,
        was_resting=True,
        reason=CancelReason.ORDER_GROUP,
        **terms,
    )


def live_ids(at: Venue, account_id: str) -> list[int]:
    return [record.order_id for record in at.exchange.live_orders(account_id)]


def test_any_fill_of_an_order_cancels_the_others_of_its_group_oldest_first():
    at = venue()
    bid = at.place("maker", BUY, 4, 90, instructions=GROUP)
    ask = at.place("maker", SELL, 5, 100, instructions=GROUP)
    far = at.place("maker", SELL, 6, 120, instructions=GROUP)
    events = at.submit(order("taker", BUY, 2, 100))
    assert kinds(events)[:2] == ["OrderAccepted", "TradeExecuted"]
    assert events[2:] == [ended(bid, "maker", BUY, 90, 4), ended(far, "maker", SELL, 120, 6)]
    assert live_ids(at, "maker") == [ask]
    assert (at.bids(), at.asks()) == ([], [(100, 3, 1)])
    assert at.reserved("maker", "USD") == 0


def test_the_orders_of_a_group_may_be_of_several_instruments():
    at = venue()
    at.submit(create_instrument(symbol="GOLD-2"))
    other = at.place("maker", BUY, 4, 90, symbol="GOLD-2", instructions=GROUP)
    at.place("maker", SELL, 5, 100, instructions=GROUP)
    events = at.submit(order("taker", BUY, 5, 100))
    assert events[2:] == [ended(other, "maker", BUY, 90, 4, symbol="GOLD-2")]
    assert at.exchange.best_bid("GOLD-2") is None


def test_an_incoming_order_ends_the_others_before_it_goes_on():
    at = venue()
    bid = at.place("taker", BUY, 4, 90, instructions=GROUP)
    asks = [at.place("maker", SELL, 1, price) for price in (100, 101)]
    events = at.submit(order("taker", BUY, 3, 101, instructions=GROUP))
    assert kinds(events) == [
        "OrderAccepted",
        "TradeExecuted",
        "OrderCanceled",
        "TradeExecuted",
        "OrderRested",
    ]
    assert events[2] == ended(bid, "taker", BUY, 90, 4)
    assert [maker for maker, *_ in fills(events)] == asks
    assert at.bids() == [(101, 1, 1)]


def test_an_order_that_ended_by_its_group_is_not_met_further_on():
    at = venue()
    first = at.place("maker", SELL, 2, 100, instructions=GROUP)
    second = at.place("maker", SELL, 2, 100, instructions=GROUP)
    behind = at.place("taker", SELL, 2, 101)
    worse = at.place("maker", SELL, 2, 102, instructions=GROUP)
    events = at.submit(order("taker", BUY, 6, 102))
    assert fills(events) == [(first, 2, 100), (behind, 2, 101)]
    assert [event.order_id for event in events if isinstance(event, OrderCanceled)] == [second, worse]
    assert at.bids() == [(102, 2, 1)]


@pytest.mark.parametrize(
    ("terms", "reason"),
    [
        ({"time_in_force": FOK}, CancelReason.FILL_OR_KILL),
        ({"instructions": Instructions(min_quantity_lots=3)}, CancelReason.MIN_QUANTITY),
    ],
)
def test_what_would_end_by_its_group_fills_no_minimum(terms, reason):
    at = venue()
    asks = [at.place("maker", SELL, 2, 100, instructions=GROUP) for _ in range(2)]
    command = order("taker", BUY, 4, 100, **terms)
    assert at.submit(command)[1:] == [canceled_at_once(command, at.sequence, 4, reason)]
    assert live_ids(at, "maker") == asks


def test_an_order_that_ends_without_a_fill_leaves_the_others():
    at = venue()
    one, other = [at.place("maker", SELL, 2, 100, instructions=GROUP) for _ in range(2)]
    at.submit(cancel("maker", one))
    command = order("taker", SELL, 2, 100, time_in_force=IOC, instructions=GROUP)
    at.submit(command)
    assert live_ids(at, "maker") == [other]


def test_groups_of_two_accounts_have_nothing_to_do_with_each_other():
    at = venue()
    at.place("maker", BUY, 2, 90, instructions=GROUP)
    takers = at.place("taker", BUY, 2, 91, instructions=GROUP)
    ask = at.place("maker", SELL, 5, 100, instructions=GROUP)
    assert kinds(at.submit(order("taker", BUY, 1, 100)))[1:] == ["TradeExecuted", "OrderCanceled"]
    assert live_ids(at, "maker") == [ask]
    assert live_ids(at, "taker") == [takers]


def test_of_a_trade_both_groups_end_the_maker_s_first():
    at = venue()
    takers = at.place("taker", BUY, 2, 91, instructions=GROUP)
    makers = at.place("maker", BUY, 2, 90, instructions=GROUP)
    at.place("maker", SELL, 5, 100, instructions=GROUP)
    events = at.submit(order("taker", BUY, 5, 100, instructions=GROUP))
    assert events[2:] == [ended(makers, "maker", BUY, 90, 2), ended(takers, "taker", BUY, 91, 2)]


def test_a_trade_between_two_of_a_group_ends_the_third():
    at = venue()
    third = at.place("maker", BUY, 2, 90, instructions=GROUP)
    ask = at.place("maker", SELL, 5, 100, instructions=GROUP)
    events = at.submit(order("maker", BUY, 3, 100, instructions=GROUP))
    assert events[2:] == [ended(third, "maker", BUY, 90, 2)]
    assert live_ids(at, "maker") == [ask]


def test_an_order_of_the_group_that_is_filled_already_is_not_canceled_too():
    at = venue()
    at.place("maker", SELL, 2, 100, instructions=GROUP)
    at.place("taker", SELL, 2, 101)
    events = at.submit(order("maker", BUY, 4, 101, instructions=GROUP))
    assert kinds(events) == ["OrderAccepted", "TradeExecuted", "TradeExecuted"]


def test_an_iceberg_of_the_group_ends_with_what_it_has_left():
    at = venue()
    shown = Instructions(order_group_id="exits", display_lots=2)
    iceberg = at.place("maker", SELL, 10, 100, instructions=shown)
    at.place("taker", SELL, 2, 100)
    events = at.submit(order("maker", BUY, 4, 100, instructions=GROUP))
    assert kinds(events) == [
        "OrderAccepted",
        "TradeExecuted",
        "OrderRefreshed",
        "TradeExecuted",
        "OrderCanceled",
    ]
    assert events[-1] == ended(iceberg, "maker", SELL, 100, 8, hidden_lots=6)
    assert at.exchange.live_orders("maker") == []


def test_an_iceberg_that_ends_untouched_ends_with_what_it_hides():
    at = venue()
    iceberg = at.place(
        "maker", SELL, 10, 110, instructions=Instructions(order_group_id="exits", display_lots=2)
    )
    at.place("maker", SELL, 1, 100, instructions=GROUP)
    assert at.submit(order("taker", BUY, 1, 100))[2:] == [
        ended(iceberg, "maker", SELL, 110, 10, hidden_lots=8)
    ]


def test_an_iceberg_s_own_later_parts_fill_on():
    at = venue()
    iceberg = at.place(
        "maker", SELL, 6, 100, instructions=Instructions(order_group_id="exits", display_lots=2)
    )
    other = at.place("maker", SELL, 1, 101, instructions=GROUP)
    events = at.submit(order("taker", BUY, 4, 101))
    assert [type(event) for event in events[1:]] == [
        TradeExecuted,
        OrderRefreshed,
        OrderCanceled,
        TradeExecuted,
        OrderRefreshed,
    ]
    assert events[3] == ended(other, "maker", SELL, 101, 1)
    assert live_ids(at, "maker") == [iceberg]


@pytest.mark.parametrize("own_lots", [1, 2, 5])
def test_an_own_order_that_prevention_ended_does_not_end_again(own_lots):
    at = venue()
    at.place("taker", SELL, own_lots, 100, instructions=GROUP)
    ask = at.place("maker", SELL, 2, 101)
    asked = Instructions(order_group_id="exits", self_trade_prevention=SelfTradePrevention.CANCEL_OLDEST)
    events = at.submit(order("taker", BUY, 2, 101, instructions=asked))
    assert kinds(events) == ["OrderAccepted", "TradePrevented", "OrderCanceled", "TradeExecuted"]
    assert fills(events) == [(ask, 2, 101)]
    assert live_ids(at, "taker") == []


def test_an_own_order_that_prevention_used_up_does_not_end_again():
    at = venue()
    at.place("taker", SELL, 1, 100, instructions=GROUP)
    ask = at.place("maker", SELL, 2, 101)
    asked = Instructions(order_group_id="exits", self_trade_prevention=SelfTradePrevention.DECREMENT)
    events = at.submit(order("taker", BUY, 3, 101, instructions=asked))
    assert fills(events) == [(ask, 2, 101)]
    assert live_ids(at, "taker") == []


def test_a_replaced_order_that_fills_ends_the_others_and_not_itself():
    at = venue()
    bid = at.place("taker", BUY, 4, 90, instructions=GROUP)
    other = at.place("taker", BUY, 4, 80, instructions=GROUP)
    at.place("maker", SELL, 1, 100)
    events = at.submit(replace("taker", bid, price_ticks=100))
    assert kinds(events) == ["OrderReplaced", "TradeExecuted", "OrderCanceled", "OrderRested"]
    assert events[2] == ended(other, "taker", BUY, 80, 4)
    assert live_ids(at, "taker") == [bid]


def test_a_restored_exchange_knows_its_groups():
    at = venue()
    bid = at.place("maker", BUY, 4, 90, instructions=GROUP)
    at.place("maker", SELL, 5, 100, instructions=GROUP)
    restored = Venue(Exchange.restore(at.exchange.snapshot()))
    assert restored.submit(order("taker", BUY, 5, 100))[2:] == [ended(bid, "maker", BUY, 90, 4)]


def test_a_group_has_a_printable_name():
    at = venue()
    refused = rejection(at.submit(order("taker", BUY, 3, 100, instructions=Instructions(order_group_id="ü"))))
    assert refused.reason is RejectReason.INVALID_PARAMETERS
    assert refused.detail == "an order's group is at most 64 printable ASCII characters"
