"""Accounts, deposits and withdrawals."""

import pytest

from markethall_engine.domain.account import Account
from markethall_engine.domain.commands import CreateAccount, Deposit, UpdateAccount, Withdraw
from markethall_engine.domain.events import (
    AccountCreated,
    AccountUpdated,
    CommandRejected,
    FundsDeposited,
    FundsWithdrawn,
)
from markethall_engine.domain.ledger.records import BalanceRecord
from markethall_engine.domain.reasons import RejectReason
from tests.core_engine.domain.builders import BUY, Venue, venue


def refused(at: Venue, command) -> tuple[RejectReason, str]:
    (event,) = at.submit(command)
    assert isinstance(event, CommandRejected), event
    return event.reason, event.detail


def test_an_account_is_created():
    at = Venue()
    assert at.submit(CreateAccount("alice", "Alice")) == [
        AccountCreated(Account("alice", "Alice", at.time_ns))
    ]
    assert at.exchange.accounts() == [at.exchange.account("alice")] == [Account("alice", "Alice", at.time_ns)]


@pytest.mark.parametrize(("asked", "found"), [("Bob", "Bob"), ("", ""), (None, "Alice")])
def test_an_update_changes_what_it_names_and_leaves_the_rest(asked, found):
    at = Venue()
    at.submit(CreateAccount("alice", "Alice"))
    created = at.exchange.account("alice")
    assert created is not None
    expected = Account("alice", found, created.create_time_ns)
    assert at.submit(UpdateAccount("alice", display_name=asked)) == [AccountUpdated(expected)]
    assert at.exchange.account("alice") == expected


@pytest.mark.parametrize(
    ("command", "reason", "detail"),
    [
        (CreateAccount("maker"), RejectReason.ALREADY_EXISTS, "there is an account 'maker' already"),
        (
            CreateAccount("@fees"),
            RejectReason.INVALID_PARAMETERS,
            "an account id is 1 to 64 of a-z A-Z 0-9 . _ -, found '@fees'",
        ),
        (
            CreateAccount("new", "n" * 129),
            RejectReason.INVALID_PARAMETERS,
            "a display name has at most 128 characters, found 129",
        ),
        (
            CreateAccount("new", fee_tier="a tier"),
            RejectReason.INVALID_PARAMETERS,
            "a fee tier is 1 to 32 of a-z A-Z 0-9 . _ -, found 'a tier'",
        ),
        (
            UpdateAccount("maker", self_trade_group_id="@"),
            RejectReason.INVALID_PARAMETERS,
            "a self-trade group id is 1 to 64 of a-z A-Z 0-9 . _ -, found '@'",
        ),
        (UpdateAccount("bob"), RejectReason.UNKNOWN_ACCOUNT, "there is no account 'bob'"),
        (
            UpdateAccount("maker", "n" * 129),
            RejectReason.INVALID_PARAMETERS,
            "a display name has at most 128 characters, found 129",
        ),
    ],
)
def test_a_senseless_account_is_refused(command, reason, detail):
    assert refused(venue(), command) == (reason, detail)


def test_a_deposit_is_available_at_once():
    at = venue(funds=0)
    assert at.submit(Deposit("maker", "USD", 500, "wire 1")) == [
        FundsDeposited("maker", "USD", 500, "wire 1", available=500, reserved=0)
    ]
    assert at.exchange.balances("maker") == [BalanceRecord("maker", "USD", 500, 0)]


def test_a_withdrawal_takes_what_is_available():
    at = venue(funds=500)
    assert at.submit(Withdraw("maker", "USD", 200)) == [
        FundsWithdrawn("maker", "USD", 200, "", available=300, reserved=0)
    ]


def test_what_is_reserved_cannot_be_withdrawn():
    at = venue(funds=500)
    at.place("maker", BUY, 4, 100)
    assert refused(at, Withdraw("maker", "USD", 101)) == (
        RejectReason.INSUFFICIENT_FUNDS,
        "1 USD available, 1.01 USD needed",
    )
    assert at.submit(Withdraw("maker", "USD", 100)) == [
        FundsWithdrawn("maker", "USD", 100, "", available=0, reserved=400)
    ]


@pytest.mark.parametrize("kind", [Deposit, Withdraw])
@pytest.mark.parametrize(
    ("terms", "reason", "detail"),
    [
        (("nobody", "USD", 1), RejectReason.UNKNOWN_ACCOUNT, "there is no account 'nobody'"),
        (("maker", "EUR", 1), RejectReason.UNKNOWN_ASSET, "there is no asset 'EUR'"),
        (
            ("maker", "USD", 0),
            RejectReason.INVALID_PARAMETERS,
            "an amount is 1 to 9223372036854775807 minor units, found 0",
        ),
        (
            ("maker", "USD", 1, "r" * 129),
            RejectReason.INVALID_PARAMETERS,
            "a reference has at most 128 characters, found 129",
        ),
    ],
)
def test_senseless_funds_are_refused(kind, terms, reason, detail):
    assert refused(venue(), kind(*terms)) == (reason, detail)


def test_no_more_of_an_asset_is_taken_than_one_amount_can_hold():
    at = venue(funds=0)
    at.submit(Deposit("maker", "USD", 2**63 - 1))
    assert refused(at, Deposit("taker", "USD", 1)) == (
        RejectReason.INVALID_PARAMETERS,
        "the venue holds at most 92233720368547758.07 USD, now 92233720368547758.07 USD, asked 0.01 USD",
    )
    assert at.exchange.restore(at.exchange.snapshot()).digest() == at.exchange.digest()
