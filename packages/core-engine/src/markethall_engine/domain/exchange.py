"""The exchange: commands in, events out, and the one state that the events make.

`decide` reads and `apply` writes. The caller (the sequencer, or recovery, or a test) owns order, time and
durability: it gives every command a sequence that rises by one and a time that never falls, and applies a
command's events in order before it decides the next. Before a client's command come those that the venue
owes itself (`next_command`). Equal commands with equal sequences and times give equal events and equal
digests, in any process.
"""

from bisect import bisect_left
from collections.abc import Callable, Iterator, Sequence
from itertools import islice
from typing import Any, Final

from markethall_engine.domain import transitions
from markethall_engine.domain.account import Account
from markethall_engine.domain.batches import why_refused
from markethall_engine.domain.book.book_order import BookOrder
from markethall_engine.domain.book.level import Level
from markethall_engine.domain.book.order_book import OrderBook
from markethall_engine.domain.commands import (
    CancelAllOrders,
    CancelOrder,
    Command,
    CreateAccount,
    CreateAsset,
    CreateInstrument,
    Deposit,
    EndAuction,
    EndSession,
    ExpireOrders,
    Liquidate,
    PlaceExit,
    PlaceOrder,
    ReplaceOrder,
    SetTradingState,
    Transfer,
    TriggerOrder,
    TrimReduceOnly,
    UpdateAccount,
    UpdateInstrument,
    UpdateRiskLimits,
    VenueCommand,
    Withdraw,
    same_request,
)
from markethall_engine.domain.decision import Decision, Duplicate
from markethall_engine.domain.decisions.canceling import cancel_all_orders, cancel_order, end_session
from markethall_engine.domain.decisions.exits import place_exit
from markethall_engine.domain.decisions.expiring import expire_orders
from markethall_engine.domain.decisions.funding import deposit, transfer, withdraw
from markethall_engine.domain.decisions.liquidating import liquidate
from markethall_engine.domain.decisions.listing import (
    create_asset,
    create_instrument,
    end_auction,
    update_instrument,
)
from markethall_engine.domain.decisions.placing import place_order
from markethall_engine.domain.decisions.reducing import trim_reduce_only
from markethall_engine.domain.decisions.registration import create_account, update_account
from markethall_engine.domain.decisions.replacing import replace_order
from markethall_engine.domain.decisions.risk_control import set_trading_state, update_risk_limits
from markethall_engine.domain.decisions.triggering import trigger_order
from markethall_engine.domain.events import (
    AccountCreated,
    AccountUpdated,
    AssetCreated,
    AuctionBegun,
    AuctionEnded,
    CancelAllCompleted,
    CancelRejected,
    CommandRejected,
    Event,
    FollowUpTaken,
    FundsDeposited,
    FundsTransferred,
    FundsWithdrawn,
    InstrumentCreated,
    InstrumentUpdated,
    Liquidated,
    OrderAccepted,
    OrderCanceled,
    OrderReduced,
    OrderRefreshed,
    OrderRejected,
    OrderReplaced,
    OrderRested,
    OrderTriggered,
    ReplaceRejected,
    RiskLimitsUpdated,
    SessionEnded,
    TradeExecuted,
    TradePrevented,
    TradingStateSet,
)
from markethall_engine.domain.instrument import Asset, Instrument
from markethall_engine.domain.invariants import violations
from markethall_engine.domain.ledger.ledger import FEES
from markethall_engine.domain.ledger.records import BalanceRecord, FeesRecord, PositionRecord
from markethall_engine.domain.margin import MarginStatus
from markethall_engine.domain.order import OrderRecord, Side
from markethall_engine.domain.risk.limits import NO_LIMITS, RiskLimits
from markethall_engine.domain.risk.limits_used import limits_used
from markethall_engine.domain.risk.margin import margin_statuses
from markethall_engine.domain.risk.trading_switch import TradingSwitch
from markethall_engine.domain.snapshot import SnapshotError, digest, dump_state, load_state
from markethall_engine.domain.state import ExchangeState
from markethall_engine.domain.tick_change import retold
from markethall_engine.domain.timers import due_command, next_timer_ns

__all__ = ["Decision", "Duplicate", "Exchange", "Level", "SnapshotError"]

