"""Depth and best prices as readers see them."""

import msgspec

from markethall_engine.domain.book.level import Level


class Depth(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """Levels of one instrument, best first on both sides: the whole book, the top of it, or a change.

    In a change a level has its new quantity, and a quantity of 0 means that it is gone. Whoever has the book
    at one sequence and applies the changes of each following one has the book at the last.
    """

    symbol: str
    sequence: int
    """Of the instrument's market data: rises by one with every command that changed a level."""
    update_time_ns: int
    """When it last changed; 0 before the first time."""
    bids: list[Level]
    asks: list[Level]
    tick_revision: int = 1
    """Of the instrument, whose ticks the prices are counted in."""


class BestBidOffer(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """The best levels of one instrument."""

    symbol: str
    bid: Level | None
    ask: Level | None
    sequence: int
    """The market data's, at which these became the best levels."""
    update_time_ns: int
    tick_revision: int = 1
    """Of the instrument, whose ticks the prices are counted in."""
