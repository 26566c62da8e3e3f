"""What is refused before matching, in which order, and what the refusal says."""

import pytest

from markethall_engine.domain.commands import UpdateInstrument
from markethall_engine.domain.events import OrderRejected
from markethall_engine.domain.instrument import InstrumentStatus
from markethall_engine.domain.order import OrderStatus
from markethall_engine.domain.reasons import RejectReason
from tests.core_engine.domain.builders import (
    BUY,
    GTC,
    LIMIT,
    SELL,
    SYMBOL,
    kinds,
    order,
    rejection,
    venue,
)


def test_a_rejected_order_is_one_event_with_all_that_was_asked():
    at = venue()
    assert at.submit(order("maker", BUY, 10, 100, symbol="NONE", client_order_id="mine")) == [
        OrderRejected(
            order_id=at.sequence,
            account_id="maker",
            client_order_id="mine",
            symbol="NONE",
            side=BUY,
            order_type=LIMIT,
            time_in_force=GTC,
            quantity_lots=10,
            price_ticks=100,
            reason=RejectReason.UNKNOWN_INSTRUMENT,
            detail="there is no instrument 'NONE'",
        )
    ]


def test_a_rejected_order_can_be_found_afterwards():
    at = venue()
    order_id = at.place("maker", BUY, 10, 100, instrument_revision=2)
    record = at.exchange.order(order_id)
    assert (record.status, record.reject_reason, record.canceled_lots, record.leaves_lots) == (
        OrderStatus.REJECTED,
        RejectReason.INSTRUMENT_CHANGED,
        10,
        0,
    )
    assert [found.order_id for found in at.exchange.orders("maker")] == [order_id]


@pytest.mark.parametrize(
    ("terms", "reason", "detail"),
    [
        (
            {"instrument_revision": 2},
            RejectReason.INSTRUMENT_CHANGED,
            "GOLD-USD is at revision 1, the command was made for 2",
        ),
        ({"account_id": "nobody"}, RejectReason.UNKNOWN_ACCOUNT, "there is no account 'nobody'"),
        ({"quantity_lots": 1}, RejectReason.QUANTITY_TOO_LOW, "the minimum quantity is 2, asked 1"),
        ({"quantity_lots": 101}, RejectReason.QUANTITY_TOO_HIGH, "the maximum quantity is 100, asked 101"),
        (
            {"price_ticks": 111},
            RejectReason.PRICE_OUT_OF_BAND,
            "the price must be 0.9 to 1.1, within 100000 ppm of the last price 1, asked 1.11",
        ),
        (
            {"price_ticks": 89},
            RejectReason.PRICE_OUT_OF_BAND,
            "the price must be 0.9 to 1.1, within 100000 ppm of the last price 1, asked 0.89",
        ),
        ({"quantity_lots": 50}, RejectReason.INSUFFICIENT_FUNDS, "1 USD available, 50 USD needed"),
        (
            {"quantity_lots": 0},
            RejectReason.INVALID_PARAMETERS,
            "the quantity must be 1 to 9223372036854775807 lots, found 0",
        ),
        (
            {"price_ticks": -1},
            RejectReason.INVALID_PARAMETERS,
            "a limit order needs a price of 1 to 9223372036854775807 ticks, found -1",
        ),
        (
            {"client_order_id": "x" * 65},
            RejectReason.INVALID_PARAMETERS,
            "a client order id is at most 64 printable ASCII characters",
        ),
    ],
)
def test_a_refusal_names_the_limit_its_value_and_the_value_asked(terms, reason, detail):
    at = venue("poor", "rich", funds=10_000, min_quantity_lots=2, max_quantity_lots=100)
    at.place("rich", SELL, 99, 100)
    at.place("poor", BUY, 99, 100)
    at.submit(UpdateInstrument(SYMBOL, price_band_ppm=100_000))
    asked = {"account_id": "poor", "side": BUY, "quantity_lots": 2, "price_ticks": 100, **terms}
    event = rejection(at.submit(order(**asked)))
    assert (event.reason, event.detail) == (reason, detail)
    assert at.reserved("poor", "USD") == 0


def test_the_first_check_that_fails_is_the_answer():
    at = venue("poor", funds=0, min_quantity_lots=5)
    ask = {"account_id": "nobody", "side": BUY, "quantity_lots": 1, "price_ticks": 100}
    at.submit(UpdateInstrument(SYMBOL, status=InstrumentStatus.HALTED))
    stale = order(**ask, instrument_revision=2)
    assert rejection(at.submit(stale)).reason is RejectReason.INSTRUMENT_HALTED
    at.submit(UpdateInstrument(SYMBOL, status=InstrumentStatus.OPEN))
    assert rejection(at.submit(stale)).reason is RejectReason.INSTRUMENT_CHANGED
    assert rejection(at.submit(order(**ask))).reason is RejectReason.UNKNOWN_ACCOUNT
    ask["account_id"] = "poor"
    assert rejection(at.submit(order(**ask))).reason is RejectReason.QUANTITY_TOO_LOW
    ask["quantity_lots"] = 5
    assert rejection(at.submit(order(**ask))).reason is RejectReason.INSUFFICIENT_FUNDS


