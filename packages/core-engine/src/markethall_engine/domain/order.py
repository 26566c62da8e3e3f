"""Orders: the words that describe one, and the record of where one stands.

The enums have the contract's names and numbers, which are in the journal too.
"""

from enum import IntEnum
from typing import Final

import msgspec

from markethall_engine.domain.instructions import Instructions
from markethall_engine.domain.reasons import CancelReason, RejectReason


class Side(IntEnum):
    """Which way an order trades (FIX 54)."""

    BUY = 1
    SELL = 2


class OrderType(IntEnum):
    """FIX 40."""

    LIMIT = 1
    MARKET = 2
    STOP = 3
    """Waits for its stop price, then is a market order."""
    STOP_LIMIT = 4
    """Waits for its stop price, then is a limit order."""
    TRAILING_STOP = 5
    """A stop whose price follows the market at a distance."""


STOP_TYPES: Final = (OrderType.STOP, OrderType.STOP_LIMIT, OrderType.TRAILING_STOP)
"""Those that wait for a price before they come to the market."""


class TimeInForce(IntEnum):
    """How long an order lives (FIX 59)."""

    GTC = 1
    """Until filled or canceled."""
    IOC = 2
    """What fills at once, the rest is canceled."""
    FOK = 3
    """All at once or nothing."""
    DAY = 4
    """Until the end of the day, at 00:00 UTC."""
    GTD = 5
    """Until a time that the order names."""


IMMEDIATE: Final = (TimeInForce.IOC, TimeInForce.FOK)
"""Those of an order that never rests."""


class OrderStatus(IntEnum):
    """Where an order stands (FIX 39)."""

    NEW = 1
    PARTIALLY_FILLED = 2
    FILLED = 3
    CANCELED = 4
    REJECTED = 5
    EXPIRED = 6
    """Ended by its time in force."""
    PENDING_TRIGGER = 7
    """Waits for its stop price."""


def ended_status(reason: CancelReason) -> OrderStatus:
    """Where an order stands whose leaves ended for `reason`."""
    return OrderStatus.EXPIRED if reason is CancelReason.EXPIRED else OrderStatus.CANCELED


class OrderRecord(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """All that is known of one order at one moment; it never changes, so it may be kept and sent later.

    `quantity_lots = filled_lots + leaves_lots + canceled_lots`, always.
    """

    order_id: int
    account_id: str
    client_order_id: str
    symbol: str
    side: Side
    order_type: OrderType
    time_in_force: TimeInForce
    status: OrderStatus
    quantity_lots: int
    """What was ordered, as last replaced or reduced."""
    price_ticks: int
    """The limit; 0 for a market order."""
    filled_lots: int
    leaves_lots: int
    canceled_lots: int
    """What ended unfilled; a rejected order's whole quantity."""
    filled_notional: int
    """Sum of price times quantity over the fills, in quote minor units; average price times filled_lots."""
    fees_paid: int
    """In quote minor units."""
    reserved: int
    """What it holds back: quote minor units for a buy, base minor units for a sell; 0 once closed."""
    reject_reason: RejectReason | None
    cancel_reason: CancelReason | None
    detail: str
    """What was expected and what was found, of an order that was rejected or refused at its release."""
    create_time_ns: int
    update_time_ns: int
    """When it last changed: accepted, filled, replaced, canceled."""
    update_sequence: int
    """Of the command that last changed it."""
    instructions: Instructions | None = None
    tick_revision: int = 1
    """Of the instrument, whose ticks its prices are counted in."""
