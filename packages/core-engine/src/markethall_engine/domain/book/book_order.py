"""A resting order as everyone may see it: without its owner, and without what it hides."""

import msgspec

from markethall_engine.domain.order import Side


class BookOrder(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """One order of the full book."""

    order_id: int
    side: Side
    price_ticks: int
    quantity_lots: int
    """What it shows; 0 of an order that left its place in the book."""
