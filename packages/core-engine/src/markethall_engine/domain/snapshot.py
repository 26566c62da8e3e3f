"""The whole state as bytes and back.

One encoding and one only: equal states give equal bytes, in any process. So the bytes are what a snapshot
file holds and what the digest is taken of. Everything is written in the order in which it came to be or
stands in the book, which the events alone determine, so nothing needs sorting.

The first two fields name the format and its version and stay first for ever. A reader knows one version;
an older snapshot is passed over, and the journal replayed instead.
"""

from collections.abc import Iterator
from hashlib import blake2b
from typing import Final

import msgspec

from markethall_engine.domain.account import Account
from markethall_engine.domain.account_state import AccountState
from markethall_engine.domain.commands import TriggerOrder, VenueCommand
from markethall_engine.domain.events import OrderAccepted
from markethall_engine.domain.instrument import Asset, Instrument
from markethall_engine.domain.ledger.records import BalanceRecord
from markethall_engine.domain.live_order import LiveOrder
from markethall_engine.domain.market import Market
from markethall_engine.domain.order import OrderRecord, OrderStatus
from markethall_engine.domain.risk.account_risk import AccountRisk
from markethall_engine.domain.risk.limits import RiskLimits
from markethall_engine.domain.risk.trading_switch import TradingSwitch
from markethall_engine.domain.state import ExchangeState

FORMAT: Final = "markethall-exchange"
VERSION: Final = 10


class SnapshotError(ValueError):
    """The bytes are not a snapshot of this format and version; the message says what was found."""


class _Listing(msgspec.Struct, frozen=True, array_like=True, gc=False):
    instrument: Instrument
    last_price_ticks: int
    first_price_ticks: int
    auction_price_ticks: int
    resting: list["_Order"]  # bids and then asks, each by priority


class _Order(msgspec.Struct, frozen=True, array_like=True, gc=False):
    record: OrderRecord
    fee_credit: int
    hidden_lots: int
    maker_fee_ppm: int
    taker_fee_ppm: int
    extreme_ticks: int


