"""Replace: what keeps time priority, what loses it, and what it may match."""

from markethall_engine.domain.commands import UpdateInstrument
from markethall_engine.domain.events import (
    OrderCanceled,
    OrderReplaced,
    OrderRested,
    ReplaceRejected,
)
from markethall_engine.domain.instrument import InstrumentStatus
from markethall_engine.domain.order import OrderStatus
from markethall_engine.domain.reasons import CancelReason, RejectReason
from tests.core_engine.domain.builders import (
    BUY,
    SELL,
    SYMBOL,
    cancel,
    fills,
    order,
    replace,
    venue,
)


def reason_of(events):
    (event,) = events
    assert isinstance(event, ReplaceRejected), event
    return event.reason


def test_a_lower_quantity_keeps_time_priority():
    at = venue()
    first, second = at.place("maker", SELL, 10, 100), at.place("maker", SELL, 10, 100)
    assert at.submit(replace("maker", first, quantity_lots=4)) == [
        OrderReplaced(
            order_id=first,
            account_id="maker",
            symbol=SYMBOL,
            side=SELL,
            quantity_lots=4,
            price_ticks=100,
            leaves_lots=4,
            reserved=4,
            old_quantity_lots=10,
            old_price_ticks=100,
            old_leaves_lots=10,
            keeps_priority=True,
        )
    ]
    assert at.asks() == [(100, 14, 2)]
    assert at.reserved("maker", "GOLD") == 14
    assert fills(at.submit(order("taker", BUY, 5, 100))) == [(first, 4, 100), (second, 1, 100)]


def test_a_higher_quantity_goes_to_the_back_of_its_level():
    at = venue()
    first, second = at.place("maker", SELL, 5, 100), at.place("maker", SELL, 5, 100)
    events = at.submit(replace("maker", first, quantity_lots=6))
    assert [type(event) for event in events] == [OrderReplaced, OrderRested]
    assert fills(at.submit(order("taker", BUY, 6, 100))) == [(second, 5, 100), (first, 1, 100)]


def test_a_new_price_goes_to_the_back_of_the_new_level():
    at = venue()
    moved, there = at.place("maker", BUY, 5, 99), at.place("maker", BUY, 5, 100)
    assert at.submit(replace("maker", moved, price_ticks=100)) == [
        OrderReplaced(
            order_id=moved,
            account_id="maker",
            symbol=SYMBOL,
            side=BUY,
            quantity_lots=5,
            price_ticks=100,
            leaves_lots=5,
            reserved=500,
            old_quantity_lots=5,
            old_price_ticks=99,
            old_leaves_lots=5,
            keeps_priority=False,
        ),
        OrderRested(moved, "maker", SYMBOL, BUY, 100, 5),
    ]
    assert at.bids() == [(100, 10, 2)]
    assert fills(at.submit(order("taker", SELL, 6, 100))) == [(there, 5, 100), (moved, 1, 100)]


def test_a_lower_quantity_with_a_new_price_loses_priority():
    at = venue()
    moved, there = at.place("maker", BUY, 5, 99), at.place("maker", BUY, 5, 100)
    at.submit(replace("maker", moved, price_ticks=100, quantity_lots=2))
    assert fills(at.submit(order("taker", SELL, 6, 100))) == [(there, 5, 100), (moved, 1, 100)]


def test_a_replace_that_crosses_matches_as_a_taker_and_rests_what_is_left():
    at = venue(maker_fee_ppm=0, taker_fee_ppm=10_000)
    ask_id = at.place("maker", SELL, 4, 100)
    bid_id = at.place("taker", BUY, 10, 90)
    events = at.submit(replace("taker", bid_id, price_ticks=101))
    assert fills(events) == [(ask_id, 4, 100)]
    assert [type(event).__name__ for event in events] == ["OrderReplaced", "TradeExecuted", "OrderRested"]
    assert at.bids() == [(101, 6, 1)]
    record = at.exchange.order(bid_id)
    assert record is not None
    assert (record.status, record.filled_lots, record.leaves_lots, record.fees_paid) == (
        OrderStatus.PARTIALLY_FILLED,
        4,
        6,
        4,
    )


def test_a_replace_that_crosses_may_fill_whole():
    at = venue()
    ask_id = at.place("maker", SELL, 20, 100)
    bid_id = at.place("taker", BUY, 10, 90)
    events = at.submit(replace("taker", bid_id, price_ticks=100))
    assert fills(events) == [(ask_id, 10, 100)]
    assert at.bids() == []
    assert at.exchange.order(bid_id).status is OrderStatus.FILLED


def test_the_new_quantity_is_the_total_with_what_is_filled():
    at = venue()
    bid_id = at.place("maker", BUY, 10, 100)
    at.place("taker", SELL, 4, 100)
    at.submit(replace("maker", bid_id, quantity_lots=6))
    record = at.exchange.order(bid_id)
    assert (record.quantity_lots, record.filled_lots, record.leaves_lots) == (6, 4, 2)
    assert at.reserved("maker", "USD") == 200


def test_a_replace_down_to_what_is_filled_cancels_the_rest():
    at = venue()
    bid_id = at.place("maker", BUY, 10, 100)
    at.place("taker", SELL, 4, 100)
    assert at.submit(replace("maker", bid_id, quantity_lots=4)) == [
        OrderCanceled(bid_id, "maker", SYMBOL, BUY, 100, 6, was_resting=True, reason=CancelReason.REPLACED)
    ]


