"""What an account is worth: its cash in a quote asset and what it holds that trades against it."""

from collections.abc import Callable, Iterable, Mapping

from markethall_engine.domain.amounts import half_to_even
from markethall_engine.domain.instrument import Instrument


def equities(
    held: Mapping[str, int], instruments: Iterable[Instrument], lot_value: Callable[[str], int]
) -> dict[str, int]:
    """The worth in minor units of each quote asset that is held or that something held trades against.

    `held` has the totals that are not nothing, by asset; `instruments` come by symbol; `lot_value` gives what
    one lot costs at the last price of a symbol, in minor units of its quote asset, and 0 before the first.

    A holding that trades against one quote asset on several instruments counts once, at the last price of
    the first of them, by symbol, that has one; a part of a lot counts, too, rounded half to even.
    """
    worth: dict[str, int] = {}
    counted: set[tuple[str, str]] = set()
    for instrument in instruments:
        base, quote = instrument.base_asset, instrument.quote_asset
        if quote in held and quote not in worth:
            worth[quote] = held[quote]
        if base not in held:
            continue
        worth.setdefault(quote, 0)
        value = lot_value(instrument.symbol)
        if value and (base, quote) not in counted:
            counted.add((base, quote))
            worth[quote] += half_to_even(held[base] * value, instrument.lot_units)
    return worth
