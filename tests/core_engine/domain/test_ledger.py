"""The ledger moves money between accounts and refuses to overdraw one."""

import pytest

from markethall_engine.domain.ledger.balance import Balance
from markethall_engine.domain.ledger.ledger import EXTERNAL, FEES, Ledger, LedgerError


def funded(amount: int = 100) -> tuple[Ledger, Balance]:
    ledger = Ledger()
    balance = ledger.balance("ann", "USD")
    ledger.deposit(balance, amount)
    return ledger, balance


def test_a_balance_is_made_once():
    ledger, balance = funded()
    assert ledger.balance("ann", "USD") is balance
    assert ledger.find("ann", "EUR") is None
    assert ledger.find("bob", "USD") is None


def test_every_transfer_leaves_the_sum_at_zero():
    ledger, ann = funded()
    bob, fees = ledger.balance("bob", "USD"), ledger.fees("USD")
    ledger.reserve(ann, 60)
    ledger.pay(ann, bob, 50)
    ledger.release(ann, 10)
    ledger.charge(bob, fees, 5)
    ledger.withdraw(bob, 20)
    assert {balance.account_id: (balance.available, balance.reserved) for balance in ledger} == {
        "ann": (50, 0),
        "bob": (25, 0),
        FEES: (5, 0),
        EXTERNAL: (-80, 0),
    }
    assert ledger.supply("USD") == 80


@pytest.mark.parametrize(
    ("overdraw", "found"),
    [
        (lambda ledger, ann, bob: ledger.withdraw(ann, 71), 70),
        (lambda ledger, ann, bob: ledger.reserve(ann, 71), 70),
        (lambda ledger, ann, bob: ledger.charge(ann, bob, 71), 70),
        (lambda ledger, ann, bob: ledger.release(ann, 71), 30),
        (lambda ledger, ann, bob: ledger.pay(ann, bob, 71), 30),
    ],
)
def test_an_account_cannot_be_overdrawn(overdraw, found):
    ledger, ann = funded()
    ledger.reserve(ann, 30)
    bob = ledger.balance("bob", "USD")
    with pytest.raises(LedgerError, match=f"account ann: needs 71 USD, found {found}") as raised:
        overdraw(ledger, ann, bob)
    assert (raised.value.needed, raised.value.found) == (71, found)
    assert (ann.available, ann.reserved, bob.available) == (70, 30, 0)


def test_a_transfer_is_of_one_asset():
    ledger, ann = funded()
    gold = ledger.balance("bob", "GOLD")
    ledger.reserve(ann, 10)
    with pytest.raises(AssertionError):
        ledger.pay(ann, gold, 10)
    with pytest.raises(AssertionError):
        ledger.charge(ann, gold, 10)
