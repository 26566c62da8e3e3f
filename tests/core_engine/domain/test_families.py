"""Parents and their sub-accounts: what they may move between them, and what a parent's switch is over."""

import pytest

from markethall_engine.domain.commands import CreateAccount, Deposit, SetTradingState, Transfer
from markethall_engine.domain.events import CommandRejected, FundsTransferred, OrderCanceled
from markethall_engine.domain.ledger.movements import movements_of
from markethall_engine.domain.ledger.records import Movement, MovementKind
from markethall_engine.domain.reasons import RejectReason
from markethall_engine.domain.risk.trading_switch import TradingState
from tests.core_engine.domain.builders import BUY, SELL, Venue, order, rejection, venue


def family() -> Venue:
    """`fund` with its sub-accounts `one` and `two`, and `stranger`; each but `two` has money."""
    at = venue("fund", "stranger", funds=1_000)
    for account_id in ("one", "two"):
        at.submit(CreateAccount(account_id, parent_account_id="fund"))
    for asset in ("GOLD", "USD"):
        at.submit(Deposit("one", asset, 1_000))
    return at


def refused(at: Venue, command) -> tuple[RejectReason, str]:
    (event,) = at.submit(command)
    assert isinstance(event, CommandRejected), event
    return event.reason, event.detail


def test_an_account_says_whose_it_is():
    parents = {account.account_id: account.parent_account_id for account in family().exchange.accounts()}
    assert parents == {"fund": "", "stranger": "", "one": "fund", "two": "fund"}


@pytest.mark.parametrize(
    ("parent", "reason", "detail"),
    [
        ("nobody", RejectReason.UNKNOWN_ACCOUNT, "there is no account 'nobody'"),
        ("new", RejectReason.UNKNOWN_ACCOUNT, "there is no account 'new'"),
        ("one", RejectReason.INVALID_PARAMETERS, "one is a sub-account, and so can be no parent"),
    ],
)
def test_a_family_has_two_generations(parent, reason, detail):
    assert refused(family(), CreateAccount("new", parent_account_id=parent)) == (reason, detail)


@pytest.mark.parametrize(("payer", "payee"), [("fund", "one"), ("one", "fund"), ("one", "two")])
def test_money_moves_within_a_family(payer, payee):
    at = family()
    before = at.available(payee, "USD")
    (event,) = at.submit(Transfer(payer, payee, "USD", 400, "margin call"))
    assert event == FundsTransferred(
        payer,
        payee,
        "USD",
        400,
        "margin call",
        available=600,
        reserved=0,
        to_available=before + 400,
        to_reserved=0,
    )
    assert (at.available(payer, "USD"), at.available(payee, "USD")) == (600, before + 400)
    assert movements_of(event, lambda symbol: pytest.fail(symbol)) == [
        Movement(payer, payee, "USD", 400, MovementKind.TRANSFER, "margin call")
    ]


def test_what_is_reserved_stays():
    at = family()
    at.place("one", BUY, 7, 100)
    at.place("fund", SELL, 1, 200)
    (event,) = at.submit(Transfer("one", "fund", "USD", 300))
    assert isinstance(event, FundsTransferred)
    assert (event.available, event.reserved, event.to_available, event.to_reserved) == (0, 700, 1_300, 0)
    assert refused(at, Transfer("one", "fund", "USD", 1)) == (
        RejectReason.INSUFFICIENT_FUNDS,
        "0 USD available, 0.01 USD needed",
    )


@pytest.mark.parametrize(
    ("command", "reason", "detail"),
    [
        (Transfer("nobody", "one", "USD", 1), RejectReason.UNKNOWN_ACCOUNT, "there is no account 'nobody'"),
        (Transfer("one", "nobody", "USD", 1), RejectReason.UNKNOWN_ACCOUNT, "there is no account 'nobody'"),
        (Transfer("one", "two", "EUR", 1), RejectReason.UNKNOWN_ASSET, "there is no asset 'EUR'"),
        (
            Transfer("one", "two", "USD", 0),
            RejectReason.INVALID_PARAMETERS,
            "an amount is 1 to 9223372036854775807 minor units, found 0",
        ),
        (
            Transfer("one", "two", "USD", 1, "r" * 129),
            RejectReason.INVALID_PARAMETERS,
            "a reference has at most 128 characters, found 129",
        ),
        (
            Transfer("one", "one", "USD", 1),
            RejectReason.INVALID_PARAMETERS,
            "a transfer is to another account, found the same",
        ),
        (
            Transfer("one", "stranger", "USD", 1),
            RejectReason.NOT_RELATED,
            "one and stranger are not of one family of accounts",
        ),
        (
            Transfer("stranger", "fund", "USD", 1),
            RejectReason.NOT_RELATED,
            "stranger and fund are not of one family of accounts",
        ),
    ],
)
def test_other_transfers_are_refused(command, reason, detail):
    assert refused(family(), command) == (reason, detail)


def test_a_parents_switch_is_over_its_sub_accounts():
    at = family()
    orders = [at.place(account_id, BUY, 1, 100) for account_id in ("one", "stranger", "fund", "one")]
    events = at.submit(SetTradingState(TradingState.HALTED, "fund"))
    assert [event.order_id for event in events if isinstance(event, OrderCanceled)] == [
        orders[0],
        orders[2],
        orders[3],
    ]
    assert rejection(at.submit(order("two", BUY, 1, 100))).detail == "account fund is HALTED"
    assert at.place("stranger", BUY, 1, 100) in [
        record.order_id for record in at.exchange.live_orders("stranger")
    ]


def test_reducing_a_parent_leaves_each_account_what_lowers_its_own_exposure():
    at = family()
    at.place("stranger", SELL, 5, 100)
    at.place("one", BUY, 5, 100)
    closing = at.place("one", SELL, 5, 101)
    opening = at.place("fund", SELL, 5, 101)
    events = at.submit(SetTradingState(TradingState.REDUCING, "fund"))
    assert [event.order_id for event in events if isinstance(event, OrderCanceled)] == [opening]
    assert [record.order_id for record in at.exchange.live_orders("one")] == [closing]


def test_the_parents_switch_is_asked_before_the_accounts_own():
    at = family()
    for account_id in ("one", "fund"):
        at.submit(SetTradingState(TradingState.HALTED, account_id))
    assert rejection(at.submit(order("one", BUY, 1, 100))).detail == "account fund is HALTED"


def test_a_sub_accounts_switch_is_its_own():
    at = family()
    at.submit(SetTradingState(TradingState.HALTED, "one"))
    for account_id in ("fund", "two"):
        events = at.submit(order(account_id, BUY, 1, 1))
        assert "HALTED" not in str(events)
