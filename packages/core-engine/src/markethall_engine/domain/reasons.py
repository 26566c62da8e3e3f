"""Why the venue refuses a command, and why a live order ends unfilled.

Names and numbers are the contract's (FIX 103 and 102 by name). The numbers are in the journal too: a member
may be added, never renumbered or reused.
"""

from enum import IntEnum


class RejectReason(IntEnum):
    """Why a command changed nothing."""

    UNKNOWN_ACCOUNT = 1
    UNKNOWN_INSTRUMENT = 2
    INSTRUMENT_HALTED = 3
    INSTRUMENT_CLOSED = 4
    INSTRUMENT_CHANGED = 5
    """Tick or lot size changed since the command was made: its ticks and lots mean something else now."""
    QUANTITY_TOO_LOW = 6
    QUANTITY_TOO_HIGH = 7
    PRICE_OUT_OF_BAND = 8
    INSUFFICIENT_FUNDS = 9
    """Less is available than the order would reserve, or the withdrawal would take."""
    NO_LIQUIDITY = 10
    """A market order met an empty side of the book."""
    UNKNOWN_ORDER = 11
    """The account has no order of this id."""
    ORDER_ENDED = 12
    """The order is filled, canceled or rejected already."""
    QUANTITY_BELOW_FILLED = 13
    """A replace asks for less than the order has filled."""
    ALREADY_EXISTS = 14
    UNKNOWN_ASSET = 15
    INVALID_PARAMETERS = 16
    """The parameters contradict each other or the range of what can be held; the detail says which."""
    POST_ONLY_WOULD_TAKE = 17
    """A post-only order reaches the other side of the book."""
    REDUCE_ONLY_WOULD_INCREASE = 18
    """A reduce-only order and those that live already could do more than make the position flat."""
    KILL_SWITCH = 19
    """The venue, the instrument or the account does not trade, or only to reduce; the detail says which."""
    RISK_LIMIT = 20
    """A limit of the account; the detail names it, its value and the value asked."""
    NO_CHANGE = 22
    """A replace asks for what the order is already."""
    INSUFFICIENT_MARGIN = 23
    """Equity does not cover the initial margin; the detail says which exposure needs how much."""
    BATCH_REFUSED = 24
    """An order of the same all-or-none batch is refused; the detail says which and why."""
    INSTRUMENT_IN_AUCTION = 25
    """In the call of an auction an order must be able to rest."""
    NOT_RELATED = 26
    """The accounts are not of one family."""


class CancelReason(IntEnum):
    """Why an order's leaves quantity ended unfilled."""

    REQUESTED = 1
    """Its account canceled it, alone or with others."""
    IMMEDIATE_REMAINDER = 2
    """What an IOC limit order could not fill at once."""
    FILL_OR_KILL = 3
    """An FOK order could not be filled whole at once."""
    NO_LIQUIDITY = 4
    """What a market order could not fill."""
    SELF_TRADE_PREVENTION = 5
    """It met an order of its own account."""
    DISCONNECTED = 6
    """The connection that it was to end with ended."""
    ORDER_GROUP = 7
    """Another order of its group was filled, in part or whole."""
    INSTRUMENT_CLOSED = 8
    """Its instrument was closed."""
    KILL_SWITCH = 9
    """A trading state was set that does not let it live."""
    REPLACED = 10
    """A replace lowered its quantity to what was filled already."""
    MIN_QUANTITY = 11
    """It could not fill at once as much as it asked to, at least."""
    TICK_SIZE_CHANGED = 14
    """One of its prices is no multiple of its instrument's new tick size."""
    MARKET_PROTECTION = 13
    """What a market order could not fill within the instrument's market protection."""
    REDUCE_ONLY = 15
    """What was left of a reduce-only order would have increased the position."""
    LIQUIDATION = 17
    """The venue liquidates the account: its equity fell below its maintenance margin."""
    EXPIRED = 12
    """Its time ended; so its status is EXPIRED."""
    REFUSED_AT_TRIGGER = 16
    """A check refused it when its stop price was reached; the reject reason says which."""
