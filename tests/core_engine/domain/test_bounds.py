"""Every bound is met at the bound itself: what is still allowed, and what is no more."""

import pytest

from markethall_engine.domain.amounts import MAX_AMOUNT
from markethall_engine.domain.commands import PlaceOrder, SetTradingState, UpdateRiskLimits
from markethall_engine.domain.instructions import Instructions, SelfTradePrevention
from markethall_engine.domain.instrument import Step
from markethall_engine.domain.ledger.ledger import Ledger, LedgerError
from markethall_engine.domain.ledger.position import Position
from markethall_engine.domain.reasons import RejectReason
from markethall_engine.domain.risk.account_risk import AccountRisk
from markethall_engine.domain.risk.checks import check_terms
from markethall_engine.domain.risk.limits import RiskLimits
from markethall_engine.domain.risk.trading_switch import TradingState
from tests.core_engine.domain.builders import (
    BUY,
    FOK,
    IOC,
    SECOND_NS,
    SELL,
    SYMBOL,
    create_instrument,
    fills,
    kinds,
    order,
    rejection,
    replace,
    venue,
)

DAY_NS = 86_400 * SECOND_NS


@pytest.mark.parametrize(
    "terms",
    [
        {"min_quantity_lots": MAX_AMOUNT},
        {"max_quantity_lots": MAX_AMOUNT},
        {"price_band_ppm": MAX_AMOUNT},
        {"reference_price_ticks": MAX_AMOUNT},
        {"volatility_auction_ns": 1},
        {"volatility_auction_ns": DAY_NS},
    ],
    ids=str,
)
def test_a_rule_of_an_instrument_may_be_at_its_bound(terms):
    events = venue().submit(create_instrument(symbol="GOLD-USD-2", **terms))
    assert kinds(events)[0] == "InstrumentCreated"


@pytest.mark.parametrize(
    "terms",
    [
        {"min_quantity_lots": MAX_AMOUNT + 1},
        {"max_quantity_lots": MAX_AMOUNT + 1},
        {"price_band_ppm": MAX_AMOUNT + 1},
        {"reference_price_ticks": MAX_AMOUNT + 1},
        {"volatility_auction_ns": 0},
        {"volatility_auction_ns": DAY_NS + 1},
    ],
    ids=str,
)
def test_a_rule_of_an_instrument_may_not_be_beyond_it(terms):
    assert kinds(venue().submit(create_instrument(symbol="GOLD-USD-2", **terms))) == ["CommandRejected"]


@pytest.mark.parametrize(("price_ticks", "is_good"), [(0, False), (1, True), (MAX_AMOUNT, True)])
def test_a_limit_order_s_price_is_a_positive_amount(price_ticks, is_good):
    terms = order("maker", BUY, 1, 1)
    command = PlaceOrder(
        **{name: getattr(terms, name) for name in terms.__struct_fields__ if name != "price_ticks"},
        price_ticks=price_ticks,
    )
    assert (check_terms(command) is None) is is_good


def test_a_maximum_quantity_of_one_lot_is_one():
    at = venue(max_quantity_lots=1)
    at.submit(order("maker", BUY, 1, 100))
    assert rejection(at.submit(order("maker", BUY, 2, 100))).reason is RejectReason.QUANTITY_TOO_HIGH


def test_a_price_band_before_the_first_trade_is_around_the_reference_price_and_says_so():
    at = venue(price_band_ppm=1_000_000, reference_price_ticks=100)
    assert rejection(at.submit(order("maker", BUY, 1, 201))).detail == (
        "the price must be 0.01 to 2, within 1000000 ppm of the reference price 1, asked 2.01"
    )


def test_a_price_band_after_a_trade_is_around_the_last_price_and_says_so():
    at = venue(price_band_ppm=500_000, reference_price_ticks=100)
    at.place("maker", SELL, 1, 110)
    at.place("taker", BUY, 1, 110)
    assert "of the last price 1.1," in rejection(at.submit(order("maker", BUY, 1, 1))).detail


@pytest.mark.parametrize(
    "terms",
    [
        {"instructions": Instructions(min_quantity_lots=10), "time_in_force": IOC},
        {"instructions": Instructions(display_lots=10)},
    ],
    ids=["minimum", "display"],
)
def test_a_part_may_be_the_whole_quantity(terms):
    at = venue()
    at.place("taker", SELL, 10, 101)
    assert kinds(at.submit(order("maker", BUY, 10, 100, **terms)))[0] == "OrderAccepted"


def test_a_post_only_order_with_a_minimum_is_refused_in_plain_words():
    at = venue()
    instructions = Instructions(post_only=True, min_quantity_lots=1)
    refused = rejection(at.submit(order("maker", BUY, 10, 100, instructions=instructions)))
    assert refused.detail == "a post-only order fills nothing at once, found a minimum quantity to fill"


