"""Orders that show a part of their quantity (FIX 1138), and show the next one from the back of the queue."""

import pytest

from markethall_engine.domain.book.level import Level
from markethall_engine.domain.events import (
    OrderCanceled,
    OrderReduced,
    OrderRefreshed,
    OrderReplaced,
    OrderRested,
)
from markethall_engine.domain.exchange import Exchange
from markethall_engine.domain.instructions import Instructions, SelfTradePrevention
from markethall_engine.domain.reasons import CancelReason, RejectReason
from tests.core_engine.domain.builders import (
    BUY,
    FOK,
    IOC,
    SELL,
    SYMBOL,
    cancel,
    fills,
    kinds,
    order,
    rejection,
    replace,
    venue,
)
from tests.core_engine.market_data.builders import FollowedVenue


def showing(lots: int) -> Instructions:
    return Instructions(display_lots=lots)


def refreshed(order_id: int, leaves_lots: int, hidden_lots: int) -> OrderRefreshed:
    return OrderRefreshed(order_id, "maker", SYMBOL, SELL, 100, leaves_lots, hidden_lots)


def test_an_iceberg_rests_whole_and_shows_a_part():
    at = venue()
    events = at.submit(order("maker", SELL, 10, 100, instructions=showing(3)))
    assert events[-1] == OrderRested(at.sequence, "maker", SYMBOL, SELL, 100, 10, hidden_lots=7)
    assert at.asks() == [(100, 3, 1)]
    assert at.reserved("maker", "GOLD") == 10


def test_a_filled_part_is_followed_by_the_next_at_the_back_of_the_queue():
    at = venue()
    iceberg = at.place("maker", SELL, 10, 100, instructions=showing(3))
    behind = at.place("maker", SELL, 4, 100)
    events = at.submit(order("taker", BUY, 3, 100))
    assert fills(events) == [(iceberg, 3, 100)]
    assert events[-1] == refreshed(iceberg, 7, 4)
    assert at.asks() == [(100, 7, 2)]
    assert fills(at.submit(order("taker", BUY, 5, 100))) == [(behind, 4, 100), (iceberg, 1, 100)]


def test_a_part_filled_in_part_keeps_its_place():
    at = venue()
    iceberg = at.place("maker", SELL, 10, 100, instructions=showing(3))
    at.place("maker", SELL, 4, 100)
    assert kinds(at.submit(order("taker", BUY, 2, 100)))[1:] == ["TradeExecuted"]
    assert at.asks() == [(100, 5, 2)]
    assert fills(at.submit(order("taker", BUY, 1, 100))) == [(iceberg, 1, 100)]


def test_an_order_comes_round_to_every_part_before_it_goes_on_to_a_worse_price():
    at = venue()
    iceberg = at.place("maker", SELL, 7, 100, instructions=showing(3))
    behind = at.place("maker", SELL, 2, 100)
    worse = at.place("maker", SELL, 5, 101)
    events = at.submit(order("taker", BUY, 10, 101))
    assert fills(events) == [
        (iceberg, 3, 100),
        (behind, 2, 100),
        (iceberg, 3, 100),
        (iceberg, 1, 100),
        (worse, 1, 101),
    ]
    assert [event for event in events if isinstance(event, OrderRefreshed)] == [
        refreshed(iceberg, 4, 1),
        refreshed(iceberg, 1, 0),
    ]
    assert at.asks() == [(101, 4, 1)]


def test_two_icebergs_take_turns():
    at = venue()
    one = at.place("maker", SELL, 4, 100, instructions=showing(2))
    other = at.place("maker", SELL, 4, 100, instructions=showing(1))
    assert fills(at.submit(order("taker", BUY, 6, 100))) == [
        (one, 2, 100),
        (other, 1, 100),
        (one, 2, 100),
        (other, 1, 100),
    ]
    assert at.asks() == [(100, 1, 1)]