_DECISIONS: Final[dict[type, Callable[[ExchangeState, Any, int, int], Decision]]] = {
    CreateAsset: create_asset,
    CreateInstrument: create_instrument,
    UpdateInstrument: update_instrument,
    CreateAccount: create_account,
    UpdateAccount: update_account,
    Deposit: deposit,
    Withdraw: withdraw,
    Transfer: transfer,
    UpdateRiskLimits: update_risk_limits,
    SetTradingState: set_trading_state,
    PlaceOrder: place_order,
    CancelOrder: cancel_order,
    ReplaceOrder: replace_order,
    CancelAllOrders: cancel_all_orders,
    TriggerOrder: trigger_order,
    PlaceExit: place_exit,
    TrimReduceOnly: trim_reduce_only,
    EndAuction: end_auction,
    ExpireOrders: expire_orders,
    EndSession: end_session,
    Liquidate: liquidate,
}

# What is on the path of every order, by names of this module: a look-up less, and compiled a direct call.
_Place: Final = PlaceOrder
_Cancel: Final = CancelOrder
_Accepted: Final = OrderAccepted
_Rested: Final = OrderRested
_Traded: Final = TradeExecuted
_Canceled: Final = OrderCanceled

_TRANSITIONS: Final[dict[type, Callable[[ExchangeState, Any], None]]] = {
    AssetCreated: transitions.asset_created,
    InstrumentCreated: transitions.instrument_created,
    InstrumentUpdated: transitions.instrument_updated,
    AccountCreated: transitions.account_created,
    AccountUpdated: transitions.account_updated,
    FundsDeposited: transitions.funds_deposited,
    FundsWithdrawn: transitions.funds_withdrawn,
    FundsTransferred: transitions.funds_transferred,
    OrderAccepted: transitions.order_accepted,
    OrderRejected: transitions.order_rejected,
    OrderRested: transitions.order_rested,
    TradeExecuted: transitions.trade_executed,
    OrderCanceled: transitions.order_canceled,
    OrderReplaced: transitions.order_replaced,
    CancelRejected: transitions.nothing_changed,
    ReplaceRejected: transitions.nothing_changed,
    CommandRejected: transitions.nothing_changed,
    RiskLimitsUpdated: transitions.risk_limits_updated,
    TradingStateSet: transitions.trading_state_set,
    CancelAllCompleted: transitions.nothing_changed,
    SessionEnded: transitions.nothing_changed,
    TradePrevented: transitions.nothing_changed,
    OrderReduced: transitions.order_reduced,
    OrderRefreshed: transitions.order_refreshed,
    FollowUpTaken: transitions.follow_up_taken,
    OrderTriggered: transitions.order_triggered,
    AuctionBegun: transitions.auction_begun,
    AuctionEnded: transitions.auction_ended,
    Liquidated: transitions.nothing_changed,
}


