"""Margin: how much of its own an account must have to hold what it borrowed for, and how it stands.

Both are msgspec structs: one is part of an account, the other is for readers.
"""

from typing import Final

import msgspec


class Margin(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """An account's permission to sell what it does not hold and to spend what it does not have.

    Least equity in millionths of exposure, `0 < maintenance_ppm <= initial_ppm <= 1,000,000`. The initial one
    is asked of new orders, withdrawals and transfers; below the maintenance one the venue liquidates.
    """

    initial_ppm: int
    maintenance_ppm: int


NO_MARGIN: Final = Margin(0, 0)
"""In an `UpdateAccount`: take the permission away."""


class MarginStatus(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """Where an account with margin stands in one quote asset, in its minor units: see `risk.margin`."""

    asset: str
    equity: int
    exposure: int
    exposure_with_orders: int
    """Were all live orders filled on the worse side of each base."""
    initial_requirement: int
    """The least equity for a new order: its millionths of `exposure_with_orders`, rounded up."""
    maintenance_requirement: int
    """The least equity not to be liquidated: its millionths of `exposure`, rounded up."""
