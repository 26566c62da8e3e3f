"""Risk limits of an account: what each refuses, in which order, what counts and what the refusal says."""

from typing import Any

import pytest

from markethall_engine.domain.commands import CreateAsset, Deposit, UpdateRiskLimits
from markethall_engine.domain.events import CommandRejected, Event, RiskLimitsUpdated
from markethall_engine.domain.exchange import Exchange
from markethall_engine.domain.instructions import Instructions, SelfTradePrevention
from markethall_engine.domain.reasons import RejectReason
from markethall_engine.domain.risk.limits import NO_LIMITS, RiskLimits
from tests.core_engine.domain.builders import (
    BUY,
    FOK,
    IOC,
    SECOND_NS,
    SELL,
    SYMBOL,
    Venue,
    cancel,
    cancel_all,
    create_instrument,
    kinds,
    order,
    rejection,
    replace,
    venue,
)

DAY_NS = 86_400 * SECOND_NS


def limited(account_id: str = "maker", *, at: Venue | None = None, **limits: Any) -> Venue:
    """A venue where the account has limits, unless `at` is given in which they are set."""
    at = at or venue()
    assert kinds(set_limits(at, account_id, **limits)) == ["RiskLimitsUpdated"]
    return at


def set_limits(at: Venue, account_id: str = "maker", **limits: Any) -> list[Event]:
    return at.submit(UpdateRiskLimits(account_id, **limits))


def why(at: Venue, side=BUY, lots: int = 1, price: int = 100, *, account_id: str = "maker", **terms) -> str:
    """The detail of the limit that refused an order; empty if it was accepted."""
    events = at.submit(order(account_id, side, lots, price, **terms))
    if kinds(events)[0] != "OrderRejected":
        return ""
    refused = rejection(events)
    assert refused.reason is RejectReason.RISK_LIMIT, refused
    return refused.detail


def why_not_replaced(at: Venue, order_id: int, **terms: Any) -> str:
    [first, *_] = at.submit(replace("maker", order_id, **terms))
    if kinds([first]) != ["ReplaceRejected"]:
        return ""
    assert first.reason is RejectReason.RISK_LIMIT, first
    return first.detail


def trade(at: Venue, buyer: str, seller: str, lots: int, price: int) -> None:
    at.place(seller, SELL, lots, price)
    at.place(buyer, BUY, lots, price)


def test_limits_are_replaced_one_by_one_and_told_as_a_whole():
    at = venue()
    assert at.exchange.risk_limits("maker") == at.exchange.risk_limits("nobody") == NO_LIMITS
    first = set_limits(at, max_position={SYMBOL: 5}, max_open_orders=3)
    assert first == [RiskLimitsUpdated("maker", RiskLimits(max_position={SYMBOL: 5}, max_open_orders=3))]
    set_limits(at, max_open_orders=4, max_daily_loss={"USD": 9, "GOLD": 8})
    assert at.exchange.risk_limits("maker") == RiskLimits(
        max_position={SYMBOL: 5}, max_open_orders=4, max_daily_loss={"USD": 9, "GOLD": 8}
    )
    assert list(at.exchange.risk_limits("maker").max_daily_loss) == ["GOLD", "USD"]
    set_limits(at, max_position={}, max_open_orders=0, max_daily_loss={})
    assert at.exchange.risk_limits("maker") == NO_LIMITS
    assert at.exchange.risk_limits("taker") == NO_LIMITS


