"""Short selling and borrowing: what accounts with margin may place, take out and hold."""

import pytest

from markethall_engine.domain.commands import (
    CreateAccount,
    CreateAsset,
    Deposit,
    Transfer,
    UpdateAccount,
    UpdateInstrument,
    Withdraw,
)
from markethall_engine.domain.events import AccountUpdated, CommandRejected, FundsTransferred, FundsWithdrawn
from markethall_engine.domain.exchange import Exchange
from markethall_engine.domain.instructions import Instructions, SelfTradePrevention
from markethall_engine.domain.instrument import InstrumentStatus, Step
from markethall_engine.domain.ledger.records import BalanceRecord
from markethall_engine.domain.margin import NO_MARGIN, Margin, MarginStatus
from markethall_engine.domain.reasons import RejectReason
from tests.core_engine.domain.builders import (
    BUY,
    FOK,
    SELL,
    SYMBOL,
    Venue,
    cancel,
    create_instrument,
    fills,
    kinds,
    order,
    rejection,
    replace,
    venue,
)
from tests.core_engine.domain.margin_builders import HALF, margin_venue


def status(at: Venue, account_id: str = "trader") -> MarginStatus:
    [found] = at.exchange.margin_statuses(account_id)
    return found


def refusal(at: Venue, command) -> tuple[RejectReason, str]:
    event = at.submit(command)[0]
    assert isinstance(event, CommandRejected), event
    return event.reason, event.detail


def test_an_account_sells_what_it_does_not_hold_and_owes_it():
    at = margin_venue()
    at.place("maker", BUY, 10, 100)
    assert kinds(at.submit(order("trader", SELL, 10, 100))) == ["OrderAccepted", "TradeExecuted"]
    assert at.exchange.balances("trader") == [
        BalanceRecord("trader", "GOLD", -10, 0),
        BalanceRecord("trader", "USD", 2_000, 0),
    ]
    assert at.exchange.position("trader", SYMBOL).quantity_lots == -10
    # Equity is what it came with; exposure the gold that it owes; a quarter of that must be its own.
    assert status(at) == MarginStatus("USD", 1_000, 1_000, 1_000, 500, 250)


def test_an_account_buys_for_more_than_it_has_and_owes_the_rest():
    at = margin_venue()
    at.place("maker", SELL, 20, 100)
    at.submit(order("trader", BUY, 20, 100))
    assert at.exchange.balances("trader") == [
        BalanceRecord("trader", "GOLD", 20, 0),
        BalanceRecord("trader", "USD", -1_000, 0),
    ]
    assert status(at) == MarginStatus("USD", 1_000, 2_000, 2_000, 1_000, 500)


def test_a_resting_order_reserves_what_is_not_there():
    at = margin_venue()
    resting = at.place("trader", SELL, 5, 120)
    assert at.exchange.balance("trader", "GOLD") == BalanceRecord("trader", "GOLD", -5, 5)
    at.submit(cancel("trader", resting))
    assert at.exchange.balance("trader", "GOLD") == BalanceRecord("trader", "GOLD", 0, 0)


def test_an_order_is_refused_where_equity_does_not_cover_the_initial_margin():
    at = margin_venue(cash=1_000)
    assert rejection(at.submit(order("trader", BUY, 21, 100))).reason is RejectReason.INSUFFICIENT_MARGIN
    refused = rejection(at.submit(order("trader", SELL, 21, 100)))
    assert refused.detail == (
        "with it and all live orders filled the exposure is 21 USD, which needs 10.5 USD of initial margin, "
        "equity is 10 USD"
    )
    assert kinds(at.submit(order("trader", SELL, 20, 100))) == ["OrderAccepted", "OrderRested"]


def test_exposure_is_at_the_mark_whatever_the_orders_price():
    at = margin_venue(cash=1_000)
    assert kinds(at.submit(order("trader", SELL, 20, 150))) == ["OrderAccepted", "OrderRested"]
    assert status(at).exposure_with_orders == 2_000


def test_live_orders_count_as_filled_on_the_worse_side():
    at = margin_venue(cash=1_000)
    at.place("trader", BUY, 12, 90)
    at.place("trader", SELL, 15, 110)
    assert status(at) == MarginStatus("USD", 1_000, 0, 1_500, 750, 0)
    assert kinds(at.submit(order("trader", BUY, 8, 90))) == ["OrderAccepted", "OrderRested"]
    assert rejection(at.submit(order("trader", BUY, 1, 90))).reason is RejectReason.INSUFFICIENT_MARGIN
    assert rejection(at.submit(order("trader", SELL, 6, 110))).reason is RejectReason.INSUFFICIENT_MARGIN