class Exchange:
    """All instruments, accounts, orders and balances of one engine.

    Everything that a reading method returns is immutable, so it may be kept while the exchange goes on.
    Lists are in the order of creation unless said otherwise; what does not exist is `None` or nothing.
    """

    def __init__(self) -> None:
        self._state = ExchangeState()

    def decide(self, command: Command, sequence: int, time_ns: int) -> Decision:
        """Say what `command` would do now; changes nothing. A refusal is an event, never an exception."""
        asked: Any = command
        kind = type(asked)
        if kind is _Place:
            return place_order(self._state, asked, sequence, time_ns)
        if kind is _Cancel:
            return cancel_order(self._state, asked, sequence, time_ns)
        return _DECISIONS[kind](self._state, asked, sequence, time_ns)

    def apply(self, event: Event, sequence: int, time_ns: int) -> None:
        """Change the state by one event of the command `sequence`; raises only for a bug."""
        self.apply_all([event], sequence, time_ns)

    def apply_all(self, events: list[Event], sequence: int, time_ns: int) -> None:
        """Change the state by all events of the command `sequence`, in order."""
        state = self._state
        state.sequence = sequence
        state.time_ns = time_ns
        event: Any
        for event in events:
            kind = type(event)
            if kind is _Accepted:
                transitions.order_accepted(state, event)
            elif kind is _Rested:
                transitions.order_rested(state, event)
            elif kind is _Traded:
                transitions.trade_executed(state, event)
            elif kind is _Canceled:
                transitions.order_canceled(state, event)
            else:
                _TRANSITIONS[kind](state, event)

    def is_same_request(self, original: Command, command: Command) -> bool:
        """Whether a repeated command asks for what the original did, whatever ticks each is counted in."""
        if (
            isinstance(original, PlaceOrder)
            and isinstance(command, PlaceOrder)
            and original.instrument_revision != command.instrument_revision
            and original.symbol == command.symbol
        ):
            instrument = self.instrument(original.symbol)
            if instrument is not None:
                told = retold(original, instrument, command.instrument_revision)
                return told is not None and same_request(told, command)
        return same_request(original, command)

    def next_command(self, time_ns: int) -> VenueCommand | None:
        """What the venue owes itself at `time_ns`, which comes before any client's next command.

        Whoever decides commands decides and applies this, as a command like any other, until there is none:
        before each client's command and after the last.
        """
        follow_ups = self._state.follow_ups
        return follow_ups[0] if follow_ups else due_command(self._state, time_ns)

    def next_timer_ns(self) -> int | None:
        """When the passing of time alone will next make the venue owe itself something."""
        return next_timer_ns(self._state)

    def why_batch_is_refused(self, orders: Sequence[PlaceOrder], sequence: int, time_ns: int) -> str:
        """Say why an all-or-none batch would be refused as a whole, or nothing; changes nothing.

        The first of the orders would be the command `sequence`. Whoever is told why decides each order with
        that as its `refused_because`; else each is decided as it is, at once and at the same time.
        """
        return why_refused(self._state, orders, sequence, time_ns)

    def execute(self, command: Command, sequence: int, time_ns: int) -> Decision:
        """Decide a command and apply its events at once, for who need not keep them first."""
        decision = self.decide(command, sequence, time_ns)
        if isinstance(decision, list):
            self.apply_all(decision, sequence, time_ns)
        return decision

    def snapshot(self) -> bytes:
        """The whole state, between two commands, in its one encoding: equal states give equal bytes."""
        return dump_state(self._state)

    @classmethod
    def restore(cls, data: bytes) -> "Exchange":
        """An exchange that decides as the snapshot's one would; raises `SnapshotError` for foreign bytes."""
        exchange = cls()
        exchange._state = load_state(data)
        return exchange

    def digest(self) -> str:
        """BLAKE2b of the snapshot, 64 hexadecimal digits: equal states have equal digests in any process."""
        return digest(dump_state(self._state))

    def violations(self) -> list[str]:
        """Every invariant that does not hold between two commands, in words; it reads the whole state."""
        return violations(self._state)

    @property
    def sequence(self) -> int:
        """Of the last event applied; 0 at the start."""
        return self._state.sequence

    @property
    def time_ns(self) -> int:
        """Of the last event applied, nanoseconds since 1970 (UTC); 0 at the start."""
        return self._state.time_ns

    @property
    def trade_count(self) -> int:
        """How many trades there were, which is the last one's id."""
        return self._state.last_trade_id

    @property
    def live_order_count(self) -> int:
        return len(self._state.live_orders)

    def assets(self) -> list[Asset]:
        return list(self._state.assets.values())

    def asset(self, asset: str) -> Asset | None:
        return self._state.assets.get(asset)

    def instruments(self) -> list[Instrument]:
        return [market.instrument for market in self._state.markets.values()]

    def instrument(self, symbol: str) -> Instrument | None:
        market = self._state.markets.get(symbol)
        return None if market is None else market.instrument

    def last_price_ticks(self, symbol: str) -> int:
        """Of the instrument's last trade; 0 before the first."""
        market = self._state.markets.get(symbol)
        return 0 if market is None else market.last_price_ticks

    def accounts(self) -> list[Account]:
        return [account.account for account in self._state.accounts.values()]

    def account(self, account_id: str) -> Account | None:
        account = self._state.accounts.get(account_id)
        return None if account is None else account.account

    def balances(self, account_id: str) -> list[BalanceRecord]:
        """All that the account ever held, by asset; `ledger.FEES` and `ledger.EXTERNAL` are accounts too."""
        held = self._state.ledger.balances_of(account_id)
        return [balance.record() for balance in sorted(held, key=lambda balance: balance.asset)]

    def balance(self, account_id: str, asset: str) -> BalanceRecord:
        balance = self._state.ledger.find(account_id, asset)
        return BalanceRecord(account_id, asset, 0, 0) if balance is None else balance.record()

    def venue_fees(self) -> list[FeesRecord]:
        """What the venue has earned in every quote asset, by asset."""
        ledger = self._state.ledger
        return [
            FeesRecord(fees.asset, fees.available, ledger.rounding.get(fees.asset, 0))
            for fees in sorted(ledger.balances_of(FEES), key=lambda fees: fees.asset)
        ]

    def margin_statuses(self, account_id: str) -> list[MarginStatus]:
        """Where an account with margin stands in every quote asset, by asset; of any other none."""
        account = self._state.accounts.get(account_id)
        return [] if account is None else list(margin_statuses(self._state, account))

    def positions(self, account_id: str) -> list[PositionRecord]:
        """Of every instrument that the account ever traded, by symbol."""
        account = self._state.accounts.get(account_id)
        if account is None:
            return []
        return [account.positions[symbol].record() for symbol in sorted(account.positions)]

    def position(self, account_id: str, symbol: str) -> PositionRecord:
        account = self._state.accounts.get(account_id)
        position = None if account is None else account.positions.get(symbol)
        return PositionRecord(account_id, symbol, 0, 0, 0, 0) if position is None else position.record()

    def order(self, order_id: int) -> OrderRecord | None:
        """Any order that was ever placed, rejected ones included."""
        order = self._state.live_orders.get(order_id)
        return self._state.closed_order(order_id) if order is None else order.record()

    def order_id_of(self, account_id: str, client_order_id: str) -> int | None:
        """The order that the account placed under its own id."""
        return self._state.order_id_of(account_id, client_order_id) or None

    def orders(self, account_id: str, before: int | None = None) -> Iterator[OrderRecord]:
        """Every order that the account placed, newest first, from those of a lower id than `before`.

        They are read as they are asked for: an iterator is to be used up before the next `apply`.
        """
        account = self._state.accounts.get(account_id)
        if account is not None:
            placed = account.order_ids
            index = len(placed) if before is None else bisect_left(placed, before)
            while index > 0:
                index -= 1
                order = self.order(placed[index])
                assert order is not None, "what was placed is live or closed"
                yield order

    def live_orders(self, account_id: str, symbol: str = "") -> list[OrderRecord]:
        """The account's, of one symbol unless that is empty; oldest first."""
        account = self._state.accounts.get(account_id)
        if account is None:
            return []
        return [order.record() for order in account.live_orders.values() if symbol in ("", order.symbol)]

    def sessions(self) -> list[str]:
        """The connections that live orders are to end with."""
        return list(self._state.sessions)

    def trading_switch(self, account_id: str = "", symbol: str = "") -> TradingSwitch | None:
        """Of an account, of an instrument, or of the venue; `None` if it was never set and so is ACTIVE."""
        return self._state.switches.find(account_id, symbol)

    def risk_limits(self, account_id: str) -> RiskLimits:
        account = self._state.accounts.get(account_id)
        return NO_LIMITS if account is None or account.risk is None else account.risk.limits

    def risk_limits_used(self, account_id: str, time_ns: int) -> RiskLimits:
        """How much of each limit that the account has is used at `time_ns`, in the limit's unit."""
        account = self._state.accounts.get(account_id)
        return NO_LIMITS if account is None else limits_used(self._state, account, time_ns)

    def best_bid(self, symbol: str) -> Level | None:
        return self._book(symbol).bids.best()

    def best_ask(self, symbol: str) -> Level | None:
        return self._book(symbol).asks.best()

    def levels(self, symbol: str, side: Side, limit: int | None = None) -> list[Level]:
        """The best `limit` levels of a side, or all, best first."""
        return self._book(symbol).side(side).levels(limit)

    def resting_orders(self, symbol: str, side: Side, limit: int | None = None) -> list[OrderRecord]:
        """The first `limit` orders of a side, or all, by price and time priority."""
        return [order.record() for order in islice(self._book(symbol).side(side), limit)]

    def book_orders(self, symbol: str, side: Side, limit: int | None = None) -> list[BookOrder]:
        """The same orders as everyone may see them."""
        return [order.book_order() for order in islice(self._book(symbol).side(side), limit)]

    def _book(self, symbol: str) -> OrderBook:
        market = self._state.markets.get(symbol)
        return OrderBook() if market is None else market.book