@pytest.mark.parametrize(
    ("limits", "reason", "detail"),
    [
        ({"max_position": {"X": 1}}, "UNKNOWN_INSTRUMENT", "max_position: there is no instrument 'X'"),
        (
            {"max_order_quantity": {"X": 1}},
            "UNKNOWN_INSTRUMENT",
            "max_order_quantity: there is no instrument 'X'",
        ),
        ({"max_order_notional": {"X": 1}}, "UNKNOWN_ASSET", "max_order_notional: there is no asset 'X'"),
        ({"max_daily_loss": {"X": 1}}, "UNKNOWN_ASSET", "max_daily_loss: there is no asset 'X'"),
        (
            {"max_daily_loss": {"USD": 0}},
            "INVALID_PARAMETERS",
            "max_daily_loss of USD must be 1 to 9223372036854775807 minor units, found 0",
        ),
        (
            {"max_position": {SYMBOL: 2**63}},
            "INVALID_PARAMETERS",
            f"max_position of {SYMBOL} must be 1 to {2**63 - 1} minor units, found {2**63}",
        ),
        (
            {"max_open_orders": -1},
            "INVALID_PARAMETERS",
            f"max_open_orders must be 0 (none) to {2**63 - 1}, found -1",
        ),
        (
            {"max_orders_per_second": 2**63},
            "INVALID_PARAMETERS",
            f"max_orders_per_second must be 0 (none) to {2**63 - 1}, found {2**63}",
        ),
    ],
)
def test_limits_that_make_no_sense_are_refused(limits, reason, detail):
    at = venue()
    assert set_limits(at, **limits) == [CommandRejected(RejectReason[reason], detail)]
    assert at.exchange.risk_limits("maker") == NO_LIMITS


def test_limits_of_an_unknown_account_are_refused():
    assert set_limits(venue(), "nobody", max_open_orders=1) == [
        CommandRejected(RejectReason.UNKNOWN_ACCOUNT, "there is no account 'nobody'")
    ]


def test_the_largest_limits_are_possible():
    at = limited(max_position={SYMBOL: 2**63 - 1}, max_open_orders=2**63 - 1)
    assert why(at) == ""


@pytest.mark.parametrize("side", [BUY, SELL])
def test_an_order_may_be_as_large_as_the_limit(side):
    at = limited(max_order_quantity={SYMBOL: 5})
    assert why(at, side, 5) == ""
    assert why(at, side, 6) == "max_order_quantity of GOLD-USD is 5 GOLD, asked 6 GOLD"


def test_a_quantity_limit_is_of_one_instrument_and_one_account():
    at = venue()
    at.submit(create_instrument(symbol="SILVER-USD"))
    limited(at=at, max_order_quantity={SYMBOL: 5})
    assert why(at, lots=6, symbol="SILVER-USD") == ""
    assert why(at, lots=6, account_id="taker") == ""


def test_the_notional_of_a_limit_order_is_at_its_limit():
    at = limited(max_order_notional={"USD": 1_000})
    assert why(at, BUY, 10, 100) == ""
    assert why(at, SELL, 10, 101) == "max_order_notional of USD is 10 USD, asked 10.1 USD"


def test_the_notional_of_a_market_order_is_of_what_it_would_fill():
    at = limited("taker", max_order_notional={"USD": 1_000})
    at.place("maker", SELL, 5, 100)
    at.place("maker", SELL, 5, 101)
    refused = why(at, BUY, 10, 0, account_id="taker")
    assert refused == "max_order_notional of USD is 10 USD, asked 10.05 USD"
    at.submit(cancel("maker", at.sequence - 1))
    assert why(at, BUY, 100, 0, account_id="taker") == ""


def test_a_notional_limit_of_another_asset_does_not_matter():
    at = limited(max_order_notional={"GOLD": 1})
    assert why(at, BUY, 10, 100) == ""


@pytest.mark.parametrize(("side", "other"), [(BUY, SELL), (SELL, BUY)])
def test_a_position_and_all_live_orders_of_the_side_may_reach_the_limit(side, other):
    at = limited(max_position={SYMBOL: 10})
    at.place("taker", other, 3, 100)
    at.place("maker", side, 3, 100)
    assert why(at, side, 5, 90 if side is BUY else 110) == ""
    assert why(at, side, 3) == "max_position of GOLD-USD is 10 GOLD, asked 11 GOLD"
    assert why(at, side, 2) == ""
    assert why(at, other, 14) == "max_position of GOLD-USD is 10 GOLD, asked 11 GOLD"
    assert why(at, other, 13, 120 if other is SELL else 80) == ""