class _Position(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """Sums over trades, which may pass 64 bits, as text."""

    account_id: str
    symbol: str
    quantity_lots: str
    cost: str
    realized_pnl: str
    fees_paid: str
    day: int
    gain_before_day: str


class _AccountRisk(msgspec.Struct, frozen=True, array_like=True, gc=False):
    account_id: str
    limits: RiskLimits
    order_times_ns: list[int]


class _Snapshot(msgspec.Struct, frozen=True, array_like=True, gc=False):
    format: str
    version: int
    sequence: int
    time_ns: int
    last_trade_id: int
    assets: list[Asset]
    accounts: list[Account]
    balances: list[BalanceRecord]
    listings: list[_Listing]
    positions: list[_Position]
    closed_orders: list[bytes]  # encoded records, as the state keeps them
    client_order_ids: dict[str, dict[str, int]]
    switches: list[TradingSwitch]
    risks: list["_AccountRisk"]
    follow_ups: list[VenueCommand]
    auction_ends_ns: dict[str, int]
    waiting: list["_Order"]  # for their stop price, or released and not yet taken up; oldest first
    fee_rounding: dict[str, int]


class _Header(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """The beginning of any version."""

    format: str
    version: int


_encode = msgspec.msgpack.Encoder().encode
_decode = msgspec.msgpack.Decoder(_Snapshot).decode
_decode_header = msgspec.msgpack.Decoder(_Header).decode
_decode_record = msgspec.msgpack.Decoder(OrderRecord).decode


def dump_state(state: ExchangeState) -> bytes:
    """The one encoding of the state, between two commands: every live order rests or waits."""
    return _encode(
        _Snapshot(
            format=FORMAT,
            version=VERSION,
            sequence=state.sequence,
            time_ns=state.time_ns,
            last_trade_id=state.last_trade_id,
            assets=list(state.assets.values()),
            accounts=[account.account for account in state.accounts.values()],
            balances=[balance.record() for balance in state.ledger],
            listings=[_listing(market) for market in state.markets.values()],
            positions=list(_positions(state)),
            closed_orders=list(state.closed_orders.values()),
            client_order_ids=state.client_order_ids,
            switches=list(state.switches),
            risks=list(_risks(state)),
            follow_ups=list(state.follow_ups),
            auction_ends_ns=dict(sorted(state.auction_ends_ns.items())),
            waiting=[_order(order) for order in _waiting(state)],
            fee_rounding=state.ledger.rounding,
        )
    )


def load_state(data: bytes) -> ExchangeState:
    """The state that `dump_state` wrote; raises `SnapshotError` for anything else."""
    try:
        header = _decode_header(data)
        if (header.format, header.version) != (FORMAT, VERSION):
            raise SnapshotError(
                f"expected {FORMAT} version {VERSION}, found {header.format!r} version {header.version}"
            )
        snapshot = _decode(data)
    except msgspec.MsgspecError as error:
        raise SnapshotError(f"expected {FORMAT} version {VERSION}, found other bytes: {error}") from error
    return _state(snapshot)


def digest(data: bytes) -> str:
    """BLAKE2b of a snapshot's bytes: 64 hexadecimal digits."""
    return blake2b(data, digest_size=32).hexdigest()


def _listing(market: Market) -> _Listing:
    resting = [_order(order) for side in (market.book.bids, market.book.asks) for order in side]
    return _Listing(
        market.instrument,
        market.last_price_ticks,
        market.first_price_ticks,
        market.auction_price_ticks,
        resting,
    )


def _order(order: LiveOrder) -> _Order:
    record = order.record()
    if order.extreme_ticks:  # a record shows where a trailing stop stands, an order has none of its own
        record = msgspec.structs.replace(record, instructions=order.instructions)
    return _Order(
        record,
        order.fee_credit,
        order.hidden_lots,
        order.terms.maker_fee_ppm,
        order.terms.taker_fee_ppm,
        order.extreme_ticks,
    )


def _waiting(state: ExchangeState) -> list[LiveOrder]:
    return sorted([order for order in state.live_orders.values() if order.is_pending], key=LiveOrder.age)


def _positions(state: ExchangeState) -> Iterator[_Position]:
    for account in state.accounts.values():
        for position in account.positions.values():
            yield _Position(
                account_id=position.account_id,
                symbol=position.symbol,
                quantity_lots=str(position.quantity_lots),
                cost=str(position.cost),
                realized_pnl=str(position.realized_pnl),
                fees_paid=str(position.fees_paid),
                day=position.day,
                gain_before_day=str(position.gain_before_day),
            )


def _risks(state: ExchangeState) -> Iterator[_AccountRisk]:
    for account_id, account in state.accounts.items():
        if account.risk is not None:
            yield _AccountRisk(account_id, account.risk.limits, list(account.risk.order_times_ns))


def _state(snapshot: _Snapshot) -> ExchangeState:
    state = ExchangeState()
    state.sequence = snapshot.sequence
    state.time_ns = snapshot.time_ns
    state.last_trade_id = snapshot.last_trade_id
    state.assets = {asset.asset: asset for asset in snapshot.assets}
    for owner in snapshot.accounts:
        account = state.accounts[owner.account_id] = AccountState(owner)
        state.keep_margin(account)
    for held in snapshot.balances:
        balance = state.ledger.balance(held.account_id, held.asset)
        balance.available = held.available
        balance.reserved = held.reserved
    for kept in snapshot.positions:
        position = state.accounts[kept.account_id].position(kept.symbol)
        position.quantity_lots = int(kept.quantity_lots)
        position.cost = int(kept.cost)
        position.realized_pnl = int(kept.realized_pnl)
        position.fees_paid = int(kept.fees_paid)
        position.day = kept.day
        position.gain_before_day = int(kept.gain_before_day)
    for listing in snapshot.listings:
        state.open_market(_market(state, listing))
    state.client_order_ids = snapshot.client_order_ids
    for switch in snapshot.switches:
        state.switches.set(switch)
    state.follow_ups.extend(snapshot.follow_ups)
    _restore_waiting_orders(state, snapshot.waiting)
    _restore_orders_of_accounts(state, snapshot.closed_orders)
    for saved in snapshot.risks:
        account = state.accounts[saved.account_id]
        account.risk = AccountRisk(saved.limits, account.live_orders.values())
        account.risk.order_times_ns.extend(saved.order_times_ns)
    state.auction_ends_ns = snapshot.auction_ends_ns
    state.ledger.rounding = snapshot.fee_rounding
    return state


def _market(state: ExchangeState, listing: _Listing) -> Market:
    market = Market(listing.instrument, state.ledger.fees(listing.instrument.quote_asset))
    market.last_price_ticks = listing.last_price_ticks
    market.first_price_ticks = listing.first_price_ticks
    market.auction_price_ticks = listing.auction_price_ticks
    for saved in listing.resting:
        order = _live_order(state, listing.instrument, saved)
        state.live_orders[order.order_id] = order
        market.book.side(order.side).add(order)
    return market


def _live_order(state: ExchangeState, instrument: Instrument, saved: _Order) -> LiveOrder:
    record = saved.record
    terms = OrderAccepted(
        order_id=record.order_id,
        account_id=record.account_id,
        client_order_id=record.client_order_id,
        symbol=record.symbol,
        side=record.side,
        order_type=record.order_type,
        time_in_force=record.time_in_force,
        quantity_lots=record.quantity_lots,
        price_ticks=record.price_ticks,
        reserved=record.reserved,
        maker_fee_ppm=saved.maker_fee_ppm,
        taker_fee_ppm=saved.taker_fee_ppm,
        instructions=record.instructions,
        tick_revision=record.tick_revision,
    )
    account = state.accounts[record.account_id]
    order = state.new_order(terms, instrument, account, record.create_time_ns)
    order.leaves_lots = record.leaves_lots
    order.filled_lots = record.filled_lots
    order.filled_notional = record.filled_notional
    order.fees_paid = record.fees_paid
    order.fee_credit = saved.fee_credit
    order.hidden_lots = saved.hidden_lots
    order.update_time_ns = record.update_time_ns
    order.update_sequence = record.update_sequence
    order.is_pending = record.status is OrderStatus.PENDING_TRIGGER
    order.extreme_ticks = saved.extreme_ticks
    return order


def _restore_waiting_orders(state: ExchangeState, waiting: list[_Order]) -> None:
    """Have stop orders wait, but for those that are to be released next."""
    released = {owed.order_id for owed in state.follow_ups if isinstance(owed, TriggerOrder)}
    for saved in waiting:
        market = state.markets[saved.record.symbol]
        order = _live_order(state, market.instrument, saved)
        state.live_orders[order.order_id] = order
        if order.order_id not in released:
            assert order.instructions is not None, "a stop order has a stop price or a distance"
            market.await_price(order, order.instructions.stop_price_ticks)


def _restore_orders_of_accounts(state: ExchangeState, closed_orders: list[bytes]) -> None:
    """Rebuild what is derived: closed orders by id, and each account's orders, oldest first."""
    placed: list[tuple[int, str]] = []
    for data in closed_orders:
        record = _decode_record(data)
        state.closed_orders[record.order_id] = data
        placed.append((record.order_id, record.account_id))
    for order in sorted(state.live_orders.values(), key=LiveOrder.age):
        state.accounts[order.account_id].live_orders.join(order)
        if order.instructions is not None:
            state.enlist(order, order.instructions)
        placed.append((order.order_id, order.account_id))
    for order_id, account_id in sorted(placed):
        account = state.accounts.get(account_id)
        if account is not None:
            account.order_ids.append(order_id)
