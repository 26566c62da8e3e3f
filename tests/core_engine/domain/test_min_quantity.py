"""An order that must fill so much when it arrives, or end (FIX 110)."""

import pytest

from markethall_engine.domain.events import OrderCanceled
from markethall_engine.domain.instructions import Instructions, SelfTradePrevention
from markethall_engine.domain.reasons import CancelReason, RejectReason
from tests.core_engine.domain.builders import (
    BUY,
    FOK,
    IOC,
    SELL,
    accepted,
    canceled_at_once,
    fills,
    order,
    rejection,
    replace,
    rested,
    venue,
)


def at_least(lots: int) -> Instructions:
    return Instructions(min_quantity_lots=lots)


def test_an_order_that_fills_its_minimum_trades_on_and_rests_as_any():
    at = venue()
    ask = at.place("maker", SELL, 5, 100)
    command = order("taker", BUY, 8, 100, instructions=at_least(5))
    events = at.submit(command)
    assert fills(events) == [(ask, 5, 100)]
    assert events[-1] == rested(command, at.sequence, 3)


@pytest.mark.parametrize("terms", [{}, {"time_in_force": IOC}], ids=["GTC", "IOC"])
def test_an_order_that_cannot_fill_its_minimum_is_canceled_and_fills_nothing(terms):
    at = venue()
    at.place("maker", SELL, 5, 100)
    at.place("maker", SELL, 5, 101)
    command = order("taker", BUY, 8, 100, instructions=at_least(6), **terms)
    events = at.submit(command)
    assert events == [
        accepted(command, at.sequence, reserved=800),
        canceled_at_once(command, at.sequence, 8, CancelReason.MIN_QUANTITY),
    ]
    assert at.reserved("taker", "USD") == 0
    assert at.asks() == [(100, 5, 1), (101, 5, 1)]


def test_a_market_order_may_have_one_too():
    at = venue()
    at.place("maker", SELL, 5, 100)
    events = at.submit(order("taker", BUY, 8, instructions=at_least(6)))
    assert isinstance(events[-1], OrderCanceled)
    assert (events[-1].reason, events[-1].canceled_lots) == (CancelReason.MIN_QUANTITY, 8)
    assert len(fills(at.submit(order("taker", BUY, 8, instructions=at_least(5))))) == 1


def test_a_fok_order_s_own_rule_goes_first():
    at = venue()
    at.place("maker", SELL, 5, 100)
    events = at.submit(order("taker", BUY, 8, 100, time_in_force=FOK, instructions=at_least(6)))
    assert events[-1].reason is CancelReason.FILL_OR_KILL  # type: ignore[union-attr]


def test_trades_that_are_prevented_do_not_count():
    at = venue()
    at.place("taker", SELL, 5, 100)
    at.place("maker", SELL, 5, 100)
    asked = Instructions(SelfTradePrevention.DECREMENT, min_quantity_lots=6)
    events = at.submit(order("taker", BUY, 10, 100, instructions=asked))
    assert events[-1].reason is CancelReason.MIN_QUANTITY  # type: ignore[union-attr]
    assert at.asks() == [(100, 10, 2)]


def test_the_minimum_is_for_the_arrival_and_not_for_a_replace():
    at = venue()
    at.place("maker", SELL, 5, 100)
    bid = at.place("taker", BUY, 8, 100, instructions=at_least(5))
    ask = at.place("maker", SELL, 1, 101)
    assert fills(at.submit(replace("taker", bid, price_ticks=101))) == [(ask, 1, 101)]


@pytest.mark.parametrize("lots", [-1, 9])
def test_the_minimum_is_at_most_the_quantity(lots):
    at = venue()
    refused = rejection(at.submit(order("taker", BUY, 8, 100, instructions=at_least(lots))))
    assert refused.reason is RejectReason.INVALID_PARAMETERS
    assert refused.detail == (
        f"the minimum quantity to fill at once must be 0 (none) to the quantity, 8 lots, found {lots}"
    )
