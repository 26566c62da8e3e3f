"""Funds: requests to deposit and withdraw, balances and postings."""

from functools import partial

from markethall_common.decimals import format_decimal, parse_decimal
from markethall_engine.domain.commands import Deposit, Transfer, Withdraw
from markethall_engine.domain.events import FundsDeposited, FundsTransferred, FundsWithdrawn
from markethall_engine.domain.exchange import Exchange
from markethall_engine.domain.ledger.records import BalanceRecord, FeesRecord
from markethall_engine.domain.names import MAX_NOTE_LENGTH
from markethall_engine.rpc.postings import AccountPosting
from markethall_engine.rpc.translate.accounts import read_account_id
from markethall_engine.rpc.translate.assets import read_asset_code, unknown_asset
from markethall_engine.rpc.translate.faults import Faults
from markethall_engine.rpc.translate.times import timestamp
from markethall_protos import v1

MILLIONTHS = 6
"""Decimal places."""


class Funds:
    """Reads and writes amounts, each in the decimal places of its asset."""

    def __init__(self, exchange: Exchange) -> None:
        self._exchange = exchange

    def deposit(self, request: v1.DepositRequest) -> Deposit:
        """Read a deposit; raises `InvalidRequest`, and `NotFound` for an unknown asset."""
        return Deposit(*self._movement(request, Faults()))

    def withdraw(self, request: v1.WithdrawRequest) -> Withdraw:
        """Read a withdrawal; raises as `deposit` does."""
        return Withdraw(*self._movement(request, Faults()))

    def transfer(self, request: v1.TransferRequest) -> Transfer:
        """Read a transfer; raises as `deposit` does."""
        faults = Faults()
        to_account_id = read_account_id(request.to_account_id, faults, "to_account_id")
        account_id, code, amount, reference = self._movement(request, faults)
        return Transfer(account_id, to_account_id, code, amount, reference)

    def transferred(self, event: FundsTransferred, sequence: int) -> v1.TransferResponse:
        return v1.TransferResponse(
            balance=self._balance(event.asset, event.available, event.reserved),
            to_balance=self._balance(event.asset, event.to_available, event.to_reserved),
            sequence=sequence,
        )

    def balance_after(self, event: FundsDeposited | FundsWithdrawn) -> v1.Balance:
        return self._balance(event.asset, event.available, event.reserved)

    def balance(self, balance: BalanceRecord) -> v1.Balance:
        return self._balance(balance.asset, balance.available, balance.reserved)

    def posting(self, posting: AccountPosting) -> v1.Posting:
        return v1.Posting(
            posting_id=f"{posting.place.sequence}-{posting.place.number + 1}",
            asset=posting.asset,
            amount=self.amount(posting.asset, posting.amount),
            kind=posting.kind.name.lower(),
            reference=posting.reference,
            sequence=posting.place.sequence,
            post_time=timestamp(posting.time_ns),
        )

    def venue_fees(self, fees: FeesRecord) -> v1.VenueFees:
        return v1.VenueFees(
            asset=fees.asset,
            collected=self.amount(fees.asset, fees.collected),
            rounding=format_decimal(fees.rounding, self._scale(fees.asset) + MILLIONTHS),
        )

    def amount(self, code: str, amount: int) -> str:
        """Write minor units of an asset that exists."""
        return format_decimal(amount, self._scale(code))

    def _balance(self, code: str, available: int, reserved: int) -> v1.Balance:
        return v1.Balance(
            asset=code,
            available=self.amount(code, available),
            reserved=self.amount(code, reserved),
            total=self.amount(code, available + reserved),
        )

    def _scale(self, code: str) -> int:
        asset = self._exchange.asset(code)
        assert asset is not None, f"no asset {code}"
        return asset.scale

    def _movement(
        self, request: v1.DepositRequest | v1.WithdrawRequest | v1.TransferRequest, faults: Faults
    ) -> tuple[str, str, int, str]:
        """Read account, asset, amount and reference, and raise what is at fault."""
        account_id = read_account_id(request.account_id, faults)
        code = read_asset_code(request.asset, faults)
        asset = self._exchange.asset(code)
        amount = 0
        if asset is not None:
            amount = faults.number("amount", request.amount, partial(parse_decimal, scale=asset.scale))
        if len(request.reference) > MAX_NOTE_LENGTH:
            faults.expected("reference", f"at most {MAX_NOTE_LENGTH} characters", request.reference)
        faults.check()
        if asset is None:
            raise unknown_asset(code)
        return account_id, code, amount, request.reference