def test_a_market_order_counts_for_what_it_would_fill():
    at = margin_venue(cash=1_000)
    at.place("maker", BUY, 20, 100)
    assert kinds(at.submit(order("trader", SELL, 500)))[-1] == "OrderCanceled"
    assert at.exchange.position("trader", SYMBOL).quantity_lots == -20


def test_an_order_that_is_killed_needs_margin_all_the_same():
    at = margin_venue(cash=1_000)
    events = at.submit(order("trader", BUY, 21, 100, time_in_force=FOK))
    assert rejection(events).reason is RejectReason.INSUFFICIENT_MARGIN


@pytest.mark.parametrize(("opening", "closing"), [(SELL, BUY), (BUY, SELL)])
def test_what_only_lowers_exposure_passes_however_little_equity_there_is(opening, closing):
    at = margin_venue(cash=1_000, margin=Margin(500_000, 1))
    at.place("maker", closing, 20, 100)
    at.submit(order("trader", opening, 20, 100))
    at.place("maker", SELL, 1, 149 if opening is SELL else 51)  # equity falls to 20 cents
    at.place("other", BUY, 1, 149 if opening is SELL else 51)
    assert status(at).equity == 20
    price = 120 if closing is BUY else 80
    assert kinds(at.submit(order("trader", closing, 15, price))) == ["OrderAccepted", "OrderRested"]
    assert rejection(at.submit(order("trader", closing, 6, price))).reason is RejectReason.INSUFFICIENT_MARGIN
    assert rejection(at.submit(order("trader", opening, 1, price))).reason is RejectReason.INSUFFICIENT_MARGIN
    assert kinds(at.submit(order("trader", closing, 5, price))) == ["OrderAccepted", "OrderRested"]


def test_an_instrument_without_a_price_takes_no_order_that_adds_exposure():
    at = margin_venue(price=0)
    refused = rejection(at.submit(order("trader", BUY, 1, 1)))
    assert (refused.reason, refused.detail) == (
        RejectReason.INSUFFICIENT_MARGIN,
        "GOLD-USD has no price yet at which GOLD could be valued",
    )
    at.submit(Deposit("trader", "GOLD", 5))
    assert status(at) == MarginStatus("USD", 1_000, 0, 0, 0, 0)
    assert kinds(at.submit(order("trader", SELL, 5, 1))) == ["OrderAccepted", "OrderRested"]


def test_a_reference_price_is_the_mark_before_the_first_trade():
    at = margin_venue(price=0)
    at.submit(UpdateInstrument(SYMBOL, 1, reference_price_ticks=100))
    at.submit(Deposit("trader", "GOLD", 5))
    assert status(at) == MarginStatus("USD", 1_500, 500, 500, 250, 125)


def test_the_instrument_of_the_pair_that_was_created_first_gives_the_mark():
    at = margin_venue()
    at.submit(create_instrument(symbol="GOLD-2", tick_size=Step(2, 2)))
    at.place("maker", SELL, 1, 500, symbol="GOLD-2")
    at.place("other", BUY, 1, 500, symbol="GOLD-2")
    at.submit(Deposit("trader", "GOLD", 5))
    assert status(at).exposure == 500
    assert rejection(at.submit(order("trader", BUY, 26, 1, symbol="GOLD-2"))).reason is (
        RejectReason.INSUFFICIENT_MARGIN
    )
    assert kinds(at.submit(order("trader", BUY, 25, 1, symbol="GOLD-2")))[0] == "OrderAccepted"


def test_each_quote_asset_stands_for_itself():
    at = margin_venue()
    at.submit(CreateAsset("EUR", 2))
    at.submit(create_instrument(symbol="GOLD-EUR", quote_asset="EUR"))
    assert [found.asset for found in at.exchange.margin_statuses("trader")] == ["EUR", "USD"]
    at.submit(UpdateInstrument("GOLD-EUR", 1, reference_price_ticks=100))
    refused = rejection(at.submit(order("trader", BUY, 1, 1, symbol="GOLD-EUR")))
    assert "equity is 0 EUR" in refused.detail
    at.place("trader", BUY, 20, 90)  # an order for dollars is none for euros
    assert at.exchange.margin_statuses("trader")[0].exposure_with_orders == 0


