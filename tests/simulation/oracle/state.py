"""What the oracle remembers: what was set, what lives, and all that was ever traded. No sum is kept."""

from collections import Counter, defaultdict
from dataclasses import dataclass, field, replace

from markethall_engine.domain.account import Account
from markethall_engine.domain.commands import Command
from markethall_engine.domain.instrument import Instrument, InstrumentStatus
from markethall_engine.domain.order import Side
from markethall_engine.domain.risk.limits import RiskLimits
from markethall_engine.domain.risk.trading_switch import TradingState
from tests.simulation.oracle.order import Order


@dataclass
class Fill:
    """One side of a trade; lots and notional are below zero for a sell."""

    account_id: str
    symbol: str
    quote_asset: str
    lots: int
    notional: int
    fee: int
    time_ns: int


@dataclass
class State:
    """All that there is."""

    sequence: int = 0  # of the command that is decided
    time_ns: int = 0
    assets: set[str] = field(default_factory=set)
    accounts: dict[str, Account] = field(default_factory=dict)
    instruments: dict[str, Instrument] = field(default_factory=dict)
    holdings: Counter[tuple[str, str]] = field(default_factory=Counter)  # by account and asset, with reserved
    live: list[Order] = field(default_factory=list)  # oldest first
    ended: dict[int, Order] = field(default_factory=dict)
    rejected: dict[int, str] = field(default_factory=dict)  # order id to account
    client_order_ids: dict[tuple[str, str], int] = field(default_factory=dict)
    last_price: dict[str, int] = field(default_factory=dict)
    first_price: dict[str, int] = field(default_factory=dict)
    auction_price: dict[str, int] = field(default_factory=dict)  # of the last auction
    auction_ends: dict[str, int] = field(default_factory=dict)  # when, of those that end by themselves
    switches: dict[tuple[str, str], TradingState] = field(default_factory=dict)
    limits: dict[str, RiskLimits] = field(default_factory=dict)
    order_times: dict[str, list[int]] = field(default_factory=lambda: defaultdict(list))  # limited rates only
    fills: list[Fill] = field(default_factory=list)
    follow_ups: list[Command] = field(default_factory=list)  # what the venue owes itself, the next one first
    trades: int = 0
    arrivals: int = 0

    def copy(self) -> "State":
        """Another one to try something on; what orders do not touch is shared."""
        return replace(
            self,
            holdings=Counter(self.holdings),
            live=[order.copy() for order in self.live],
            ended=dict(self.ended),
            rejected=dict(self.rejected),
            client_order_ids=dict(self.client_order_ids),
            order_times=defaultdict(list, {key: list(times) for key, times in self.order_times.items()}),
            instruments=dict(self.instruments),
            last_price=dict(self.last_price),
            first_price=dict(self.first_price),
            auction_ends=dict(self.auction_ends),
            fills=list(self.fills),
            follow_ups=list(self.follow_ups),
        )

    def put_instrument(self, instrument: Instrument) -> None:
        """Let it be as it now is, for its live orders too."""
        self.instruments[instrument.symbol] = instrument
        for order in self.live:
            if order.symbol == instrument.symbol:
                order.instrument = instrument

    def resting(self, symbol: str, side: Side) -> list[Order]:
        """One side of a book, by price and then time."""
        sign = -1 if side is Side.BUY else 1
        orders = [
            order for order in self.live if order.arrival and (order.symbol, order.side) == (symbol, side)
        ]
        return sorted(orders, key=lambda order: (sign * order.price_ticks, order.arrival))

    def reference_price(self, symbol: str) -> int:
        """The last trade's, or what stands for it before the first; 0 for none."""
        return self.last_price.get(symbol, self.instruments[symbol].reference_price_ticks)

    def is_in_auction(self, symbol: str) -> bool:
        return self.instruments[symbol].status is InstrumentStatus.AUCTION

    def family(self, account_id: str) -> list[str]:
        """The account, and its parent if it has one."""
        parent = self.accounts[account_id].parent_account_id
        return [account_id, parent] if parent else [account_id]

    def are_one(self, account_id: str, other_account_id: str) -> bool:
        """Whether two accounts count as one for self-trade prevention."""
        groups = {self.accounts[one].self_trade_group_id for one in (account_id, other_account_id)}
        return account_id == other_account_id or (len(groups) == 1 and groups != {""})

    def order(self, order_id: int) -> Order | None:
        """The live one."""
        return next((order for order in self.live if order.order_id == order_id), None)

    def available(self, account_id: str, asset: str) -> int:
        """What the account holds less what its live orders need."""
        mine = [order for order in self.live if (order.account_id, order.pays) == (account_id, asset)]
        return self.holdings[account_id, asset] - sum(order.needs for order in mine)

    def position(self, account_id: str, symbol: str) -> int:
        return sum(fill.lots for fill in self.fills if (fill.account_id, fill.symbol) == (account_id, symbol))
