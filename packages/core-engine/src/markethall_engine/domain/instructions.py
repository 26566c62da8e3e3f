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
