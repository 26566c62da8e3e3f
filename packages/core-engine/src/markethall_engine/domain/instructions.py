"""What an order asks beyond side, quantity, price and time in force (FIX 18, ExecInst, and its kin).

Most orders ask for nothing more and have no `Instructions` at all, so that their path pays nothing for what
the others may ask.
"""

from enum import IntEnum

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

    def hidden_lots(self, leaves_lots: int) -> int:
        """How much of an order that joins the queue with these leaves nobody sees."""
        return max(0, leaves_lots - self.display_lots) if self.display_lots else 0
