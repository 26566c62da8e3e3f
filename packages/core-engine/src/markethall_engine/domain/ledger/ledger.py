"""The double-entry ledger: money moves, and is neither made nor lost.

Every balance has two ledger accounts, available and reserved. Whatever happens is a transfer of one amount
of one asset from one of them to another, so every posting sums to zero by construction and so does the
whole ledger, per asset: what customers and the venue hold is what `EXTERNAL` is short of. (The same shape
as TigerBeetle's data model: accounts, and transfers that debit one and credit another.)

Amounts are not negative. Taking more than is there raises `LedgerError`, but that accounts with margin borrow
by having less than nothing available. The rules have refused such commands before they became events, so that
reaching it is a bug, and the engine stops.
"""

from collections.abc import Iterator
from typing import Final

from markethall_engine.domain.ledger.balance import Balance

EXTERNAL: Final = "@external"
"""The world outside: below zero by what is on deposit."""
FEES: Final = "@fees"
"""What the venue has earned."""


class LedgerError(Exception):
    """A posting would overdraw an account; `needed` is more than `found`, in minor units of `asset`."""

    def __init__(self, balance: Balance, needed: int, found: int) -> None:
        self.account_id = balance.account_id
        self.asset = balance.asset
        self.needed = needed
        self.found = found
        super().__init__(f"account {balance.account_id}: needs {needed} {balance.asset}, found {found}")


class Ledger:
    """All balances of the venue, customers' and its own."""

    __slots__ = ("_asked_id", "_asked_of", "_balances", "borrowers", "rounding")

    def __init__(self) -> None:
        self._balances: dict[str, dict[str, Balance]] = {}
        # Whose balances were asked for last: an order asks for one account's several times.
        self._asked_id = ""
        self._asked_of: dict[str, Balance] = {}
        self.borrowers: set[str] = set()
        """Accounts whose available may be below zero, by as much as they owe; what is reserved never is."""
        self.rounding: dict[str, int] = {}
        """What rounding up fees came to over ended orders: by asset, in millionths of its minor unit."""

    def __iter__(self) -> Iterator[Balance]:
        """Every balance, in the order of creation by account."""
        for balances in self._balances.values():
            yield from balances.values()

    def balance(self, account_id: str, asset: str) -> Balance:
        """The account's balance of the asset, made on first use; readers use `find`."""
        if account_id == self._asked_id:
            balances = self._asked_of
        else:
            balances = self._balances.setdefault(account_id, {})
            self._asked_id, self._asked_of = account_id, balances
        balance = balances.get(asset)
        if balance is None:
            balance = balances[asset] = Balance(account_id, asset)
        return balance

    def find(self, account_id: str, asset: str) -> Balance | None:
        if account_id == self._asked_id:
            return self._asked_of.get(asset)
        balances = self._balances.get(account_id)
        if balances is None:
            return None
        self._asked_id, self._asked_of = account_id, balances
        return balances.get(asset)

    def forget(self, account_id: str, asset: str) -> None:
        """Undo that a balance was ever made; it must hold nothing."""
        balance = self._balances[account_id].pop(asset)
        assert balance.available == balance.reserved == 0, "what is forgotten is empty"

    def total(self, account_id: str, asset: str) -> int:
        """What the account has, available and reserved."""
        balance = self.find(account_id, asset)
        return 0 if balance is None else balance.available + balance.reserved

    def available(self, account_id: str, asset: str) -> int:
        balance = self.find(account_id, asset)
        return 0 if balance is None else balance.available

    def fees(self, asset: str) -> Balance:
        """Where the venue earns fees in the asset."""
        return self.balance(FEES, asset)

    def keep_rounding(self, asset: str, fee_credit: int) -> None:
        """Count the fee credit of an order that ends, which nothing will use any more: see `ledger.fees`."""
        self.rounding[asset] = self.rounding.get(asset, 0) + fee_credit

    def balances_of(self, account_id: str) -> list[Balance]:
        return list(self._balances.get(account_id, {}).values())

    def supply(self, asset: str) -> int:
        """How much of the asset is on the venue's books, over all accounts and fees."""
        return -self.available(EXTERNAL, asset)

    def deposit(self, balance: Balance, amount: int) -> None:
        """From outside to available."""
        self.balance(EXTERNAL, balance.asset).available -= amount
        balance.available += amount

    def withdraw(self, balance: Balance, amount: int) -> None:
        """From available to outside."""
        if amount > balance.available:
            raise LedgerError(balance, amount, balance.available)
        balance.available -= amount
        self.balance(EXTERNAL, balance.asset).available += amount

    def reserve(self, balance: Balance, amount: int) -> None:
        """From available to reserved."""
        if amount > balance.available and balance.account_id not in self.borrowers:
            raise LedgerError(balance, amount, balance.available)
        balance.available -= amount
        balance.reserved += amount

    def release(self, balance: Balance, amount: int) -> None:
        """From reserved back to available."""
        if amount > balance.reserved:
            raise LedgerError(balance, amount, balance.reserved)
        balance.reserved -= amount
        balance.available += amount

    def pay(self, payer: Balance, payee: Balance, amount: int) -> None:
        """From the payer's reserved to the payee's available."""
        if amount > payer.reserved:
            raise LedgerError(payer, amount, payer.reserved)
        assert payer.asset == payee.asset, "a transfer is of one asset"
        payer.reserved -= amount
        payee.available += amount

    def charge(self, payer: Balance, payee: Balance, amount: int) -> None:
        """From the payer's available to the payee's."""
        if amount > payer.available and payer.account_id not in self.borrowers:
            raise LedgerError(payer, amount, payer.available)
        assert payer.asset == payee.asset, "a transfer is of one asset"
        payer.available -= amount
        payee.available += amount
