"""Who trades: an account owns orders, balances and positions."""

from array import array

import msgspec

from markethall_engine.domain.ledger.position import Position
from markethall_engine.domain.live_order import LiveOrder


class Account(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """A customer's account as it was created."""

    account_id: str
    display_name: str
    create_time_ns: int


class AccountState:
    """An account at work; only `transitions` writes to one. Its balances are the ledger's."""

    __slots__ = ("account", "live_orders", "order_ids", "positions")

    def __init__(self, account: Account) -> None:
        self.account = account
        self.live_orders: dict[int, LiveOrder] = {}  # by order id, oldest first
        self.order_ids = array("q")  # of every order it ever placed, rising
        self.positions: dict[str, Position] = {}  # by symbol

    def position(self, symbol: str) -> Position:
        """The position, made on first use."""
        position = self.positions.get(symbol)
        if position is None:
            position = self.positions[symbol] = Position(self.account.account_id, symbol)
        return position