def test_a_replace_below_what_is_filled_is_refused():
    at = venue()
    bid_id = at.place("maker", BUY, 10, 100)
    at.place("taker", SELL, 4, 100)
    assert at.submit(replace("maker", bid_id, quantity_lots=3)) == [
        ReplaceRejected(
            "maker", bid_id, "", RejectReason.QUANTITY_BELOW_FILLED, "4 is filled already, asked 3"
        )
    ]


def test_a_replace_with_nothing_new_is_refused():
    at = venue()
    bid_id = at.place("maker", BUY, 10, 100)
    assert reason_of(at.submit(replace("maker", bid_id))) is RejectReason.NO_CHANGE
    assert (
        reason_of(at.submit(replace("maker", bid_id, price_ticks=100, quantity_lots=10)))
        is RejectReason.NO_CHANGE
    )


def test_a_replace_reserves_more_or_frees_what_it_needs_no_more():
    at = venue()
    bid_id = at.place("maker", BUY, 10, 100)
    at.submit(replace("maker", bid_id, price_ticks=150))
    assert at.reserved("maker", "USD") == 1_500
    at.submit(replace("maker", bid_id, price_ticks=50))
    assert at.reserved("maker", "USD") == 500


def test_a_replace_that_costs_more_than_is_available_is_refused_and_the_order_stays():
    at = venue(funds=1_000)
    bid_id = at.place("maker", BUY, 10, 60)
    assert at.submit(replace("maker", bid_id, price_ticks=101)) == [
        ReplaceRejected(
            "maker", bid_id, "", RejectReason.INSUFFICIENT_FUNDS, "4 USD available, 4.1 USD needed"
        )
    ]
    assert at.bids() == [(60, 10, 1)]


def test_what_an_order_reserves_already_counts_towards_its_replacement():
    at = venue(funds=1_000)
    bid_id = at.place("maker", BUY, 10, 60)
    at.submit(replace("maker", bid_id, price_ticks=100))
    assert (at.available("maker", "USD"), at.reserved("maker", "USD")) == (0, 1_000)


def test_ended_unknown_and_foreign_orders_cannot_be_replaced():
    at = venue()
    bid_id = at.place("maker", BUY, 10, 100)
    assert reason_of(at.submit(replace("taker", bid_id, quantity_lots=1))) is RejectReason.UNKNOWN_ORDER
    assert reason_of(at.submit(replace("maker", 999, quantity_lots=1))) is RejectReason.UNKNOWN_ORDER
    at.submit(cancel("maker", bid_id))
    assert reason_of(at.submit(replace("maker", bid_id, quantity_lots=1))) is RejectReason.ORDER_ENDED


def test_nothing_is_replaced_while_trading_is_halted():
    at = venue()
    bid_id = at.place("maker", BUY, 10, 100)
    at.submit(UpdateInstrument(SYMBOL, status=InstrumentStatus.HALTED))
    assert reason_of(at.submit(replace("maker", bid_id, quantity_lots=1))) is RejectReason.INSTRUMENT_HALTED


def test_a_replace_made_for_another_revision_is_refused():
    at = venue()
    bid_id = at.place("maker", BUY, 10, 100)
    stale = replace("maker", bid_id, quantity_lots=1, instrument_revision=7)
    assert reason_of(at.submit(stale)) is RejectReason.INSTRUMENT_CHANGED


def test_a_replace_is_held_to_the_bounds_and_the_band_of_what_it_changes():
    at = venue(min_quantity_lots=2, max_quantity_lots=20, price_band_ppm=100_000)
    bid_id = at.place("maker", BUY, 10, 50)
    at.place("maker", SELL, 5, 100)
    at.place("taker", BUY, 5, 100)
    assert reason_of(at.submit(replace("maker", bid_id, quantity_lots=1))) is RejectReason.QUANTITY_TOO_LOW
    assert reason_of(at.submit(replace("maker", bid_id, quantity_lots=21))) is RejectReason.QUANTITY_TOO_HIGH
    assert reason_of(at.submit(replace("maker", bid_id, price_ticks=89))) is RejectReason.PRICE_OUT_OF_BAND
    at.submit(replace("maker", bid_id, quantity_lots=9))  # rests far outside the band, and may stay there
    at.submit(replace("maker", bid_id, price_ticks=90))
    assert at.bids() == [(90, 9, 1)]


def test_a_replace_to_what_cannot_be_is_refused():
    at = venue()
    bid_id = at.place("maker", BUY, 10, 100)
    for terms in ({"price_ticks": 0}, {"price_ticks": 2**63}, {"quantity_lots": 0}, {"quantity_lots": -1}):
        assert reason_of(at.submit(replace("maker", bid_id, **terms))) is RejectReason.INVALID_PARAMETERS
    too_much = replace("maker", bid_id, price_ticks=2**40, quantity_lots=2**40)
    assert reason_of(at.submit(too_much)) is RejectReason.INVALID_PARAMETERS


def test_what_is_filled_counts_towards_the_largest_notional():
    at = venue(funds=2**61)
    ask_id = at.place("maker", SELL, 10, 2**58)
    at.place("taker", BUY, 6, 2**58)
    most = (2**63 - 1 - 6 * 2**58) // 4
    assert reason_of(at.submit(replace("maker", ask_id, price_ticks=most + 1))) is (
        RejectReason.INVALID_PARAMETERS
    )
    at.submit(replace("maker", ask_id, price_ticks=most))
    assert at.asks() == [(most, 4, 1)]
