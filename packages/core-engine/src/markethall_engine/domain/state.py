"""Everything the exchange knows: the sum of its events.

`decisions` read it, `transitions` write it, and nobody else holds it.
"""

from collections import deque
from typing import Final

import msgspec

from markethall_engine.domain.account_state import AccountState
from markethall_engine.domain.commands import ExitLeg, PlaceExit, VenueCommand
from markethall_engine.domain.events import OrderAccepted
from markethall_engine.domain.expiries import Expiries
from markethall_engine.domain.instructions import Instructions
from markethall_engine.domain.instrument import Asset, Instrument
from markethall_engine.domain.ledger.ledger import Ledger
from markethall_engine.domain.live_order import LiveOrder
from markethall_engine.domain.market import Market
from markethall_engine.domain.order import OrderRecord, Side
from markethall_engine.domain.risk.trading_switches import TradingSwitches

_BUY: Final = Side.BUY

_encode_record = msgspec.msgpack.Encoder().encode
_decode_record = msgspec.msgpack.Decoder(OrderRecord).decode


class ExchangeState:
    """Registries by name or id; plain data, with the few look-ups that more than one reader needs."""

    __slots__ = (
        "_found",
        "_marking",
        "accounts",
        "assets",
        "auction_ends_ns",
        "client_order_ids",
        "closed_orders",
        "expiries",
        "follow_ups",
        "last_trade_id",
        "ledger",
        "live_orders",
        "margin_accounts",
        "markets",
        "sequence",
        "sessions",
        "switches",
        "time_ns",
    )

    def __init__(self) -> None:
        self.sequence = 0
        self.time_ns = 0
        self.last_trade_id = 0
        self.assets: dict[str, Asset] = {}
        self.markets: dict[str, Market] = {}
        self.auction_ends_ns: dict[str, int] = {}  # of auctions that end by themselves, by symbol
        self._marking: dict[str, dict[str, Market]] = {}  # by quote and base asset
        self.accounts: dict[str, AccountState] = {}
        self.margin_accounts: dict[str, AccountState] = {}  # that may borrow, by id; few, mostly none
        self.ledger = Ledger()
        self.switches = TradingSwitches()
        self.live_orders: dict[int, LiveOrder] = {}
        self.expiries = Expiries()
        # Of the live orders, those that end with a connection, by its id and oldest first.
        self.sessions: dict[str, dict[int, LiveOrder]] = {}
        self._found: LiveOrder | None = None  # by `live_order`, which is mostly asked again for the same
        # Encoded records: an order that ended is kept for ever and seldom read, and bytes take a quarter of
        # the room and none of the garbage collector's time.
        self.closed_orders: dict[int, bytes] = {}
        # Sequences by account and client order id, for ever. The account need not exist: what was refused
        # for want of one stays refused.
        self.client_order_ids: dict[str, dict[str, int]] = {}
        # What events oblige the venue to do, oldest first, before it decides any client's next command.
        self.follow_ups: deque[VenueCommand] = deque()

    def open_market(self, market: Market) -> None:
        """Register the market of an instrument that was created."""
        instrument = market.instrument
        self.markets[instrument.symbol] = market
        self._marking.setdefault(instrument.quote_asset, {}).setdefault(instrument.base_asset, market)

    def marking(self, quote: str) -> dict[str, Market]:
        """What trades against a quote asset: by base asset, the market of the pair that was created first."""
        return self._marking.get(quote, {})

    def keep_margin(self, account: AccountState) -> None:
        """Note whether an account may borrow, after that was said."""
        account_id = account.account.account_id
        if account.account.margin is None:
            self.margin_accounts.pop(account_id, None)
            self.ledger.borrowers.discard(account_id)
        elif account_id not in self.margin_accounts:
            self.ledger.borrowers.add(account_id)
            several = {**self.margin_accounts, account_id: account}
            self.margin_accounts = {name: several[name] for name in sorted(several)}

    def new_order(
        self, terms: OrderAccepted, instrument: Instrument, account: AccountState, time_ns: int
    ) -> LiveOrder:
        """An order bound to its account and to the balances it pays from and receives on."""
        base = self.ledger.balance(terms.account_id, instrument.base_asset)
        quote = self.ledger.balance(terms.account_id, instrument.quote_asset)
        if terms.side is _BUY:
            return LiveOrder(terms, account, pays=quote, receives=base, time_ns=time_ns)
        return LiveOrder(terms, account, pays=base, receives=quote, time_ns=time_ns)

    def enlist(self, order: LiveOrder, instructions: Instructions) -> None:
        """Note a live order where it is looked for: by its connection, its group, its end, as reduce-only.

        Orders are noted by rising ids.
        """
        if instructions.session_id:
            self.sessions.setdefault(instructions.session_id, {})[order.order_id] = order
        if instructions.order_group_id:
            order.owner.join_group(order, instructions.order_group_id)
        if instructions.reduce_only and not order.is_pending:
            order.owner.add_reduce_only(order)
        if instructions.expire_time_ns:
            self.expiries.add(instructions.expire_time_ns, order.order_id)

    def delist(self, order: LiveOrder, instructions: Instructions) -> None:
        """Forget an order that ended wherever it was noted."""
        if instructions.session_id:
            orders = self.sessions[instructions.session_id]
            del orders[order.order_id]
            if not orders:
                del self.sessions[instructions.session_id]
        if instructions.order_group_id:
            order.owner.leave_group(order, instructions.order_group_id)
        if instructions.reduce_only and not order.is_pending:
            order.owner.remove_reduce_only(order)
        if instructions.expire_time_ns:
            self.expiries.remove(instructions.expire_time_ns, order.order_id)

    def live_order(self, order_id: int) -> LiveOrder:
        """The live order of an id that has one; raises `KeyError`."""
        found = self._found
        if found is None or found.order_id != order_id:
            found = self._found = self.live_orders[order_id]
        return found

    def find_live_order(self, order_id: int) -> LiveOrder | None:
        found = self._found
        if found is None or found.order_id != order_id:
            found = self.live_orders.get(order_id)
            if found is not None:
                self._found = found
        return found

    def begin_life(self, order: LiveOrder) -> None:
        """Register an order that was accepted."""
        order_id = order.order_id
        self.live_orders[order_id] = self._found = order
        order.owner.live_orders.join(order)
        order.owner.order_ids.append(order_id)
        if order.instructions is not None:
            self.enlist(order, order.instructions)

    def end_life(self, order: LiveOrder, record: OrderRecord) -> None:
        """Move an order from the living to the closed."""
        order_id = order.order_id
        if order.fee_credit:
            quote = order.pays if order.side is _BUY else order.receives
            self.ledger.keep_rounding(quote.asset, order.fee_credit)
        del self.live_orders[order_id]
        order.owner.live_orders.leave(order)
        self._found = None
        if order.instructions is not None:
            self.delist(order, order.instructions)
            if order.filled_lots:
                self._owe_exits(order.order_id, order.instructions)
        self.closed_orders[order_id] = _encode_record(record)

    def family(self, account_id: str) -> list[AccountState]:
        """An account and, of a parent, its sub-accounts; looks at every account."""
        return [
            account
            for account in self.accounts.values()
            if account_id in (account.account.account_id, account.account.parent_account_id)
        ]

    def _owe_exits(self, order_id: int, instructions: Instructions) -> None:
        """Have the exits placed of an order that ended with fills, if it has a bracket."""
        if instructions.take_profit_ticks:
            self.follow_ups.append(PlaceExit(order_id, ExitLeg.TAKE_PROFIT))
        if instructions.stop_loss_ticks:
            self.follow_ups.append(PlaceExit(order_id, ExitLeg.STOP_LOSS))

    def order_id_of(self, account_id: str, client_order_id: str) -> int:
        """The order that an account placed under its own id, or 0."""
        used = self.client_order_ids.get(account_id)
        return 0 if used is None else used.get(client_order_id, 0)

    def keep_client_order_id(self, account_id: str, client_order_id: str, order_id: int) -> None:
        used = self.client_order_ids.get(account_id)
        if used is None:
            used = self.client_order_ids[account_id] = {}
        used[client_order_id] = order_id

    def forget_order(self, order_id: int, account_id: str, client_order_id: str) -> None:
        """Undo that an order was ever placed and ended; for trials, whose orders never were."""
        del self.closed_orders[order_id]
        if client_order_id:
            used = self.client_order_ids[account_id]
            del used[client_order_id]
            if not used:
                del self.client_order_ids[account_id]

    def keep_closed(self, record: OrderRecord) -> None:
        self.closed_orders[record.order_id] = _encode_record(record)

    def closed_order(self, order_id: int) -> OrderRecord | None:
        data = self.closed_orders.get(order_id)
        return None if data is None else _decode_record(data)
