"""One account at work: its orders and its positions. Its balances are the ledger's."""

from array import array

from markethall_engine.domain.account import Account
from markethall_engine.domain.ledger.position import Position
from markethall_engine.domain.live_order import LiveOrder
from markethall_engine.domain.risk.account_risk import AccountRisk


class AccountState:
    """What an account has placed and traded; only `transitions` writes to one."""

    __slots__ = ("account", "live_orders", "order_ids", "positions", "risk")

    def __init__(self, account: Account) -> None:
        self.account = account
        self.live_orders: dict[int, LiveOrder] = {}  # by order id, oldest first
        self.order_ids = array("q")  # of every order it ever placed, rising
        self.positions: dict[str, Position] = {}  # by symbol
        self.risk: AccountRisk | None = None  # of an account with limits

    def position(self, symbol: str) -> Position:
        """The position, made on first use."""
        position = self.positions.get(symbol)
        if position is None:
            position = self.positions[symbol] = Position(self.account.account_id, symbol)
        return position