def test_values_are_rounded_against_the_account():
    at = venue("maker", "other")
    at.submit(CreateAsset("OIL", 3))
    # A lot of 1.5 OIL at a price of one tick costs 3 cents: a thousandth of OIL, 0.002 cents.
    at.submit(
        create_instrument(symbol="OIL-USD", base_asset="OIL", tick_size=Step(2, 2), lot_size=Step(15, 1))
    )
    at.submit(UpdateInstrument("OIL-USD", 1, reference_price_ticks=1))
    at.submit(CreateAccount("trader", margin=HALF))
    at.submit(Deposit("trader", "OIL", 700))
    assert (status(at).equity, status(at).exposure) == (1, 2)
    at.submit(Withdraw("trader", "OIL", 700))
    at.submit(Deposit("trader", "USD", 10))
    at.submit(Deposit("maker", "OIL", 10_000))
    at.place("maker", BUY, 1, 1, symbol="OIL-USD")
    at.submit(order("trader", SELL, 1, 1, symbol="OIL-USD"))
    at.submit(Deposit("trader", "OIL", 800))
    # Owes 0.7 OIL, 1.4 cents.
    assert (status(at).equity, status(at).exposure) == (13 - 2, 2)


def test_a_replace_that_raises_is_checked_and_one_that_only_lowers_is_not():
    at = margin_venue(cash=1_000, margin=Margin(500_000, 1))
    resting = at.place("trader", SELL, 10, 150)
    assert kinds(at.submit(replace("trader", resting, quantity_lots=20))) == ["OrderReplaced", "OrderRested"]
    events = at.submit(replace("trader", resting, quantity_lots=21))
    assert kinds(events) == ["ReplaceRejected"]
    assert events[0].reason is RejectReason.INSUFFICIENT_MARGIN  # type: ignore[union-attr]
    at.place("maker", SELL, 1, 140)
    at.place("other", BUY, 1, 140)  # the exposure is beyond the initial margin now
    assert kinds(at.submit(replace("trader", resting, price_ticks=151))) == ["ReplaceRejected"]
    assert kinds(at.submit(replace("trader", resting, quantity_lots=19))) == ["OrderReplaced"]


def test_a_stop_loss_sells_what_was_bought_though_equity_covers_no_order():
    """The take-profit, with which both would sell twice what is held, ends before margin is asked."""
    at = margin_venue(cash=1_000, margin=Margin(500_000, 1))
    at.place("maker", SELL, 20, 100)
    at.place("trader", BUY, 20, 100, instructions=Instructions(take_profit_ticks=200, stop_loss_ticks=60))
    bid = at.place("maker", BUY, 21, 60)
    at.place("other", SELL, 1, 60)
    assert status(at).equity == 1_000 - 2_000 + 20 * 60
    canceled, released = (record.events for record in at.followed)
    assert kinds(canceled) == ["OrderCanceled"]
    assert kinds(released) == ["FollowUpTaken", "OrderTriggered", "TradeExecuted"]
    assert (bid, 20, 60) in fills(released)
    assert status(at).exposure == 0


def test_a_replace_of_an_order_that_lowers_exposure_stays_one():
    at = margin_venue(cash=1_000, margin=Margin(500_000, 1))
    at.place("maker", BUY, 20, 100)
    at.submit(order("trader", SELL, 20, 100))
    at.place("maker", SELL, 1, 149)
    at.place("other", BUY, 1, 149)
    closing = at.place("trader", BUY, 20, 90)
    assert kinds(at.submit(replace("trader", closing, price_ticks=91))) == ["OrderReplaced", "OrderRested"]
    assert kinds(at.submit(replace("trader", closing, quantity_lots=21))) == ["ReplaceRejected"]


def test_the_venue_lends_no_more_than_one_amount_can_hold():
    at = margin_venue(cash=0, margin=Margin(1, 1))
    at.submit(Deposit("trader", "USD", 2**62))
    refused = rejection(at.submit(order("trader", SELL, 2**63 - 1, 1)))
    assert (refused.reason, refused.detail) == (
        RejectReason.INSUFFICIENT_MARGIN,
        "it borrows 9223372036854775807 GOLD, the venue has 9223372036852775807 GOLD to lend",
    )
    at.submit(order("trader", SELL, 2**62, 1))
    (event,) = at.submit(Deposit("maker", "GOLD", 2**62))
    assert isinstance(event, CommandRejected)
    assert event.reason is RejectReason.INVALID_PARAMETERS


def test_only_what_is_available_and_not_needed_as_margin_leaves():
    at = margin_venue(cash=1_000)
    at.place("maker", BUY, 10, 100)
    at.submit(order("trader", SELL, 10, 100))
    assert refusal(at, Withdraw("trader", "USD", 501)) == (
        RejectReason.INSUFFICIENT_MARGIN,
        "it would leave an equity of 4.99 USD, an exposure of 10 USD needs 5 USD of initial margin",
    )
    assert refusal(at, Withdraw("trader", "GOLD", 1))[0] is RejectReason.INSUFFICIENT_FUNDS
    (event,) = at.submit(Withdraw("trader", "USD", 500))
    assert isinstance(event, FundsWithdrawn)


