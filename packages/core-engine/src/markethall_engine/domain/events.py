"""What happened: the exchange's only output, and the only thing that changes its state.

Events state facts, not rules: fees, reservations and leaves are in them as numbers, so that applying a
journal needs none of the rules that decided it, and a later rule cannot rewrite the past. They are
self-contained: a reader needs no look-up to keep a book or to answer a caller. Every command that is not a
`Duplicate` gives at least one event.

Amounts are in minor units: of the quote asset for notional, fees and what a buy reserves, of the base asset
for what a sell reserves. Structs are arrays in the journal: a field may be added at the end with a default,
never moved or removed, and a tag is never reused.
"""

import msgspec

from markethall_engine.domain.account import Account
from markethall_engine.domain.instructions import Instructions, SelfTradePrevention
from markethall_engine.domain.instrument import Asset, Instrument
from markethall_engine.domain.order import OrderType, Side, TimeInForce
from markethall_engine.domain.reasons import CancelReason, RejectReason
from markethall_engine.domain.risk.limits import RiskLimits
from markethall_engine.domain.risk.trading_switch import TradingSwitch


class AssetCreated(msgspec.Struct, frozen=True, array_like=True, gc=False, tag=1):
    asset: Asset


class InstrumentCreated(msgspec.Struct, frozen=True, array_like=True, gc=False, tag=2):
    instrument: Instrument


class InstrumentUpdated(msgspec.Struct, frozen=True, array_like=True, gc=False, tag=3):
    """The whole definition as it now is.

    When it is closed, the resting orders' cancels follow, and when an auction ends, its trades. With another
    tick size, all prices that stay are told in new ticks from here on.
    """

    instrument: Instrument


class AccountCreated(msgspec.Struct, frozen=True, array_like=True, gc=False, tag=4):
    account: Account


class AccountUpdated(msgspec.Struct, frozen=True, array_like=True, gc=False, tag=42):
    """The whole account as it now is."""

    account: Account


class FundsDeposited(msgspec.Struct, frozen=True, array_like=True, gc=False, tag=5):
    account_id: str
    asset: str
    amount: int
    reference: str
    available: int
    """What the account has available afterwards."""
    reserved: int


class FundsWithdrawn(msgspec.Struct, frozen=True, array_like=True, gc=False, tag=6):
    account_id: str
    asset: str
    amount: int
    reference: str
    available: int
    """What the account has available afterwards."""
    reserved: int


class FundsTransferred(msgspec.Struct, frozen=True, array_like=True, gc=False, tag=24):
    account_id: str
    to_account_id: str
    asset: str
    amount: int
    reference: str
    available: int
    """What the payer has available afterwards."""
    reserved: int
    to_available: int
    """What the payee has available afterwards."""
    to_reserved: int


class OrderAccepted(msgspec.Struct, frozen=True, array_like=True, gc=False, tag=7):
    """The order lives, and `reserved` is set aside for it; what it did at once follows."""

    order_id: int
    account_id: str
    client_order_id: str
    symbol: str
    side: Side
    order_type: OrderType
    time_in_force: TimeInForce
    quantity_lots: int
    price_ticks: int
    """The limit; 0 for a market order."""
    reserved: int
    maker_fee_ppm: int
    """The rates that hold for all its life."""
    taker_fee_ppm: int
    instructions: Instructions | None = None
    tick_revision: int = 1
    """Of the instrument, whose ticks its prices are counted in."""


class OrderRejected(msgspec.Struct, frozen=True, array_like=True, gc=False, tag=8):
    """The order never lived, and its id is spent; `detail` names the limit, its value and the value asked."""

    order_id: int
    account_id: str
    client_order_id: str
    symbol: str
    side: Side
    order_type: OrderType
    time_in_force: TimeInForce
    quantity_lots: int
    price_ticks: int
    reason: RejectReason
    detail: str
    instructions: Instructions | None = None
    tick_revision: int = 1
    """Of the instrument, whose ticks its prices are counted in."""


class OrderRested(msgspec.Struct, frozen=True, array_like=True, gc=False, tag=9):
    """The order's leaves quantity joined the back of its price level."""

    order_id: int
    account_id: str
    symbol: str
    side: Side
    price_ticks: int
    leaves_lots: int
    hidden_lots: int = 0
    """Of the leaves, what an iceberg does not show."""


