"""Kill switches: what each state lets pass, what setting it cancels, and in which order they are asked."""

import pytest

from markethall_engine.domain.commands import Deposit, SetTradingState, Withdraw
from markethall_engine.domain.events import CommandRejected, OrderCanceled, TradingStateSet
from markethall_engine.domain.exchange import Exchange
from markethall_engine.domain.reasons import CancelReason, RejectReason
from markethall_engine.domain.risk.trading_switch import TradingState, TradingSwitch
from tests.core_engine.domain.builders import (
    BUY,
    SELL,
    SYMBOL,
    Venue,
    cancel,
    create_instrument,
    kinds,
    order,
    rejection,
    replace,
    venue,
)

ACTIVE, REDUCING, HALTED = TradingState
SILVER = "SILVER-USD"


def two_instruments() -> Venue:
    """GOLD-USD and another that trades the same assets."""
    at = venue()
    at.submit(create_instrument(symbol=SILVER))
    return at


def long_position(lots: int = 10) -> Venue:
    """`maker` is long and `taker` short by as much."""
    at = venue()
    at.place("taker", SELL, lots, 100)
    at.place("maker", BUY, lots, 100)
    return at


def halt(at: Venue, account_id: str = "", symbol: str = "", state: TradingState = HALTED) -> list[object]:
    return list(at.submit(SetTradingState(state, account_id, symbol)))


def why(at: Venue, account_id: str = "maker", side=BUY, lots: int = 1, price: int = 90, **terms) -> str:
    """The detail of the kill switch's refusal of an order; empty if the order was accepted."""
    events = at.submit(order(account_id, side, lots, price, **terms))
    if kinds(events) != ["OrderRejected"]:
        return ""
    refused = rejection(events)
    assert refused.reason is RejectReason.KILL_SWITCH, refused
    return refused.detail


def test_a_switch_is_set_by_an_event_that_says_what_why_and_when():
    at = venue()
    events = at.submit(SetTradingState(HALTED, "maker", reason="runaway"))
    switch = TradingSwitch("maker", "", HALTED, "runaway", at.time_ns)
    assert events == [TradingStateSet(switch)]
    assert at.exchange.trading_switch("maker") == switch
    assert at.exchange.trading_switch("taker") is None
    assert at.exchange.trading_switch() is None


@pytest.mark.parametrize(
    ("scope", "name", "still_trades"),
    [
        ({}, "the venue", []),
        ({"symbol": SYMBOL}, f"instrument {SYMBOL}", [("maker", SILVER), ("taker", SILVER)]),
        ({"account_id": "maker"}, "account maker", [("taker", SYMBOL), ("taker", SILVER)]),
    ],
)
def test_halted_refuses_every_order_concerned_and_no_other(scope, name, still_trades):
    at = two_instruments()
    halt(at, **scope)
    for account_id in ("maker", "taker"):
        for symbol in (SYMBOL, SILVER):
            expected = "" if (account_id, symbol) in still_trades else f"{name} is HALTED"
            assert why(at, account_id, symbol=symbol) == expected


@pytest.mark.parametrize(
    ("scope", "left"),
    [
        ({}, []),
        ({"symbol": SYMBOL}, ["maker silver", "taker silver"]),
        ({"account_id": "maker"}, ["taker gold", "taker silver"]),
    ],
)
def test_setting_halted_cancels_the_live_orders_concerned_oldest_first(scope, left):
    at = two_instruments()
    placed = {
        "maker gold": at.place("maker", SELL, 1, 110),
        "maker silver": at.place("maker", BUY, 1, 90, symbol=SILVER),
        "taker gold": at.place("taker", BUY, 1, 91),
        "taker silver": at.place("taker", SELL, 1, 111, symbol=SILVER),
    }
    events = halt(at, **scope)
    ended = [event.order_id for event in events if isinstance(event, OrderCanceled)]
    assert ended == [order_id for name, order_id in placed.items() if name not in left]
    assert {event.reason for event in events if isinstance(event, OrderCanceled)} == {
        CancelReason.KILL_SWITCH
    }
    assert all(at.exchange.order(placed[name]).leaves_lots == 1 for name in left)
    assert sum(at.reserved(name, asset) for name in ("maker", "taker") for asset in ("GOLD", "USD")) == sum(
        {"maker silver": 90, "taker silver": 1, "taker gold": 91}[name] for name in left
    )


