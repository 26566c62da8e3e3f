"""Why the venue refuses a command, and why a live order ends unfilled.

The numbers are in the journal: a member may be added, never renumbered or reused. Where FIX has a word
for the case its tag is named.
"""

from enum import IntEnum


class RejectReason(IntEnum):
    """Why a command changed nothing (FIX 103 for orders, 102 for cancels and replaces)."""

    UNKNOWN_INSTRUMENT = 1
    """No instrument has this symbol (FIX 103=1)."""
    INSTRUMENT_HALTED = 2
    """Trading is halted; resting orders may be canceled."""
    INSTRUMENT_CLOSED = 3
    """The instrument is closed (FIX 103=2)."""
    INSTRUMENT_CHANGED = 4
    """Tick or lot size changed since the command was made: its ticks and lots mean something else now."""
    UNKNOWN_ACCOUNT = 5
    """No account has this id (FIX 103=15)."""
    UNSUPPORTED_ORDER = 6
    """This order type cannot have this time in force (FIX 103=11)."""
    INVALID_PRICE = 7
    """A limit order needs a positive price in range, a market order none."""
    QUANTITY_TOO_SMALL = 8
    """Below the instrument's minimum quantity (FIX 103=13)."""
    QUANTITY_TOO_LARGE = 9
    """Above the instrument's maximum quantity (FIX 103=3)."""
    PRICE_OUTSIDE_BAND = 10
    """Further from the reference price than the instrument's band allows (FIX 103=16)."""
    NOTIONAL_TOO_LARGE = 11
    """Quantity times price passes what one amount can hold, `MAX_AMOUNT`."""
    INSUFFICIENT_FUNDS = 12
    """Less is available than the order would reserve, or the withdrawal would take."""
    UNKNOWN_ORDER = 13
    """The account has no order with this id (FIX 102=1)."""
    ORDER_CLOSED = 14
    """The order is filled, canceled or rejected already (FIX 102=0, too late)."""
    QUANTITY_ALREADY_FILLED = 15
    """A replace asks for no more than the order has filled."""
    UNKNOWN_ASSET = 16
    ASSET_EXISTS = 17
    INSTRUMENT_EXISTS = 18
    ACCOUNT_EXISTS = 19
    INVALID_AMOUNT = 20
    """A deposit or withdrawal is not positive, or passes `MAX_AMOUNT`."""
    SUPPLY_TOO_LARGE = 21
    """A deposit would put more than `MAX_AMOUNT` of the asset on the venue's books."""
    INVALID_NAME = 22
    """A code, symbol, id or reference is not of the form in `names`."""
    INVALID_DEFINITION = 23
    """An asset or instrument contradicts itself; the detail says where."""


class CancelReason(IntEnum):
    """Why an order's leaves quantity ended unfilled (FIX 378, ExecRestatementReason, in spirit)."""

    REQUESTED = 1
    """Its account canceled it, alone or with others."""
    IMMEDIATE_OR_CANCEL = 2
    """What an IOC order could not fill at once."""
    FILL_OR_KILL = 3
    """An FOK order could not be filled whole at once."""
    NO_LIQUIDITY = 4
    """A market order met an empty side of the book."""
    INSTRUMENT_CLOSED = 5
    """Its instrument was closed."""
