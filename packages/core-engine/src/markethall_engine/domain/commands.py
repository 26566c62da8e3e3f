"""What the exchange can be asked to do.

A command says who wants what; it is journaled as it came, with the events that the exchange decided.
Every integer is within `amounts.MAX_AMOUNT` either way: the edge refuses what is not, since the journal
could not hold it. Ticks and lots were computed at the edge from one revision of the instrument, which the
command names: `decide` refuses a stale one, so a command is never misread.

Most commands are clients'. Some are the venue's own: what events oblige it to do, journaled like any other.

Structs are arrays in the journal: a field may be added at the end with a default, never moved or removed,
and a tag is never reused.
"""

from enum import IntEnum

import msgspec

from markethall_engine.domain.instructions import NO_INSTRUCTIONS, Instructions
from markethall_engine.domain.instrument import VOLATILITY_AUCTION_NS, FeeRates, InstrumentStatus, Step
from markethall_engine.domain.margin import Margin
from markethall_engine.domain.order import OrderType, Side, TimeInForce
from markethall_engine.domain.risk.trading_switch import TradingState


class CreateAsset(msgspec.Struct, frozen=True, array_like=True, gc=False, tag=1):
    """Define an asset; `scale` is its decimal places, 0 to `MAX_SCALE`."""

    asset: str
    scale: int


class CreateInstrument(msgspec.Struct, frozen=True, array_like=True, gc=False, tag=2):
    """Define a pair of existing assets, at revision 1.

    `tick_size * lot_size` must be a whole number of the quote asset's minor units and `lot_size` of the
    base asset's. Fees are 0 to 1,000,000 ppm; a `max_quantity_lots` of 0 is no limit. Of what has a default,
    the default asks for nothing.
    """

    symbol: str
    base_asset: str
    quote_asset: str
    tick_size: Step
    lot_size: Step
    min_quantity_lots: int
    max_quantity_lots: int
    price_band_ppm: int
    maker_fee_ppm: int
    taker_fee_ppm: int
    reference_price_ticks: int = 0
    market_protection_ppm: int = 0
    volatility_band_ppm: int = 0
    volatility_auction_ns: int = VOLATILITY_AUCTION_NS
    fee_tiers: dict[str, FeeRates] = {}
    status: InstrumentStatus = InstrumentStatus.OPEN
    """To begin with: OPEN, HALTED or AUCTION."""


class UpdateInstrument(msgspec.Struct, frozen=True, array_like=True, gc=False, tag=3):
    """Change what is not `None`; what rests already keeps its fees and is held to no new bounds.

    `instrument_revision` matters only when lots or ticks are given. Fee tiers are replaced as a whole. A new
    tick size cancels the live orders with a price that is no multiple of it, and takes no change of status
    beside it; a reference price beside it is counted in it.
    Closing is for good. Status AUCTION begins the call of an auction; OPEN or HALTED after it ends that with
    trades at one price, CLOSED without.
    """

    symbol: str
    instrument_revision: int = 0
    status: InstrumentStatus | None = None
    min_quantity_lots: int | None = None
    max_quantity_lots: int | None = None
    price_band_ppm: int | None = None
    maker_fee_ppm: int | None = None
    taker_fee_ppm: int | None = None
    reference_price_ticks: int | None = None
    market_protection_ppm: int | None = None
    volatility_band_ppm: int | None = None
    volatility_auction_ns: int | None = None
    fee_tiers: dict[str, FeeRates] | None = None
    tick_size: Step | None = None
    """All of them; a tier that is not among them is no more."""


class CreateAccount(msgspec.Struct, frozen=True, array_like=True, gc=False, tag=4):
    account_id: str
    display_name: str = ""
    fee_tier: str = ""
    self_trade_group_id: str = ""
    parent_account_id: str = ""
    margin: Margin | None = None


class UpdateAccount(msgspec.Struct, frozen=True, array_like=True, gc=False, tag=42):
    """Change what is not `None`; live orders keep the fee rates that they were accepted with."""

    account_id: str
    display_name: str | None = None
    fee_tier: str | None = None
    self_trade_group_id: str | None = None
    margin: Margin | None = None
    """`NO_MARGIN` takes it away, which what is owed forbids."""


class Deposit(msgspec.Struct, frozen=True, array_like=True, gc=False, tag=5):
    """Bring `amount` minor units onto the venue's books; `reference` is the caller's note."""

    account_id: str
    asset: str
    amount: int
    reference: str = ""


class Withdraw(msgspec.Struct, frozen=True, array_like=True, gc=False, tag=6):
    """Take `amount` minor units of what is available off the books; `reference` is the caller's note."""

    account_id: str
    asset: str
    amount: int
    reference: str = ""


class Transfer(msgspec.Struct, frozen=True, array_like=True, gc=False, tag=17):
    """Move `amount` minor units of what is available to another account of the same family."""

    account_id: str
    to_account_id: str
    asset: str
    amount: int
    reference: str = ""


class UpdateRiskLimits(msgspec.Struct, frozen=True, array_like=True, gc=False, tag=41):
    """Change the limits of an account that are not `None`; each is replaced as a whole.

    Units are those of `RiskLimits`: amounts are 1 to `MAX_AMOUNT`, and a count of 0 is no limit.
    """

    account_id: str
    max_order_quantity: dict[str, int] | None = None
    max_order_notional: dict[str, int] | None = None
    max_position: dict[str, int] | None = None
    max_open_orders: int | None = None
    max_orders_per_second: int | None = None
    max_daily_loss: dict[str, int] | None = None