def test_active_again_lets_everything_pass():
    at = venue()
    halt(at)
    halt(at, state=ACTIVE)
    assert why(at) == ""
    assert at.exchange.trading_switch().state is ACTIVE


def test_a_canceled_order_stays_canceled_when_trading_goes_on():
    at = venue()
    order_id = at.place("maker", BUY, 1, 90)
    halt(at)
    halt(at, state=ACTIVE)
    assert at.exchange.order(order_id).cancel_reason is CancelReason.KILL_SWITCH


def test_cancels_deposits_and_withdrawals_pass_whatever_the_state():
    at = long_position()
    order_id = at.place("maker", SELL, 10, 110)
    halt(at, state=REDUCING)
    assert kinds(at.submit(cancel("maker", order_id))) == ["OrderCanceled"]
    halt(at)
    assert kinds(at.submit(Deposit("maker", "USD", 1))) == ["FundsDeposited"]
    assert kinds(at.submit(Withdraw("maker", "USD", 1))) == ["FundsWithdrawn"]


def test_the_first_that_is_halted_is_named_venue_before_instrument_before_account():
    at = venue()
    halt(at, "maker", state=REDUCING)
    assert why(at).startswith("account maker is REDUCING")
    halt(at, symbol=SYMBOL, state=REDUCING)
    assert why(at).startswith(f"instrument {SYMBOL} is REDUCING")
    halt(at, "maker")
    assert why(at) == "account maker is HALTED"
    halt(at, symbol=SYMBOL)
    assert why(at) == f"instrument {SYMBOL} is HALTED"
    halt(at)
    assert why(at) == "the venue is HALTED"


def test_the_switches_are_asked_after_the_terms_and_before_the_bounds():
    at = venue(min_quantity_lots=2)
    halt(at)
    assert rejection(at.submit(order("maker", BUY, 0, 100))).reason is RejectReason.INVALID_PARAMETERS
    assert rejection(at.submit(order("maker", BUY, 1, 100))).reason is RejectReason.KILL_SWITCH


@pytest.mark.parametrize(
    ("account_id", "side", "lots", "detail"),
    [
        ("maker", SELL, 10, ""),
        ("maker", SELL, 11, "account maker is REDUCING: a SELL of at most 10 lowers exposure, asked 11"),
        ("maker", BUY, 1, "account maker is REDUCING: a BUY of at most 0 lowers exposure, asked 1"),
        ("taker", BUY, 10, ""),
        ("taker", BUY, 11, "account taker is REDUCING: a BUY of at most 10 lowers exposure, asked 11"),
        ("taker", SELL, 1, "account taker is REDUCING: a SELL of at most 0 lowers exposure, asked 1"),
    ],
)
def test_reducing_lets_pass_what_trades_against_the_position_and_not_through_it(
    account_id, side, lots, detail
):
    at = long_position(10)
    halt(at, account_id, state=REDUCING)
    assert why(at, account_id, side, lots, 100) == detail


def test_without_a_position_there_is_nothing_to_reduce():
    at = venue()
    halt(at, state=REDUCING)
    for side in (BUY, SELL):
        assert "of at most 0 lowers exposure" in why(at, "maker", side)