def test_the_fee_over_all_parts_is_rounded_up_once():
    at = venue(maker_fee_ppm=1_000, taker_fee_ppm=0)
    iceberg = at.place("maker", SELL, 9, 100, instructions=showing(1))
    events = at.submit(order("taker", BUY, 9, 100))
    assert [event.maker_fee for event in events if hasattr(event, "maker_fee")] == [1, *[0] * 8]
    record = at.exchange.order(iceberg)
    assert record is not None and record.fees_paid == 1


def test_an_incoming_iceberg_takes_with_its_whole_quantity():
    at = venue()
    ask = at.place("maker", SELL, 8, 100)
    events = at.submit(order("taker", BUY, 10, 100, instructions=showing(3)))
    assert fills(events) == [(ask, 8, 100)]
    assert at.bids() == [(100, 2, 1)]


def test_what_is_hidden_fills_a_fok_order():
    at = venue()
    at.place("maker", SELL, 10, 100, instructions=showing(1))
    assert len(fills(at.submit(order("taker", BUY, 10, 100, time_in_force=FOK)))) == 10


def test_canceling_ends_what_is_hidden_too():
    at = venue()
    iceberg = at.place("maker", SELL, 10, 100, instructions=showing(3))
    assert at.submit(cancel("maker", iceberg)) == [
        OrderCanceled(iceberg, "maker", SYMBOL, SELL, 100, 10, True, CancelReason.REQUESTED, hidden_lots=7)
    ]
    assert at.asks() == []
    assert at.reserved("maker", "GOLD") == 0


@pytest.mark.parametrize(
    ("quantity", "shown", "hidden"), [(9, 3, 6), (3, 3, 0), (2, 2, 0)], ids=["some", "all hidden", "more"]
)
def test_a_lower_quantity_takes_from_what_is_hidden_first_and_keeps_the_place(quantity, shown, hidden):
    at = venue()
    iceberg = at.place("maker", SELL, 10, 100, instructions=showing(3))
    at.place("maker", SELL, 1, 100)
    assert at.submit(replace("maker", iceberg, quantity_lots=quantity)) == [
        OrderReplaced(
            order_id=iceberg,
            account_id="maker",
            symbol=SYMBOL,
            side=SELL,
            quantity_lots=quantity,
            price_ticks=100,
            leaves_lots=quantity,
            reserved=quantity,
            old_quantity_lots=10,
            old_price_ticks=100,
            old_leaves_lots=10,
            keeps_priority=True,
            hidden_lots=hidden,
            old_hidden_lots=7,
            instructions=showing(3),
            old_instructions=showing(3),
        )
    ]
    assert at.asks() == [(100, shown + 1, 2)]
    assert fills(at.submit(order("taker", BUY, 1, 100))) == [(iceberg, 1, 100)]


def test_a_new_display_quantity_loses_the_place():
    at = venue()
    iceberg = at.place("maker", SELL, 10, 100, instructions=showing(3))
    plain = at.place("maker", SELL, 1, 100)
    events = at.submit(replace("maker", iceberg, quantity_lots=9, display_lots=5))
    assert kinds(events) == ["OrderReplaced", "OrderRested"]
    assert at.asks() == [(100, 6, 2)]
    assert fills(at.submit(order("taker", BUY, 1, 100))) == [(plain, 1, 100)]
    record = at.exchange.order(iceberg)
    assert record is not None and record.instructions == showing(5)


def test_any_order_may_become_an_iceberg_and_cease_to_be_one():
    at = venue()
    ask = at.place("maker", SELL, 10, 100)
    at.submit(replace("maker", ask, display_lots=2))
    assert at.asks() == [(100, 2, 1)]
    at.submit(replace("maker", ask, display_lots=0))
    assert at.asks() == [(100, 10, 1)]
    refused = at.submit(replace("maker", ask, display_lots=0))[0]
    assert refused.reason is RejectReason.NO_CHANGE  # type: ignore[union-attr]


def test_a_replace_to_a_price_that_crosses_takes_with_the_whole_and_rests_the_rest():
    at = venue()
    iceberg = at.place("maker", SELL, 10, 102, instructions=showing(3))
    bid = at.place("taker", BUY, 4, 100)
    events = at.submit(replace("maker", iceberg, price_ticks=100))
    assert fills(events) == [(bid, 4, 100)]
    assert at.asks() == [(100, 3, 1)]