def test_live_orders_count_from_before_the_limit_and_as_they_fill_are_canceled_replaced_or_reduced():
    at = venue()
    first = at.place("maker", BUY, 4, 90)
    second = at.place("maker", BUY, 4, 80)
    limited(at=at, max_position={SYMBOL: 10})
    assert why(at, lots=3, price=70).endswith("asked 11 GOLD")
    at.place("taker", SELL, 3, 90)  # first: 3 filled, 1 left; as far as before
    assert why(at, lots=3, price=70).endswith("asked 11 GOLD")
    at.submit(cancel("maker", first))
    assert why(at, lots=4, price=70).endswith("asked 11 GOLD")
    at.submit(replace("maker", second, quantity_lots=2))
    assert why(at, lots=6, price=70).endswith("asked 11 GOLD")
    decrement = Instructions(SelfTradePrevention.DECREMENT)
    assert why(at, SELL, 1, 80, instructions=decrement) == ""
    assert why(at, lots=7, price=70).endswith("asked 11 GOLD")
    assert why(at, lots=6, price=70) == ""


def test_what_lowers_a_position_passes_a_limit_that_is_below_it():
    at = venue()
    trade(at, "maker", "taker", 10, 100)
    limited(at=at, max_position={SYMBOL: 4})
    assert why(at, BUY, 1) == "max_position of GOLD-USD is 4 GOLD, asked 11 GOLD"
    assert why(at, SELL, 10, 110) == ""


def test_as_many_orders_may_be_open_as_the_limit_says():
    at = limited(max_open_orders=2)
    assert why(at) == why(at) == ""
    assert why(at) == "max_open_orders is 2, asked 3"
    for time_in_force in (IOC, FOK):
        assert why(at, price=50, time_in_force=time_in_force) == ""
    at.submit(cancel_all("maker"))
    assert why(at) == ""


def test_as_many_orders_may_come_within_any_second_as_the_limit_says():
    at = limited(max_orders_per_second=2)
    at.time_ns += DAY_NS
    start = at.time_ns

    def at_ms(milliseconds: int) -> str:
        at.time_ns = start + milliseconds * 1_000_000 - SECOND_NS
        return why(at, price=50)

    assert at_ms(0) == at_ms(400) == ""
    assert at_ms(999) == "max_orders_per_second is 2, asked 3"
    assert at_ms(1_000) == ""
    assert at_ms(1_399) == "max_orders_per_second is 2, asked 3"
    assert at_ms(1_400) == ""
    assert at_ms(5_000) == at_ms(5_000) == ""
    assert at_ms(5_000) == "max_orders_per_second is 2, asked 3"


def test_a_raised_rate_counts_what_came_and_a_new_one_begins_at_nothing():
    at = limited(max_orders_per_second=1)
    stop = at.time_ns - SECOND_NS
    for limit, expected in ((1, ""), (2, ""), (2, "max_orders_per_second is 2, asked 3"), (0, ""), (1, "")):
        at.time_ns = stop
        set_limits(at, max_orders_per_second=limit, max_open_orders=50)
        at.time_ns = stop
        assert why(at, price=50) == expected


def test_a_refused_order_counts_for_no_rate():
    at = limited(max_orders_per_second=1, max_order_quantity={SYMBOL: 5})
    time_ns = at.time_ns
    assert why(at, lots=6) != ""
    at.time_ns = time_ns
    assert why(at, lots=5) == ""


def test_after_the_daily_loss_only_what_lowers_exposure_passes():
    at = limited(max_daily_loss={"USD": 100})
    trade(at, "maker", "taker", 10, 100)
    trade(at, "taker", "maker", 4, 76)
    assert why(at, BUY, 1, 50) == ""  # lost 0.96 USD
    trade(at, "taker", "maker", 1, 96)
    assert why(at, BUY, 1, 50) == (
        "max_daily_loss of USD is 1 USD, lost today 1 USD: a BUY of at most 0 lowers exposure, asked 1"
    )
    assert why(at, SELL, 6, 100) == (
        "max_daily_loss of USD is 1 USD, lost today 1 USD: a SELL of at most 5 lowers exposure, asked 6"
    )
    assert why(at, SELL, 5, 110) == ""
    assert why(at, SELL, 1, 110) != ""


