"""Assets, and the instruments that trade one asset for another.

An order's price is a number of ticks and its quantity a number of lots. An instrument says what a tick
and a lot are worth, exactly: one lot at a price of one tick is `tick_value` minor units of the quote
asset, and one lot is `lot_units` minor units of the base asset. Creation demands that both are whole
numbers, so notional is always exact and never rounded.
"""

from enum import IntEnum
from math import gcd
from typing import Final

import msgspec

from markethall_common.decimals import format_decimal, format_multiple

SECOND_NS: Final = 1_000_000_000
VOLATILITY_AUCTION_NS: Final = 300 * SECOND_NS
"""How long a volatility auction's call takes where nothing is said."""


class InstrumentStatus(IntEnum):
    """What may be done on an instrument; numbers as in the contract, and in the journal."""

    OPEN = 1
    """Everything."""
    HALTED = 2
    """Only cancels; resting orders stay."""
    CLOSED = 3
    """Nothing, and for good; closing canceled what rested."""
    AUCTION = 4
    """The call of an auction: orders that can rest are collected and do not match, until it ends."""


class Asset(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """Something that accounts hold; `scale` is how many decimal places its minor unit stands for, 0 to 18."""

    asset: str
    scale: int
    sequence: int
    """Of the command that created it."""
    create_time_ns: int

    def format(self, amount: int) -> str:
        """Write `amount` minor units as a decimal with the asset's code, for people to read."""
        return f"{format_decimal(amount, self.scale)} {self.asset}"


class Step(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """A tick size or a lot size, exactly `coefficient * 10 ** -scale`; 0.05 is `Step(5, 2)`."""

    coefficient: int
    scale: int

    def in_units_of(self, other: "Step") -> tuple[int, int]:
        """How many of the `other` one is: numerator and denominator."""
        numerator: int = self.coefficient * 10**other.scale
        denominator: int = other.coefficient * 10**self.scale
        return numerator, denominator

    def common(self, other: "Step") -> "Step":
        """The largest step that both are multiples of."""
        scale = max(self.scale, other.scale)
        mine: int = self.coefficient * 10 ** (scale - self.scale)
        theirs: int = other.coefficient * 10 ** (scale - other.scale)
        return Step(gcd(mine, theirs), scale)

    def is_equal(self, other: "Step") -> bool:
        """Whether it is the same size, however it is written."""
        numerator, denominator = self.in_units_of(other)
        return numerator == denominator

    def format(self, steps: int) -> str:
        return format_multiple(steps, self.coefficient, self.scale)


class FormerTick(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """What a tick was worth until the tick size changed."""

    revision: int
    """Of the instrument, that it belonged to."""
    last_sequence: int
    """Of the command that changed it: prices of events up to there are counted in it."""
    tick_size: Step
    tick_value: int


class FeeRates(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """What the accounts of a fee tier pay."""

    maker_fee_ppm: int
    taker_fee_ppm: int


class Instrument(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """One tradable pair and its rules, as they stand at one moment."""

    symbol: str
    base_asset: str
    quote_asset: str
    tick_size: Step
    lot_size: Step
    tick_value: int
    """Minor units of the quote asset that one lot costs at a price of one tick."""
    lot_units: int
    """Minor units of the base asset in one lot."""
    min_quantity_lots: int
    max_quantity_lots: int
    """0 is no limit."""
    price_band_ppm: int
    """How far a limit price may be from the reference price, in millionths of it; 0 is no band.

    The reference is the last trade's price, and `reference_price_ticks` before the first.
    """
    maker_fee_ppm: int
    taker_fee_ppm: int
    status: InstrumentStatus
    revision: int
    """Begins at 1, rises with every change of tick or lot size; commands with ticks or lots name it."""
    create_time_ns: int
    update_time_ns: int
    reference_price_ticks: int = 0
    """What stands for the last trade's price before the first; 0 is none."""
    market_protection_ppm: int = 0
    """How far from the best price that it meets a market order may trade, in millionths; 0 is no end."""
    volatility_band_ppm: int = 0
    """How far a trade may be from the last auction's price, in millionths of it; 0 is no band.

    Instead of a trade beyond it, a volatility auction begins.
    """
    volatility_auction_ns: int = VOLATILITY_AUCTION_NS
    """How long the call of a volatility auction takes."""
    fee_tiers: dict[str, FeeRates] = {}
    """What accounts pay instead of the two fees above, by the name of their tier."""
    former_ticks: tuple[FormerTick, ...] = ()
    """Oldest first."""

    def known_revision(self, revision: int) -> int:
        """The revision itself if the instrument has or had it, otherwise the present one."""
        return revision if 1 <= revision <= self.revision else self.revision

    def tick_size_of(self, revision: int) -> Step:
        """What prices are counted in that name this revision."""
        for former in self.former_ticks:
            if former.revision == revision:
                return former.tick_size
        return self.tick_size

    def revision_at(self, sequence: int) -> int:
        """Of which revision the prices are that the events of the command `sequence` tell."""
        for former in self.former_ticks:
            if sequence <= former.last_sequence:
                return former.revision
        return self.revision

    def tick_size_at(self, sequence: int) -> Step:
        """What the prices are counted in of trades that the command `sequence` caused."""
        for former in self.former_ticks:
            if sequence <= former.last_sequence:
                return former.tick_size
        return self.tick_size

    def format_price(self, price_ticks: int) -> str:
        return self.tick_size.format(price_ticks)

    def format_quantity(self, quantity_lots: int) -> str:
        return self.lot_size.format(quantity_lots)

    def fee_rates(self, fee_tier: str) -> tuple[int, int]:
        """What an account of the tier pays as maker and as taker, in ppm."""
        rates = self.fee_tiers.get(fee_tier)
        if rates is None:
            return self.maker_fee_ppm, self.taker_fee_ppm
        return rates.maker_fee_ppm, rates.taker_fee_ppm

    def notional(self, price_ticks: int, quantity_lots: int) -> int:
        """Price times quantity in minor units of the quote asset, exactly."""
        return price_ticks * quantity_lots * self.tick_value