def test_live_orders_of_the_same_side_and_instrument_count_as_if_they_were_filled():
    at = long_position(10)
    at.submit(create_instrument(symbol=SILVER))
    at.place("maker", SELL, 6, 110)
    halt(at, "maker", state=REDUCING)
    assert "at most 4 lowers exposure, asked 5" in why(at, "maker", SELL, 5, 110)
    assert why(at, "maker", SELL, 4, 110) == ""
    assert "at most 0 lowers exposure, asked 1" in why(at, "maker", SELL, 1, 110)


def test_setting_reducing_cancels_what_could_raise_exposure_and_keeps_the_oldest_that_cannot():
    at = long_position(10)
    buy = at.place("maker", BUY, 1, 90)
    first = at.place("maker", SELL, 6, 110)
    too_many = at.place("maker", SELL, 5, 105)
    last = at.place("maker", SELL, 4, 120)
    other = at.place("taker", SELL, 1, 130)
    assert kinds(halt(at, "maker", state=REDUCING)) == ["TradingStateSet", "OrderCanceled", "OrderCanceled"]
    live = [order_id for order_id in (buy, first, too_many, last) if at.exchange.order(order_id).leaves_lots]
    assert live == [first, last]
    assert at.exchange.order(other).leaves_lots == 1


def test_a_replace_under_reducing_counts_the_order_once():
    at = long_position(10)
    order_id = at.place("maker", SELL, 6, 110)
    halt(at, "maker", state=REDUCING)
    assert kinds(at.submit(replace("maker", order_id, price_ticks=109))) == ["OrderReplaced", "OrderRested"]
    assert kinds(at.submit(replace("maker", order_id, quantity_lots=10))) == ["OrderReplaced", "OrderRested"]
    [refused] = at.submit(replace("maker", order_id, quantity_lots=11))
    assert refused.reason is RejectReason.KILL_SWITCH
    assert refused.detail == "account maker is REDUCING: a SELL of at most 10 lowers exposure, asked 11"


def test_a_switch_of_someone_else_does_not_matter():
    at = venue()
    order_id = at.place("maker", BUY, 1, 90)
    halt(at, "taker")
    assert kinds(at.submit(replace("maker", order_id, quantity_lots=2))) == ["OrderReplaced", "OrderRested"]


@pytest.mark.parametrize(
    ("command", "reason", "detail"),
    [
        (
            SetTradingState(HALTED, "maker", SYMBOL),
            RejectReason.INVALID_PARAMETERS,
            "a trading state is of an account, of an instrument or of the venue, found both",
        ),
        (
            SetTradingState(HALTED, reason="x" * 129),
            RejectReason.INVALID_PARAMETERS,
            "a reason has at most 128 characters, found 129",
        ),
        (
            SetTradingState(HALTED, "nobody"),
            RejectReason.UNKNOWN_ACCOUNT,
            "there is no account 'nobody'",
        ),
        (
            SetTradingState(HALTED, symbol="NONE"),
            RejectReason.UNKNOWN_INSTRUMENT,
            "there is no instrument 'NONE'",
        ),
    ],
)
def test_a_switch_that_makes_no_sense_is_refused(command, reason, detail):
    at = venue()
    assert at.submit(command) == [CommandRejected(reason, detail)]


def test_a_reason_may_have_128_characters():
    assert kinds(venue().submit(SetTradingState(HALTED, reason="x" * 128))) == ["TradingStateSet"]


def test_switches_survive_a_snapshot_and_go_on_deciding():
    at = long_position(10)
    halt(at, "maker", state=REDUCING)
    halt(at, symbol=SYMBOL, state=ACTIVE)
    halt(at, "taker")
    later = Venue(Exchange.restore(at.exchange.snapshot()))
    assert later.exchange.digest() == at.exchange.digest()
    assert why(later, "taker") == "account taker is HALTED"
    assert why(later, "maker").startswith("account maker is REDUCING")
    halt(later, "taker", state=ACTIVE)
    halt(later, "maker", state=ACTIVE)
    assert why(later, "taker") == why(later, "maker") == ""