def test_fees_are_a_loss_and_profit_makes_up_for_it():
    at = venue(taker_fee_ppm=10_000)
    limited("taker", at=at, max_daily_loss={"USD": 10})
    trade(at, "taker", "maker", 10, 100)  # a fee of 10
    assert why(at, BUY, account_id="taker").startswith("max_daily_loss of USD is 0.1 USD, lost today 0.1 USD")
    at.place("maker", BUY, 10, 110)
    at.place("taker", SELL, 10, 110)
    assert why(at, BUY, price=50, account_id="taker") == ""


def test_the_day_ends_at_midnight_utc_and_the_day_before_counts_no_more():
    at = limited(max_daily_loss={"USD": 100})
    trade(at, "maker", "taker", 10, 100)
    trade(at, "taker", "maker", 5, 50)
    assert why(at, BUY) != ""
    midnight = (at.time_ns // DAY_NS + 1) * DAY_NS
    at.time_ns = midnight - 1 - SECOND_NS
    assert why(at, BUY) != ""
    at.time_ns = midnight - SECOND_NS
    assert why(at, BUY, price=40) == ""
    trade(at, "taker", "maker", 1, 99)
    assert at.exchange.risk_limits_used("maker", at.time_ns).max_daily_loss == {"USD": 1}


def test_a_limit_set_later_knows_what_was_lost_since_midnight():
    at = venue()
    trade(at, "maker", "taker", 10, 100)
    trade(at, "taker", "maker", 5, 50)
    limited(at=at, max_daily_loss={"USD": 250})
    assert "lost today 2.5 USD" in why(at, BUY)


def test_a_loss_in_another_quote_asset_does_not_matter():
    at = venue()
    at.submit(CreateAsset("EUR", 2))
    at.submit(Deposit("maker", "EUR", 10_000))
    at.submit(create_instrument(symbol="GOLD-EUR", quote_asset="EUR"))
    limited(at=at, max_daily_loss={"USD": 100})
    trade(at, "maker", "taker", 10, 100)
    trade(at, "taker", "maker", 5, 50)
    assert why(at, BUY) != ""
    assert why(at, BUY, symbol="GOLD-EUR") == ""


def test_the_limits_are_checked_in_their_order():
    at = venue()
    trade(at, "maker", "taker", 10, 100)
    trade(at, "taker", "maker", 5, 50)
    limited(at=at, max_orders_per_second=1)
    at.place("maker", BUY, 1, 10)
    now = at.time_ns
    set_limits(
        at,
        max_order_quantity={SYMBOL: 1},
        max_order_notional={"USD": 1},
        max_position={SYMBOL: 1},
        max_open_orders=1,
        max_daily_loss={"USD": 1},
    )
    for name in RiskLimits.__struct_fields__:
        at.time_ns = now - SECOND_NS
        assert why(at, BUY, 2, 10).split()[0] == name
        set_limits(at, **{name: 0 if name in ("max_open_orders", "max_orders_per_second") else {}})
    assert why(at, BUY, 2, 10) == ""


def test_the_limits_come_after_the_instrument_s_bounds_and_before_funds():
    at = limited(at=venue(max_quantity_lots=10), max_order_quantity={SYMBOL: 5})
    assert rejection(at.submit(order("maker", BUY, 11, 100))).reason is RejectReason.QUANTITY_TOO_HIGH
    assert why(at, BUY, 6, 10_000_000) != ""
    assert rejection(at.submit(order("maker", BUY, 1, 0))).reason is RejectReason.NO_LIQUIDITY


def test_a_replace_is_held_to_the_limits_unless_it_only_lowers_the_quantity():
    at = venue()
    order_id = at.place("maker", BUY, 10, 100)
    limited(at=at, max_order_quantity={SYMBOL: 5})
    assert why_not_replaced(at, order_id, price_ticks=99).endswith("is 5 GOLD, asked 10 GOLD")
    assert why_not_replaced(at, order_id, quantity_lots=9) == ""
    assert why_not_replaced(at, order_id, quantity_lots=5, price_ticks=99) == ""
    assert why_not_replaced(at, order_id, quantity_lots=6).endswith("is 5 GOLD, asked 6 GOLD")


def test_a_replaced_order_counts_once_and_is_no_further_order():
    at = limited(max_position={SYMBOL: 10}, max_open_orders=1, max_orders_per_second=1)
    order_id = at.place("maker", BUY, 8, 100)
    at.time_ns -= SECOND_NS
    assert why_not_replaced(at, order_id, quantity_lots=10) == ""
    assert why_not_replaced(at, order_id, quantity_lots=11).endswith("is 10 GOLD, asked 11 GOLD")
    assert why_not_replaced(at, order_id, price_ticks=101) == ""


def test_the_notional_of_a_replaced_order_is_of_its_fills_and_its_leaves():
    at = limited(max_order_notional={"USD": 1_000})
    order_id = at.place("maker", BUY, 10, 100)
    at.place("taker", SELL, 5, 100)
    assert why_not_replaced(at, order_id, price_ticks=101).endswith("is 10 USD, asked 10.05 USD")
    assert why_not_replaced(at, order_id, quantity_lots=9, price_ticks=110) == ""


def test_after_the_daily_loss_a_replace_may_only_lower_exposure():
    at = venue()
    trade(at, "maker", "taker", 10, 100)
    buy, sell = at.place("maker", BUY, 1, 40), at.place("maker", SELL, 4, 120)
    trade(at, "taker", "maker", 2, 50)
    limited(at=at, max_daily_loss={"USD": 100})
    assert why_not_replaced(at, buy, price_ticks=41) != ""
    assert why_not_replaced(at, sell, price_ticks=119) == ""
    assert why_not_replaced(at, sell, quantity_lots=8) == ""
    assert "a SELL of at most 8 lowers" in why_not_replaced(at, sell, quantity_lots=9)


def test_the_use_of_a_limit_is_told_in_its_unit():
    at = limited(
        max_order_quantity={SYMBOL: 50},
        max_order_notional={"USD": 50_000},
        max_position={SYMBOL: 50},
        max_open_orders=5,
        max_orders_per_second=9,
        max_daily_loss={"USD": 1_000, "GOLD": 1},
    )
    trade(at, "maker", "taker", 10, 100)
    trade(at, "taker", "maker", 2, 50)
    at.place("maker", SELL, 20, 120)
    assert at.exchange.risk_limits_used("maker", at.time_ns) == RiskLimits(
        max_position={SYMBOL: 12},
        max_open_orders=1,
        max_orders_per_second=1,
        max_daily_loss={"USD": 100, "GOLD": 0},
    )
    later = at.exchange.risk_limits_used("maker", at.time_ns + DAY_NS)
    assert (later.max_orders_per_second, later.max_daily_loss) == (0, {"USD": 0, "GOLD": 0})
    set_limits(at, max_open_orders=0)
    assert at.exchange.risk_limits_used("maker", at.time_ns).max_open_orders == 0


def test_where_there_is_no_limit_there_is_no_use():
    at = venue()
    assert at.exchange.risk_limits_used("maker", at.time_ns) == NO_LIMITS
    assert at.exchange.risk_limits_used("nobody", at.time_ns) == NO_LIMITS


def test_limits_and_what_counts_towards_them_survive_a_snapshot():
    at = limited(
        max_position={SYMBOL: 10}, max_orders_per_second=2, max_daily_loss={"USD": 100}, max_open_orders=9
    )
    trade(at, "maker", "taker", 3, 100)
    trade(at, "taker", "maker", 1, 90)
    at.place("maker", BUY, 5, 50)
    at.time_ns -= SECOND_NS
    later = Venue(Exchange.restore(at.exchange.snapshot()))
    assert later.exchange.digest() == at.exchange.digest()
    assert later.exchange.risk_limits("maker") == at.exchange.risk_limits("maker")
    used = at.exchange.risk_limits_used("maker", at.time_ns)
    assert later.exchange.risk_limits_used("maker", at.time_ns) == used
    later.time_ns = at.time_ns
    for commands in (order("maker", BUY, 4, 50), order("maker", BUY, 3, 50), order("maker", BUY, 1, 50)):
        assert later.submit(commands) == at.submit(commands)
    assert later.exchange.digest() == at.exchange.digest()