class SetTradingState(msgspec.Struct, frozen=True, array_like=True, gc=False, tag=40):
    """Set the switch of an account, of an instrument, or of the venue if neither is named."""

    state: TradingState
    account_id: str = ""
    symbol: str = ""
    reason: str = ""


class PlaceOrder(msgspec.Struct, frozen=True, array_like=True, gc=False, tag=7):
    """Place an order; its order id will be the sequence of this command.

    A `client_order_id` that is not empty makes it idempotent for ever, refused orders included. A market
    order has a price of 0 and is IOC or FOK. A DAY order says when it ends, as a GTD order does: the edge has
    worked that out. A stop order waits for its stop price; its price is that of a stop-limit order.
    """

    account_id: str
    client_order_id: str
    symbol: str
    instrument_revision: int
    side: Side
    order_type: OrderType
    time_in_force: TimeInForce
    quantity_lots: int
    price_ticks: int = 0
    instructions: Instructions | None = None
    refused_because: str = ""
    """Why its all-or-none batch is refused as a whole, if it is: see `batches`."""


class CancelOrder(msgspec.Struct, frozen=True, array_like=True, gc=False, tag=8):
    """Cancel a live order, named by `order_id` or, where that is 0, by `client_order_id`."""

    account_id: str
    order_id: int = 0
    client_order_id: str = ""


class ReplaceOrder(msgspec.Struct, frozen=True, array_like=True, gc=False, tag=9):
    """Change the terms of a live order: its total quantity, price, displayed quantity or stop price.

    The quantity includes what is filled. `None` keeps what is; a quantity that is filled already cancels the
    rest. Time priority is kept when nothing but a lower quantity changed. The order keeps its order id, and
    is named as in `CancelOrder`.
    """

    account_id: str
    instrument_revision: int
    order_id: int = 0
    client_order_id: str = ""
    quantity_lots: int | None = None
    price_ticks: int | None = None
    display_lots: int | None = None
    stop_price_ticks: int | None = None


class CancelAllOrders(msgspec.Struct, frozen=True, array_like=True, gc=False, tag=10):
    """Cancel all the account's live orders, of one symbol unless it is empty, of one side unless `None`."""

    account_id: str
    symbol: str = ""
    side: Side | None = None


class TriggerOrder(msgspec.Struct, frozen=True, array_like=True, gc=False, tag=11):
    """Release a stop order that the market reached."""

    order_id: int


class ExitLeg(IntEnum):
    """Which exit of a bracket."""

    TAKE_PROFIT = 1
    STOP_LOSS = 2


class PlaceExit(msgspec.Struct, frozen=True, array_like=True, gc=False, tag=13):
    """Place an exit of the position that the order `order_id`, which has ended, has opened."""

    order_id: int
    leg: ExitLeg


class TrimReduceOnly(msgspec.Struct, frozen=True, array_like=True, gc=False, tag=14):
    """Cut the account's reduce-only orders in an instrument down to the position that is left."""

    account_id: str
    symbol: str


class EndAuction(msgspec.Struct, frozen=True, array_like=True, gc=False, tag=16):
    """End the auction of an instrument whose call has lasted as long as it was to last."""

    symbol: str


class Liquidate(msgspec.Struct, frozen=True, array_like=True, gc=False, tag=18):
    """Close holdings of an account whose equity fell below its maintenance margin.

    `symbol` is the largest of them when that was seen, and its quote asset is where; by the time it is
    decided another may be larger.
    """

    account_id: str
    symbol: str


class ExpireOrders(msgspec.Struct, frozen=True, array_like=True, gc=False, tag=12):
    """End the DAY and GTD orders whose time is `time_ns`, nanoseconds since 1970 (UTC), or before."""

    time_ns: int


VenueCommand = TriggerOrder | ExpireOrders | PlaceExit | TrimReduceOnly | EndAuction | Liquidate
"""What the venue asks of itself, and takes from no client: `Exchange.next_command` says when."""


class EndSession(msgspec.Struct, frozen=True, array_like=True, gc=False, tag=15):
    """Cancel the live orders that end with a connection; the venue says so when it ends."""

    session_id: str


Command = (
    CreateAsset
    | CreateInstrument
    | UpdateInstrument
    | CreateAccount
    | UpdateAccount
    | Deposit
    | Withdraw
    | Transfer
    | UpdateRiskLimits
    | SetTradingState
    | PlaceOrder
    | CancelOrder
    | ReplaceOrder
    | CancelAllOrders
    | VenueCommand
    | EndSession
)


def same_request(one: Command, other: Command) -> bool:
    """Whether a repeated command asks for what the original did.

    What the edge adds is not part of the question: the instrument's revision (a client that sends the same
    decimals again after a change of tick size repeats itself), the end of the day on which a DAY order came,
    the connection that an order came by, and what became of its batch.
    """
    if isinstance(one, PlaceOrder) and isinstance(other, PlaceOrder):
        return _as_asked(one) == _as_asked(other)
    return one == other


def _as_asked(command: PlaceOrder) -> PlaceOrder:
    instructions = command.instructions
    if instructions is not None:
        is_of_the_day = command.time_in_force is TimeInForce.DAY
        instructions = msgspec.structs.replace(
            instructions,
            session_id="",
            expire_time_ns=0 if is_of_the_day else instructions.expire_time_ns,
        )
        if instructions == NO_INSTRUCTIONS:
            instructions = None
    return msgspec.structs.replace(
        command, instrument_revision=0, instructions=instructions, refused_because=""
    )