def test_an_order_of_exactly_a_second_ago_counts_towards_no_rate():
    risk = AccountRisk(RiskLimits(max_orders_per_second=5), [])
    for time_ns in (0, 1, SECOND_NS):
        risk.time_order(time_ns)
    assert list(risk.order_times_ns) == [1, SECOND_NS]
    assert [risk.orders_in_second(time_ns) for time_ns in (SECOND_NS, SECOND_NS + 1, 2 * SECOND_NS)] == [
        2,
        1,
        0,
    ]


def test_the_used_position_limit_is_in_base_units_and_whole():
    at = venue()
    symbol = "GOLD-USD-50"
    at.submit(create_instrument(symbol=symbol, lot_size=Step(50, 0)))
    at.submit(UpdateRiskLimits("maker", max_position={symbol: 10**9}))
    at.submit(order("maker", BUY, 3, 1, symbol=symbol))
    used = at.exchange.risk_limits_used("maker", at.time_ns).max_position
    assert used == {symbol: 150}


def test_a_replace_that_leaves_price_and_quantity_is_held_to_the_limits_of_today():
    at = venue()
    order_id = at.place("maker", BUY, 10, 100)
    at.submit(UpdateRiskLimits("maker", max_order_quantity={SYMBOL: 9}))
    assert kinds(at.submit(replace("maker", order_id, display_lots=5))) == ["ReplaceRejected"]
    assert kinds(at.submit(replace("maker", order_id, quantity_lots=9))) == ["OrderReplaced"]


def test_a_position_of_one_lot_may_be_closed_where_trading_is_reducing():
    at = venue()
    at.place("maker", SELL, 1, 100)
    at.place("taker", BUY, 1, 100)
    at.submit(SetTradingState(TradingState.REDUCING, "", SYMBOL, ""))
    assert kinds(at.submit(order("taker", SELL, 1, 101)))[0] == "OrderAccepted"
    assert kinds(at.submit(order("taker", SELL, 1, 102))) == ["OrderRejected"]


def test_a_plan_with_self_trade_prevention_goes_on_while_one_lot_is_left():
    at = venue()
    ids = [at.place("maker", SELL, 2, 100), at.place("maker", SELL, 1, 101)]
    instructions = Instructions(self_trade_prevention=SelfTradePrevention.CANCEL_NEWEST)
    events = at.submit(order("taker", BUY, 3, 101, instructions=instructions, time_in_force=FOK))
    assert fills(events) == [(ids[0], 2, 100), (ids[1], 1, 101)]


def test_what_the_taker_bought_before_counts_when_its_own_reduce_only_order_is_met():
    """Without self-trade prevention an account may trade with itself, after it has taken from others."""
    at = venue()
    at.place("maker", SELL, 2, 100)
    at.place("taker", BUY, 2, 100)
    own_id = at.place("taker", SELL, 2, 105, instructions=Instructions(reduce_only=True))
    other_id = at.place("maker", SELL, 3, 104)
    events = at.submit(order("taker", BUY, 5, 105))
    assert fills(events) == [(other_id, 3, 104), (own_id, 2, 105)]


def test_all_that_is_available_may_be_charged_and_not_a_unit_more():
    ledger = Ledger()
    balance, fees = ledger.balance("ann", "USD"), ledger.fees("USD")
    ledger.deposit(balance, 70)
    ledger.charge(balance, fees, 70)
    with pytest.raises(LedgerError) as caught:
        ledger.charge(balance, fees, 1)
    assert (caught.value.account_id, caught.value.asset) == ("ann", "USD")
    assert (caught.value.needed, caught.value.found) == (1, 0)


def test_a_new_position_has_gained_nothing_on_any_day():
    position = Position("ann", SYMBOL)
    assert (position.day, position.gain_before_day) == (0, 0)
    assert [position.gain_on(day) for day in (0, 1, 2)] == [0, 0, 0]


def test_a_day_s_gain_is_less_its_own_fees_and_not_those_of_days_before():
    position = Position("ann", SYMBOL)
    position.begin_day(1)
    position.fill(10, 1_000, 7)
    position.begin_day(2)
    assert position.gain_on(2) == 0
    position.fill(-10, -1_100, 3)
    assert (position.gain_on(2), position.gain_on(3)) == (97, 0)


def test_a_fill_through_zero_is_exact_beyond_what_a_float_can_hold():
    position = Position("ann", SYMBOL)
    price = 10**17 + 1
    position.fill(3, 3 * price, 0)
    position.fill(-7, -7 * price, 0)
    record = position.record()
    assert (record.quantity_lots, record.cost, record.realized_pnl) == (-4, -4 * price, 0)
    assert isinstance(record.cost, int) and isinstance(record.realized_pnl, int)