class AuctionSides(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """Where the two orders of an auction's trade rest, and what it takes from what they show."""

    maker_limit_ticks: int
    """The level that it is in, or was if the trade filled it."""
    maker_shown_lots: int
    """How much less it shows afterwards; below zero where an iceberg shows more."""
    taker_limit_ticks: int
    taker_shown_lots: int


class TradeExecuted(msgspec.Struct, frozen=True, array_like=True, gc=False, tag=10):
    """A resting order (maker) and an incoming one (taker) traded at the maker's price.

    In an auction both rested: the maker is the older one, and the price the auction's.

    `…_fee` is what this fill adds to the order's fees, `…_leaves_lots` and `…_reserved` what the order has
    left and still holds back afterwards; an order with no leaves is filled, and closed.
    """

    trade_id: int
    symbol: str
    price_ticks: int
    quantity_lots: int
    notional: int
    taker_side: Side
    maker_order_id: int
    maker_account_id: str
    maker_fee: int
    maker_leaves_lots: int
    maker_reserved: int
    taker_order_id: int
    taker_account_id: str
    taker_fee: int
    taker_leaves_lots: int
    taker_reserved: int
    auction: AuctionSides | None = None
    """Only of an auction's trade."""


class OrderCanceled(msgspec.Struct, frozen=True, array_like=True, gc=False, tag=11):
    """The order's leaves quantity ended; what it reserved is available again."""

    order_id: int
    account_id: str
    symbol: str
    side: Side
    price_ticks: int
    canceled_lots: int
    was_resting: bool
    """Whether it left the book, rather than ending before it came there."""
    reason: CancelReason
    hidden_lots: int = 0
    """Of the canceled, what an iceberg did not show."""
    reject_reason: RejectReason | None = None
    """Of a stop order that was refused when it was released: why."""
    detail: str = ""


class OrderReplaced(msgspec.Struct, frozen=True, array_like=True, gc=False, tag=12):
    """A resting order, or one that waits for its stop price, has new terms.

    With `keeps_priority` it stays where it is with fewer leaves. Without, it has left the book: what it
    traded follows, and `OrderRested` if anything is left.
    """

    order_id: int
    account_id: str
    symbol: str
    side: Side
    quantity_lots: int
    """The new total, filled quantity included."""
    price_ticks: int
    leaves_lots: int
    reserved: int
    old_quantity_lots: int
    old_price_ticks: int
    old_leaves_lots: int
    keeps_priority: bool
    hidden_lots: int = 0
    """Of the new leaves, if it stays where it is."""
    old_hidden_lots: int = 0
    instructions: Instructions | None = None
    old_instructions: Instructions | None = None
    tick_revision: int = 1
    """Of the instrument, whose ticks its prices are counted in."""
    was_resting: bool = True
    """Whether it was in the book, rather than waiting for its stop price, as it still does."""


class CancelRejected(msgspec.Struct, frozen=True, array_like=True, gc=False, tag=13):
    account_id: str
    order_id: int
    """As in the command, where 0 is an order named by its client order id."""
    client_order_id: str
    reason: RejectReason
    detail: str


class ReplaceRejected(msgspec.Struct, frozen=True, array_like=True, gc=False, tag=14):
    """The order stays as it was."""

    account_id: str
    order_id: int
    client_order_id: str
    reason: RejectReason
    detail: str


class CommandRejected(msgspec.Struct, frozen=True, array_like=True, gc=False, tag=15):
    """Any other command was refused and changed nothing."""

    reason: RejectReason
    detail: str


class RiskLimitsUpdated(msgspec.Struct, frozen=True, array_like=True, gc=False, tag=41):
    """All limits of the account as they now are; what lives stays, whatever they say."""

    account_id: str
    limits: RiskLimits


class TradingStateSet(msgspec.Struct, frozen=True, array_like=True, gc=False, tag=40):
    """A switch is as it says; the cancels of orders that it does not let live follow."""

    switch: TradingSwitch


class CancelAllCompleted(msgspec.Struct, frozen=True, array_like=True, gc=False, tag=16):
    """Ends the events of a `CancelAllOrders`, after one `OrderCanceled` an order."""

    account_id: str
    symbol: str
    side: Side | None
    canceled_orders: int


class TradePrevented(msgspec.Struct, frozen=True, array_like=True, gc=False, tag=17):
    """An incoming order met a resting one of its own account or group; what that did to each follows."""

    symbol: str
    account_id: str
    incoming_order_id: int
    incoming_side: Side
    resting_order_id: int
    price_ticks: int
    """At which they would have traded."""
    quantity_lots: int
    """That would have traded."""
    self_trade_prevention: SelfTradePrevention
    resting_account_id: str = ""
    """Of the resting order; empty if it is the incoming one's."""


class OrderReduced(msgspec.Struct, frozen=True, array_like=True, gc=False, tag=18):
    """The venue lowered an order's quantity, which stays where it is (FIX 150 = D, restated)."""

    order_id: int
    account_id: str
    symbol: str
    side: Side
    price_ticks: int
    quantity_lots: int
    """The new total, filled quantity included."""
    leaves_lots: int
    reserved: int
    reduced_lots: int
    was_resting: bool
    """Whether it is in the book, rather than on its way there."""
    reduced_hidden_lots: int = 0
    """Of the reduced, what an iceberg did not show: that goes first."""


class OrderRefreshed(msgspec.Struct, frozen=True, array_like=True, gc=False, tag=19):
    """What an iceberg showed was filled; its next part joined the back of its price level."""

    order_id: int
    account_id: str
    symbol: str
    side: Side
    price_ticks: int
    leaves_lots: int
    hidden_lots: int
    """Of the leaves, what it still does not show."""


class FollowUpTaken(msgspec.Struct, frozen=True, array_like=True, gc=False, tag=20):
    """The venue does the oldest thing that it owed itself; begins the events of its every such command."""


class Liquidated(msgspec.Struct, frozen=True, array_like=True, gc=False, tag=25):
    """Ends the events of a `Liquidate` that found the account short, after what it did."""

    account_id: str
    symbol: str
    """Of the holding that was to be closed; empty where none could be."""
    asset: str
    """The quote asset in which the account was short."""
    order_id: int
    """Of the order that closed it; 0 where there was nobody to trade with."""
    filled_lots: int
    canceled_orders: int


class SessionEnded(msgspec.Struct, frozen=True, array_like=True, gc=False, tag=26):
    """Ends the events of an `EndSession`, after one `OrderCanceled` an order."""

    session_id: str
    canceled_orders: int


class AuctionBegun(msgspec.Struct, frozen=True, array_like=True, gc=False, tag=22):
    """Orders are collected from here on, and the book may cross."""

    symbol: str
    end_time_ns: int
    """When it ends by itself, nanoseconds since 1970 (UTC); 0 is not before somebody ends it."""


class AuctionEnded(msgspec.Struct, frozen=True, array_like=True, gc=False, tag=23):
    """The trades of an auction, if any, are done."""

    symbol: str
    price_ticks: int
    """Of all of them; 0 if there were none."""
    quantity_lots: int


class OrderTriggered(msgspec.Struct, frozen=True, array_like=True, gc=False, tag=21):
    """A stop order was released, and `reserved` is set aside for it; what it did at once follows."""

    order_id: int
    account_id: str
    symbol: str
    side: Side
    price_ticks: int
    """The limit; 0 for what is a market order now."""
    stop_price_ticks: int
    """Which price released it."""
    leaves_lots: int
    reserved: int


Event = (
    AssetCreated
    | InstrumentCreated
    | InstrumentUpdated
    | AccountCreated
    | AccountUpdated
    | FundsDeposited
    | FundsWithdrawn
    | FundsTransferred
    | OrderAccepted
    | OrderRejected
    | OrderRested
    | TradeExecuted
    | OrderCanceled
    | OrderReplaced
    | CancelRejected
    | ReplaceRejected
    | CommandRejected
    | RiskLimitsUpdated
    | TradingStateSet
    | CancelAllCompleted
    | TradePrevented
    | OrderReduced
    | OrderRefreshed
    | FollowUpTaken
    | Liquidated
    | OrderTriggered
    | SessionEnded
    | AuctionBegun
    | AuctionEnded
)
