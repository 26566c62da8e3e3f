"""What another tick size does to prices: those that it can express stay what they are, in other ticks."""

import msgspec

from markethall_engine.domain.commands import PlaceOrder
from markethall_engine.domain.instructions import Instructions
from markethall_engine.domain.instrument import Instrument, Step
from markethall_engine.domain.live_order import LiveOrder
from markethall_engine.domain.order import Side


class TickChange:
    """From one tick size to another; 0 ticks, which are no price, stay 0."""

    __slots__ = ("_denominator", "_numerator")

    def __init__(self, old: Step, new: Step) -> None:
        self._numerator, self._denominator = old.in_units_of(new)

    def is_exact(self, ticks: int) -> bool:
        """Whether the price is a multiple of the new tick."""
        return ticks * self._numerator % self._denominator == 0

    def exact(self, ticks: int) -> int:
        """The price in new ticks, of which it is a multiple."""
        return ticks * self._numerator // self._denominator

    def nearest(self, ticks: int) -> int:
        """The price in new ticks, rounded half to even, but at least one tick."""
        quotient, rest = divmod(ticks * self._numerator, self._denominator)
        twice = 2 * rest
        if twice > self._denominator or (twice == self._denominator and quotient % 2):
            quotient += 1
        return max(quotient, 1) if ticks else 0

    def away(self, side: Side, ticks: int) -> int:
        """The market's extreme that a stop of `side` trails in new ticks, rounded to release it no sooner."""
        if side is Side.SELL:
            return max(self.exact(ticks), 1) if ticks else 0
        return -(-ticks * self._numerator // self._denominator)

    def keeps(self, order: LiveOrder) -> bool:
        """Whether all prices of an order can be told in new ticks."""
        return all(self.is_exact(ticks) for ticks in (order.price_ticks, *_prices(order.instructions)))

    def instructions(self, instructions: Instructions | None) -> Instructions | None:
        """The same instructions, told in new ticks."""
        if instructions is None or not any(_prices(instructions)):
            return instructions
        return msgspec.structs.replace(
            instructions, **{name: self.exact(getattr(instructions, name)) for name in _PRICES}
        )


def retold(command: PlaceOrder, instrument: Instrument, revision: int) -> PlaceOrder | None:
    """The same order in the ticks of another revision; `None` if it cannot be told in them."""
    change = TickChange(
        instrument.tick_size_of(command.instrument_revision), instrument.tick_size_of(revision)
    )
    prices = [command.price_ticks, *_prices(command.instructions)]
    if not all(change.is_exact(ticks) for ticks in prices):
        return None
    return msgspec.structs.replace(
        command,
        instrument_revision=revision,
        price_ticks=change.exact(command.price_ticks),
        instructions=change.instructions(command.instructions),
    )


_PRICES = (
    "stop_price_ticks",
    "trailing_ticks",
    "take_profit_ticks",
    "stop_loss_ticks",
    "stop_loss_limit_ticks",
)


def _prices(instructions: Instructions | None) -> list[int]:
    return [] if instructions is None else [getattr(instructions, name) for name in _PRICES]