def test_a_halted_instrument_takes_no_orders_and_keeps_those_it_has():
    at = venue()
    at.place("maker", SELL, 5, 100)
    at.submit(UpdateInstrument(SYMBOL, status=InstrumentStatus.HALTED))
    refused = rejection(at.submit(order("taker", BUY, 5, 100)))
    assert (refused.reason, refused.detail) == (RejectReason.INSTRUMENT_HALTED, "GOLD-USD is halted")
    at.submit(UpdateInstrument(SYMBOL, status=InstrumentStatus.OPEN))
    assert kinds(at.submit(order("taker", BUY, 5, 100))) == ["OrderAccepted", "TradeExecuted"]


def test_the_band_is_around_the_last_trade_and_there_is_none_before_it():
    at = venue(price_band_ppm=100_000)
    at.place("maker", SELL, 5, 100)
    at.place("maker", SELL, 5, 500)  # no trade yet: no band
    at.place("taker", BUY, 5, 100)
    for price, reason in ((89, True), (90, False), (110, False), (111, True)):
        events = at.submit(order("taker", BUY, 1, price))
        assert (kinds(events) == ["OrderRejected"]) is reason, price


def test_before_the_first_trade_the_band_is_around_the_reference_price():
    at = venue(price_band_ppm=100_000, reference_price_ticks=200)
    for price, reason in ((179, True), (180, False), (220, False), (221, True)):
        events = at.submit(order("taker", BUY, 1, price))
        assert (kinds(events) == ["OrderRejected"]) is reason, price
    at.submit(order("maker", SELL, 1, 180))  # trades at 220, and the band is around that
    refused = rejection(at.submit(order("taker", BUY, 1, 180)))
    assert refused.detail == (
        "the price must be 1.98 to 2.42, within 100000 ppm of the last price 2.2, asked 1.8"
    )


def test_a_market_order_is_held_to_no_band():
    at = venue(price_band_ppm=10_000)
    at.place("maker", SELL, 1, 100)
    at.place("maker", SELL, 1, 500)
    at.place("taker", BUY, 1, 100)
    assert kinds(at.submit(order("taker", BUY, 1))) == ["OrderAccepted", "TradeExecuted"]


def test_a_notional_that_one_amount_cannot_hold_is_refused():
    at = venue()
    refused = rejection(at.submit(order("maker", SELL, 2**32, 2**32)))
    assert refused.reason is RejectReason.INVALID_PARAMETERS
    assert refused.detail == (
        "quantity times price must be at most 92233720368547758.07 USD, asked 184467440737095516.16 USD"
    )


def test_the_largest_notional_is_the_largest_amount():
    at = venue()
    price = (2**63 - 1) // 7
    assert kinds(at.submit(order("maker", SELL, 7, price))) == ["OrderAccepted", "OrderRested"]
    assert at.exchange.instrument(SYMBOL).notional(price, 7) == 2**63 - 1


def test_the_bounds_of_quantity_are_allowed_themselves():
    at = venue(min_quantity_lots=5, max_quantity_lots=5)
    assert kinds(at.submit(order("maker", SELL, 5, 100))) == ["OrderAccepted", "OrderRested"]


def test_a_sell_needs_the_base_asset_and_not_the_quote_asset():
    at = venue("seller", funds=5)
    refused = rejection(at.submit(order("seller", SELL, 6, 1_000)))
    assert refused.detail == "5 GOLD available, 6 GOLD needed"
    assert kinds(at.submit(order("seller", SELL, 5, 1_000))) == ["OrderAccepted", "OrderRested"]


def test_a_market_buy_needs_what_its_fills_cost_with_the_fee():
    at = venue("maker", "taker", funds=1_000, taker_fee_ppm=1_000)
    at.place("maker", SELL, 9, 100)
    at.place("maker", SELL, 9, 110)
    refused = rejection(at.submit(order("taker", BUY, 10)))
    assert refused.detail == "10 USD available, 10.12 USD needed"
    assert kinds(at.submit(order("taker", BUY, 9))) == ["OrderAccepted", "TradeExecuted"]
    assert at.available("taker", "USD") == 1_000 - 900 - 1


def test_a_market_sell_needs_only_what_it_can_fill():
    at = venue("maker", "taker", funds=5)
    at.place("maker", BUY, 3, 1)
    assert kinds(at.submit(order("taker", SELL, 1_000))) == [
        "OrderAccepted",
        "TradeExecuted",
        "OrderCanceled",
    ]