@pytest.mark.parametrize("display", [-1, 1])
def test_a_replace_can_ask_for_no_display_that_an_order_could_not_have(display):
    at = venue()
    iceberg = at.place("maker", SELL, 200, 100, instructions=showing(2))
    refused = at.submit(replace("maker", iceberg, display_lots=display))[0]
    assert refused.reason is RejectReason.INVALID_PARAMETERS  # type: ignore[union-attr]
    assert at.asks() == [(100, 2, 1)]


@pytest.mark.parametrize(
    ("terms", "display", "detail"),
    [
        ({"time_in_force": IOC}, 2, "may rest, found LIMIT IOC"),
        ({"price_ticks": 0}, 2, "may rest, found MARKET IOC"),
        ({}, 201, "must be at most the quantity, 200 lots, found 201"),
        ({}, 1, "at least a 100th of what is open, 200 lots, found 1"),
        ({}, -1, "must be positive"),
    ],
)
def test_an_iceberg_that_makes_no_sense_is_refused(terms, display, detail):
    at = venue()
    at.place("maker", SELL, 5, 200)
    command = order("taker", BUY, 200, **{"price_ticks": 100, "instructions": showing(display), **terms})
    refused = rejection(at.submit(command))
    assert refused.reason is RejectReason.INVALID_PARAMETERS
    assert detail in refused.detail


def test_self_trade_prevention_meets_an_own_iceberg_whole():
    at = venue()
    iceberg = at.place("maker", SELL, 10, 100, instructions=showing(3))
    decrement = Instructions(SelfTradePrevention.DECREMENT)
    events = at.submit(order("maker", BUY, 8, 100, instructions=decrement))
    assert events[2] == OrderReduced(
        order_id=iceberg,
        account_id="maker",
        symbol=SYMBOL,
        side=SELL,
        price_ticks=100,
        quantity_lots=2,
        leaves_lots=2,
        reserved=2,
        reduced_lots=8,
        was_resting=True,
        reduced_hidden_lots=7,
    )
    assert at.asks() == [(100, 2, 1)]


@pytest.mark.parametrize("rule", SelfTradePrevention)
def test_an_order_that_prevents_self_trades_meets_others_icebergs_part_by_part(rule):
    at = venue()
    iceberg = at.place("maker", SELL, 5, 100, instructions=showing(2))
    events = at.submit(order("taker", BUY, 5, 100, instructions=Instructions(rule)))
    assert fills(events) == [(iceberg, 2, 100), (iceberg, 2, 100), (iceberg, 1, 100)]


def test_market_data_shows_what_is_shown():
    at = FollowedVenue()
    at.place("ann", SELL, 10, 100, instructions=showing(3))
    iceberg = at.venue.sequence
    assert at.gold.depth().asks == [Level(100, 3, 1)]
    update = at.place("bob", BUY, 3, 100)
    assert update is not None and update.depth.asks == [Level(100, 3, 1)]
    at.submit(replace("ann", iceberg, quantity_lots=5))
    assert at.gold.depth().asks == [Level(100, 2, 1)]
    at.submit(cancel("ann", iceberg))
    assert at.gold.depth().asks == []


def test_a_snapshot_keeps_what_is_hidden_and_the_order_of_the_queue():
    at = venue()
    iceberg = at.place("maker", SELL, 10, 100, instructions=showing(3))
    plain = at.place("maker", SELL, 2, 100)
    at.submit(order("taker", BUY, 4, 100))
    restored = Exchange.restore(at.exchange.snapshot())
    assert restored.digest() == at.exchange.digest()
    assert [record.order_id for record in restored.resting_orders(SYMBOL, SELL)] == [plain, iceberg]
    assert restored.book_orders(SYMBOL, SELL) == at.exchange.book_orders(SYMBOL, SELL)
    assert restored.levels(SYMBOL, SELL) == [Level(100, 4, 2)]
