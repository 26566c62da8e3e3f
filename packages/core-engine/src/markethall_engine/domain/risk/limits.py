"""What an account may do: its risk limits, as they stand at one moment."""

from typing import Final

import msgspec


class RiskLimits(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """Limits of one account; what is not in a map has none, and a count of 0 is none.

    Amounts are in minor units: of an instrument's base asset by symbol, of a quote asset by its code. So
    they mean the same whatever a lot is worth.
    """

    max_order_quantity: dict[str, int] = {}
    """Of one order, in base, by symbol."""
    max_order_notional: dict[str, int] = {}
    """Of one order, by quote asset."""
    max_position: dict[str, int] = {}
    """Long or short, with every live order of a side filled, in base, by symbol."""
    max_open_orders: int = 0
    """Orders at a time that rest, or may."""
    max_orders_per_second: int = 0
    """Orders accepted within any one second."""
    max_daily_loss: dict[str, int] = {}
    """Realized since 00:00 UTC, fees included, by quote asset; then only what lowers exposure passes."""


NO_LIMITS: Final = RiskLimits()
