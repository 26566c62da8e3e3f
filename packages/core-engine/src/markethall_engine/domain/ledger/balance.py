"""What one account holds of one asset."""

from markethall_engine.domain.ledger.records import BalanceRecord


class Balance:
    """A balance as the ledger keeps it; only `ledger.Ledger` writes to one."""

    __slots__ = ("account_id", "asset", "available", "reserved")

    def __init__(self, account_id: str, asset: str) -> None:
        self.account_id = account_id
        self.asset = asset
        self.available = 0
        self.reserved = 0

    def record(self) -> BalanceRecord:
        return BalanceRecord(self.account_id, self.asset, self.available, self.reserved)