def test_a_holding_leaves_with_its_exposure():
    at = margin_venue(cash=1_000)
    at.place("maker", SELL, 20, 100)
    at.submit(order("trader", BUY, 20, 100))  # owes 10 dollars, holds gold for 20
    assert refusal(at, Withdraw("trader", "GOLD", 1))[0] is RejectReason.INSUFFICIENT_MARGIN
    at.submit(Deposit("trader", "USD", 1_000))
    (event,) = at.submit(Withdraw("trader", "GOLD", 20))
    assert isinstance(event, FundsWithdrawn)


def test_a_transfer_leaves_the_initial_margin_behind():
    at = margin_venue(cash=1_000)
    at.submit(CreateAccount("desk", parent_account_id="trader"))
    at.place("maker", BUY, 10, 100)
    at.submit(order("trader", SELL, 10, 100))
    assert refusal(at, Transfer("trader", "desk", "USD", 501))[0] is RejectReason.INSUFFICIENT_MARGIN
    (event,) = at.submit(Transfer("trader", "desk", "USD", 500))
    assert isinstance(event, FundsTransferred)


@pytest.mark.parametrize("margin", [Margin(0, 0), Margin(1, 2), Margin(1_000_001, 1), Margin(5, 0)])
def test_senseless_margins_are_refused(margin):
    detail = (
        "margins must be 1 to 1000000 ppm and the maintenance margin at most the initial one, found "
        f"{margin.maintenance_ppm} (maintenance) and {margin.initial_ppm} (initial)"
    )
    assert refusal(venue(), CreateAccount("new", margin=margin)) == (RejectReason.INVALID_PARAMETERS, detail)
    if margin != NO_MARGIN:
        assert refusal(venue(), UpdateAccount("maker", margin=margin))[1] == detail


def test_margin_is_given_and_changed_and_taken_away_while_nothing_is_owed():
    at = margin_venue()
    resting = at.place("trader", SELL, 5, 120)
    assert refusal(at, UpdateAccount("trader", margin=NO_MARGIN)) == (
        RejectReason.INSUFFICIENT_FUNDS,
        "without margin nothing may be owed, -5 GOLD is available",
    )
    (event,) = at.submit(UpdateAccount("trader", margin=Margin(600_000, 300_000)))
    assert isinstance(event, AccountUpdated) and event.account.margin == Margin(600_000, 300_000)
    at.submit(cancel("trader", resting))
    (event,) = at.submit(UpdateAccount("trader", margin=NO_MARGIN))
    assert isinstance(event, AccountUpdated) and event.account.margin is None
    assert rejection(at.submit(order("trader", SELL, 5, 120))).reason is RejectReason.INSUFFICIENT_FUNDS
    assert at.exchange.margin_statuses("trader") == at.exchange.margin_statuses("nobody") == []


def test_an_account_without_margin_owes_nothing_though_others_do():
    at = margin_venue()
    at.place("trader", SELL, 5, 120)
    assert (
        rejection(at.submit(order("other", SELL, 1_000_002, 120))).reason is RejectReason.INSUFFICIENT_FUNDS
    )


def test_an_overdrawn_reservation_is_a_violation_with_margin_too():
    at = margin_venue()
    balance = at.exchange._state.ledger.balance("trader", "USD")
    balance.available, balance.reserved = 1_001, -1
    assert any("is overdrawn" in problem for problem in at.exchange.violations())


def test_a_snapshot_keeps_who_may_borrow_and_what_is_owed():
    at = margin_venue()
    at.submit(CreateAccount("another", margin=HALF))
    at.place("trader", SELL, 5, 120)
    restored = Exchange.restore(at.exchange.snapshot())
    assert restored.digest() == at.exchange.digest()
    assert restored.margin_statuses("trader") == at.exchange.margin_statuses("trader")
    assert list(restored._state.margin_accounts) == ["another", "trader"]
    again = Venue(restored)
    assert kinds(again.submit(order("trader", SELL, 5, 120))) == ["OrderAccepted", "OrderRested"]


def test_self_trade_prevention_works_on_what_is_borrowed():
    at = margin_venue()
    at.place("trader", SELL, 5, 100)
    rule = Instructions(self_trade_prevention=SelfTradePrevention.DECREMENT)
    at.submit(order("trader", BUY, 3, 100, instructions=rule))
    assert at.exchange.balance("trader", "GOLD") == BalanceRecord("trader", "GOLD", -2, 2)


def test_a_halted_instrument_marks_all_the_same():
    at = margin_venue()
    at.submit(Deposit("trader", "GOLD", 5))
    at.submit(UpdateInstrument(SYMBOL, status=InstrumentStatus.HALTED))
    assert status(at).exposure == 500
