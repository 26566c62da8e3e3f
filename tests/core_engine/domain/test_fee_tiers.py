"""What accounts of a fee tier pay."""

import pytest

from markethall_engine.domain.commands import CreateAccount, UpdateAccount
from markethall_engine.domain.events import OrderAccepted, TradeExecuted
from markethall_engine.domain.instrument import FeeRates
from tests.core_engine.domain.builders import BUY, IOC, SELL, Venue, order, venue

TIERS = {"vip": FeeRates(100, 200), "maker": FeeRates(0, 300)}


def tiered_venue() -> Venue:
    return venue(maker_fee_ppm=1_000, taker_fee_ppm=2_000, fee_tiers=TIERS)


def rates(at: Venue, account_id: str) -> tuple[int, int]:
    accepted = at.submit(order(account_id, BUY, 1, 1))[0]
    assert isinstance(accepted, OrderAccepted)
    return accepted.maker_fee_ppm, accepted.taker_fee_ppm


def test_an_order_has_the_rates_of_its_accounts_tier():
    at = tiered_venue()
    at.submit(UpdateAccount("maker", fee_tier="vip"))
    assert rates(at, "maker") == (100, 200)


@pytest.mark.parametrize("tier", ["", "unheard-of"])
def test_an_account_of_no_tier_or_of_one_that_the_instrument_lacks_pays_the_instruments_rates(tier):
    at = tiered_venue()
    at.submit(UpdateAccount("maker", fee_tier=tier))
    assert rates(at, "maker") == (1_000, 2_000)


def test_a_tier_is_given_when_the_account_is_created():
    at = tiered_venue()
    at.submit(CreateAccount("new", fee_tier="maker"))
    created = at.exchange.account("new")
    assert created is not None
    assert created.fee_tier == "maker"


def test_each_side_of_a_trade_pays_at_its_own_tier():
    at = tiered_venue()
    at.submit(UpdateAccount("maker", fee_tier="maker"))
    at.submit(UpdateAccount("taker", fee_tier="vip"))
    at.place("maker", SELL, 1_000, 100)
    _, trade = at.submit(order("taker", BUY, 1_000, 100))
    assert isinstance(trade, TradeExecuted)
    assert (trade.notional, trade.maker_fee, trade.taker_fee) == (100_000, 0, 20)


def test_a_market_order_is_checked_against_its_tiers_fee():
    at = tiered_venue()
    at.submit(UpdateAccount("taker", fee_tier="vip"))
    at.place("maker", SELL, 1_000, 100)
    accepted, *_ = at.submit(order("taker", BUY, 1_000))
    assert isinstance(accepted, OrderAccepted)
    assert accepted.reserved == 100_020


def test_another_tier_is_for_new_orders_only():
    at = tiered_venue()
    at.submit(UpdateAccount("maker", fee_tier="vip"))
    at.place("maker", SELL, 1_000, 100)
    at.submit(UpdateAccount("maker", fee_tier=""))
    _, trade = at.submit(order("taker", BUY, 1_000, 100, time_in_force=IOC))
    assert isinstance(trade, TradeExecuted)
    assert (trade.maker_fee, trade.taker_fee) == (10, 200)
