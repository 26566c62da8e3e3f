"""The range of the integers that commands, events and balances carry.

Prices are ticks, quantities are lots, money is minor units of its asset: always integers, never floats.
The journal stores 64-bit integers, so whatever enters the exchange is held to that range here, before it
could fail there. Sums that may pass it (turnover, profit and loss) stay Python integers in memory and are
written as text in snapshots.
"""

from typing import Final

MAX_AMOUNT: Final = 2**63 - 1
"""The most ticks, lots or minor units in one field, and the most of one asset that may be on deposit."""

_SMALL: Final = 2**61
"""Up to here compiled code compares machine words; no amount that anyone means is larger."""

MAX_SCALE: Final = 18
"""The most decimal places of an asset, a tick size or a lot size; 18 is what Ethereum's ether has."""

MILLION: Final = 1_000_000
"""Rates are in parts per million (ppm): 250 ppm is 0.025 %."""


def half_to_even(numerator: int, denominator: int) -> int:
    """Divide, and round half to even: nobody gains in the mean."""
    if denominator < 0:
        numerator, denominator = -numerator, -denominator
    quotient, rest = divmod(numerator, denominator)
    twice = 2 * rest
    if twice > denominator or (twice == denominator and quotient % 2):
        return quotient + 1
    return quotient


def is_amount(number: int) -> bool:
    """Whether a number may be the ticks, lots or minor units of one field that is not 0."""
    return 0 < number <= _SMALL or _SMALL < number <= MAX_AMOUNT
