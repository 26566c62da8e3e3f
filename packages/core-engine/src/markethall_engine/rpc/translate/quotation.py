"""How the prices, quantities and money of one instrument are written and read.

A price is ticks inside and a decimal outside, a quantity lots. The same ones come again and again, so each
instrument remembers the last few thousand that it wrote or read; that is several times faster than doing
the exact arithmetic again and gives the same.
"""

from collections.abc import Callable
from functools import lru_cache, partial

from markethall_common.decimals import format_decimal, parse_multiple
from markethall_engine.domain.amounts import half_to_even
from markethall_engine.domain.exchange import Exchange
from markethall_engine.domain.instrument import Instrument

_REMEMBERED = 8_192
_MORE_PLACES = 2
"""An average price has so many places more than a tick."""


class Quotation:
    """Reads and writes what is counted in one revision of one instrument.

    `read_price` and `read_quantity` give ticks and lots and raise `DecimalError`; `price` and `quantity`
    write them.
    """

    __slots__ = ("instrument", "price", "quantity", "quote_scale", "read_price", "read_quantity")

    def __init__(self, instrument: Instrument, quote_scale: int) -> None:
        self.instrument = instrument
        self.quote_scale = quote_scale
        tick, lot = instrument.tick_size, instrument.lot_size
        remember = lru_cache(maxsize=_REMEMBERED)
        self.price = remember(tick.format)
        self.quantity = remember(lot.format)
        self.read_price = remember(partial(parse_multiple, step=tick.coefficient, scale=tick.scale))
        self.read_quantity = remember(partial(parse_multiple, step=lot.coefficient, scale=lot.scale))

    def price_writer(self, revision: int) -> Callable[[int], str]:
        """What writes prices that are counted in the ticks of this revision of the instrument."""
        instrument = self.instrument
        return self.price if revision == instrument.revision else instrument.tick_size_of(revision).format

    def price_at(self, sequence: int, price_ticks: int) -> str:
        """Write a price of what the command `sequence` caused."""
        if not self.instrument.former_ticks:
            return self.price(price_ticks)
        return self.instrument.tick_size_at(sequence).format(price_ticks)

    def money(self, amount: int) -> str:
        """Write minor units of the quote asset."""
        return format_decimal(amount, self.quote_scale)

    def average_price(self, notional: int, quantity_lots: int) -> str:
        """Write the mean price of `quantity_lots` that came to `notional` minor units of the quote asset.

        Rounded half to even, to two places more than a tick has; empty for a quantity of nothing. Both may
        be negative, as those of a short position are.
        """
        if not quantity_lots:
            return ""
        tick, lot = self.instrument.tick_size, self.instrument.lot_size
        scale = tick.scale + _MORE_PLACES
        numerator, denominator = notional, quantity_lots * lot.coefficient
        exponent = scale + lot.scale - self.quote_scale
        if exponent >= 0:
            numerator *= 10**exponent
        else:
            denominator *= 10**-exponent
        return format_decimal(half_to_even(numerator, denominator), scale)


class Quotations:
    """The quotation of every instrument, as the instrument stands now."""

    def __init__(self, exchange: Exchange) -> None:
        self._exchange = exchange
        self._quotations: dict[str, Quotation] = {}

    def find(self, symbol: str) -> Quotation | None:
        """Return the quotation of an instrument, or None where there is no such instrument."""
        instrument = self._exchange.instrument(symbol)
        if instrument is None:
            return None
        known = self._quotations.get(symbol)
        if known is not None and known.instrument is instrument:
            return known
        return self._renewed(instrument, known)

    def of(self, symbol: str) -> Quotation:
        """Return the quotation of an instrument that exists."""
        quotation = self.find(symbol)
        assert quotation is not None, f"no instrument {symbol}"
        return quotation

    def _renewed(self, instrument: Instrument, known: Quotation | None) -> Quotation:
        """Make a quotation anew where the instrument was changed; seldom, so its memory may be lost."""
        quote = self._exchange.asset(instrument.quote_asset)
        assert quote is not None, f"no asset {instrument.quote_asset}"
        quotation = self._quotations[instrument.symbol] = Quotation(instrument, quote.scale)
        return quotation
