"""What an order asks beyond side, quantity, price and time in force (FIX 18, ExecInst, and its kin).

Most orders ask for nothing more and have no `Instructions` at all, so that their path pays nothing for what
the others may ask.
"""

from enum import IntEnum
from typing import Final

import msgspec


class SelfTradePrevention(IntEnum):
    """What gives way when an order would trade with one of its own account (FIX 2964).

    It is the incoming order's word that counts. Names and numbers are the contract's, and the journal's. An
    order without one trades with its own account as with any other.
    """

    CANCEL_NEWEST = 2
    """The incoming order ends; the resting one stays."""
    CANCEL_OLDEST = 3
    """The resting order ends; the incoming one goes on."""
    CANCEL_BOTH = 4
    DECREMENT = 5
    """Both are lowered by the smaller of their leaves; what reaches nothing is canceled."""


class Instructions(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """How an order wants to be handled; each default asks for nothing."""

    self_trade_prevention: SelfTradePrevention | None = None
    post_only: bool = False
    """Refuse what would take (FIX 18 = 6, participate don't initiate)."""
    min_quantity_lots: int = 0
    """Fill at least so much when it arrives, or cancel it (FIX 110); 0 is no such wish."""
    display_lots: int = 0
    """Show at most so much of what rests, an iceberg (FIX 1138); 0 shows all."""
    stop_price_ticks: int = 0
    """Of a stop order: what releases it (FIX 99); 0 of any other, and of a trailing stop."""
    trailing_ticks: int = 0
    """Of a trailing stop: its distance to the market (FIX 211 with 836 = 0); 0 of any other."""
    trailing_ppm: int = 0
    """Of a trailing stop: its distance in millionths of the market's price; 0 of any other."""
    reduce_only: bool = False
    """Never increase the position (FIX 18 = E, do not increase)."""
    expire_time_ns: int = 0
    """Of a DAY or GTD order: when it ends (FIX 126), nanoseconds since 1970 (UTC); 0 of any other."""
    slide: bool = False
    """With `post_only`: be priced to rest instead of being refused."""
    order_group_id: str = ""
    """Of one-cancels-the-other orders: their group, within the account (FIX 66, ListID)."""
    take_profit_ticks: int = 0
    """Of a bracket: the limit of the exit that takes the profit; 0 for none."""
    stop_loss_ticks: int = 0
    """Of a bracket: the stop price of the exit that ends the loss; 0 for none."""
    stop_loss_limit_ticks: int = 0
    """Of a bracket: the limit of that exit once released; 0 for a market order."""
    parent_order_id: int = 0
    """The order whose bracket placed this one; 0 for none."""
    session_id: str = ""
    """The connection that it ends with, cancel on disconnect; empty for none."""

    def needs_care(self) -> bool:
        """Whether the order, resting, cannot be met as one that fills by its leaves and leaves the queue."""
        return self.display_lots > 0 or self.reduce_only or self.order_group_id != ""

    def hidden_lots(self, leaves_lots: int) -> int:
        """How much of an order that joins the queue with these leaves nobody sees."""
        return max(0, leaves_lots - self.display_lots) if self.display_lots else 0


NO_INSTRUCTIONS: Final = Instructions()
