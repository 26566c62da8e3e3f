"""How far through the book a market order may go."""

import pytest

from markethall_engine.domain.commands import UpdateInstrument
from markethall_engine.domain.instructions import Instructions
from markethall_engine.domain.reasons import CancelReason, RejectReason
from tests.core_engine.domain.builders import (
    BUY,
    FOK,
    SELL,
    SYMBOL,
    Venue,
    accepted,
    canceled_at_once,
    fills,
    order,
    rejection,
    venue,
)

TEN_PERCENT = 100_000


def test_a_market_buy_trades_at_prices_up_to_its_protection_and_no_further():
    at = venue(market_protection_ppm=TEN_PERCENT)
    asks = [at.place("maker", SELL, 2, price) for price in (105, 115, 116)]
    command = order("taker", BUY, 6)
    events = at.submit(command)
    assert events[0] == accepted(command, at.sequence, reserved=2 * 105 + 2 * 115)
    assert fills(events) == [(asks[0], 2, 105), (asks[1], 2, 115)]
    assert events[-1] == canceled_at_once(command, at.sequence, 2, CancelReason.MARKET_PROTECTION)
    assert at.asks() == [(116, 2, 1)]


def test_a_market_sell_trades_at_prices_down_to_its_protection_and_no_further():
    at = venue(market_protection_ppm=TEN_PERCENT)
    bids = [at.place("maker", BUY, 2, price) for price in (105, 95, 94)]
    command = order("taker", SELL, 6)
    events = at.submit(command)
    assert fills(events) == [(bids[0], 2, 105), (bids[1], 2, 95)]
    assert events[-1] == canceled_at_once(command, at.sequence, 2, CancelReason.MARKET_PROTECTION)


@pytest.mark.parametrize("side", [BUY, SELL])
def test_the_best_price_is_always_within(side):
    at = venue(market_protection_ppm=1)
    best = at.place("maker", SELL if side is BUY else BUY, 2, 1)
    assert fills(at.submit(order("taker", side, 2))) == [(best, 2, 1)]


def test_what_a_market_order_cannot_fill_where_nobody_is_left_ends_for_want_of_liquidity():
    at = venue(market_protection_ppm=TEN_PERCENT)
    at.place("maker", SELL, 2, 100)
    command = order("taker", BUY, 6)
    assert at.submit(command)[-1] == canceled_at_once(command, at.sequence, 4, CancelReason.NO_LIQUIDITY)
    refused = rejection(at.submit(order("taker", BUY, 6)))
    assert refused.reason is RejectReason.NO_LIQUIDITY


def test_a_fok_market_order_counts_only_what_is_within():
    at = venue(market_protection_ppm=TEN_PERCENT)
    at.place("maker", SELL, 2, 100)
    at.place("maker", SELL, 2, 111)
    command = order("taker", BUY, 3, time_in_force=FOK)
    assert at.submit(command)[1:] == [canceled_at_once(command, at.sequence, 3, CancelReason.FILL_OR_KILL)]


def test_so_does_a_minimum_quantity():
    at = venue(market_protection_ppm=TEN_PERCENT)
    at.place("maker", SELL, 2, 100)
    at.place("maker", SELL, 2, 111)
    command = order("taker", BUY, 4, instructions=Instructions(min_quantity_lots=3))
    assert at.submit(command)[1:] == [canceled_at_once(command, at.sequence, 4, CancelReason.MIN_QUANTITY)]


def test_a_limit_order_goes_as_far_as_its_limit():
    at = venue(market_protection_ppm=TEN_PERCENT)
    asks = [at.place("maker", SELL, 2, price) for price in (100, 200)]
    assert fills(at.submit(order("taker", BUY, 4, 200))) == [(asks[0], 2, 100), (asks[1], 2, 200)]


def test_protection_is_changed_and_taken_off():
    at = Venue(venue().exchange)
    at.submit(UpdateInstrument(SYMBOL, market_protection_ppm=TEN_PERCENT))
    for price in (100, 200):
        at.place("maker", SELL, 2, price)
    assert len(fills(at.submit(order("taker", BUY, 4)))) == 1
    at.submit(UpdateInstrument(SYMBOL, market_protection_ppm=0))
    at.place("maker", SELL, 2, 100)
    assert len(fills(at.submit(order("taker", BUY, 4)))) == 2
