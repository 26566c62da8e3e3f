"""The same prices, told in other ticks."""

from fractions import Fraction

import msgspec

from markethall_engine.domain.commands import PlaceOrder
from markethall_engine.domain.instructions import Instructions
from markethall_engine.domain.instrument import Instrument, Step

_PRICES = (
    "stop_price_ticks",
    "trailing_ticks",
    "take_profit_ticks",
    "stop_loss_ticks",
    "stop_loss_limit_ticks",
)


def size(step: Step) -> Fraction:
    return Fraction(step.coefficient, 10**step.scale)


def told_anew(command: PlaceOrder, old: Instrument, new: Instrument) -> PlaceOrder:
    """The same order in another revision's ticks, if it can be told in them."""
    factor = size(old.tick_size) / size(new.tick_size)
    wish = command.instructions or Instructions()
    if not fit(wish, command.price_ticks, factor):
        return command
    return msgspec.structs.replace(
        command,
        instrument_revision=new.revision,
        price_ticks=int(command.price_ticks * factor),
        instructions=instructions_told_anew(wish, factor),
    )


def fit(wish: Instructions, price_ticks: int, factor: Fraction) -> bool:
    """Whether all prices of an order are whole numbers of ticks still."""
    prices = [price_ticks, *(getattr(wish, name) for name in _PRICES)]
    return all((ticks * factor).denominator == 1 for ticks in prices)


def instructions_told_anew(wish: Instructions, factor: Fraction) -> Instructions:
    return msgspec.structs.replace(wish, **{name: int(getattr(wish, name) * factor) for name in _PRICES})
