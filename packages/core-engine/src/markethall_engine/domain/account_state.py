"""One account at work: its orders and its positions. Its balances are the ledger's."""

from array import array
from collections.abc import Iterable, Iterator

from markethall_engine.domain.account import Account
from markethall_engine.domain.ledger.position import Position
from markethall_engine.domain.live_order import LiveOrder
from markethall_engine.domain.orders_of_account import OrdersOfAccount
from markethall_engine.domain.risk.account_risk import AccountRisk


class AccountState:
    """What an account has placed and traded; only `transitions` writes to one."""

    __slots__ = ("_groups", "account", "live_orders", "order_ids", "positions", "reduce_only", "risk")

    def __init__(self, account: Account) -> None:
        self.account = account
        self.live_orders = OrdersOfAccount()
        self.order_ids = array("q")  # of every order it ever placed, rising
        self.positions: dict[str, Position] = {}  # by symbol
        self.risk: AccountRisk | None = None  # of an account with limits
        # Its live reduce-only orders, by symbol and order id, oldest first.
        self.reduce_only: dict[str, dict[int, LiveOrder]] = {}
        self._groups: dict[str, dict[int, LiveOrder]] = {}  # live orders of groups, by group and order id

    def orders_of_group(self, group_id: str) -> Iterable[LiveOrder]:
        """The live ones, oldest first."""
        return self._groups.get(group_id, {}).values()

    def grouped_orders(self) -> Iterator[tuple[str, LiveOrder]]:
        """Every live order of a group, with its group."""
        for group_id, orders in self._groups.items():
            for order in orders.values():
                yield group_id, order

    def add_reduce_only(self, order: LiveOrder) -> None:
        """Note a live reduce-only order, which may be an older one than those noted, a stop just released."""
        orders = self.reduce_only.setdefault(order.symbol, {})
        is_newest = not orders or next(reversed(orders)) < order.order_id
        orders[order.order_id] = order
        if not is_newest:
            self.reduce_only[order.symbol] = dict(sorted(orders.items()))

    def remove_reduce_only(self, order: LiveOrder) -> None:
        """Forget a reduce-only order that ends."""
        orders = self.reduce_only[order.symbol]
        del orders[order.order_id]
        if not orders:
            del self.reduce_only[order.symbol]

    def join_group(self, order: LiveOrder, group_id: str) -> None:
        """Note a live order of a group."""
        self._groups.setdefault(group_id, {})[order.order_id] = order

    def leave_group(self, order: LiveOrder, group_id: str) -> None:
        """Forget an order of a group that ends."""
        group = self._groups[group_id]
        del group[order.order_id]
        if not group:
            del self._groups[group_id]

    def position(self, symbol: str) -> Position:
        """The position, made on first use."""
        position = self.positions.get(symbol)
        if position is None:
            position = self.positions[symbol] = Position(self.account.account_id, symbol)
        return position
