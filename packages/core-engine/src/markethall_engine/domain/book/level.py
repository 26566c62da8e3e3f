"""A price level as readers see it."""

import msgspec


class Level(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """All that rests at one price of one side."""

    price_ticks: int
    quantity_lots: int
    order_count: int
