"""Another tick size: what has a price that it cannot express ends; all other prices are told in it."""

from collections.abc import Callable
from fractions import Fraction
from math import ceil, floor

import msgspec

from markethall_engine.domain.events import Event
from markethall_engine.domain.instrument import FormerTick, Instrument, Step
from markethall_engine.domain.order import Side
from markethall_engine.domain.reasons import CancelReason
from tests.simulation.oracle.lifecycle import cancel
from tests.simulation.oracle.order import Order
from tests.simulation.oracle.state import State
from tests.simulation.oracle.ticks import fit, instructions_told_anew, size


def is_possible(old: Instrument, tick_size: Step) -> bool:
    """Whether a lot at such a tick would be a whole number of minor units."""
    if tick_size.coefficient <= 0:
        return False
    return (old.tick_value * size(tick_size) / size(old.tick_size)).denominator == 1


def change(state: State, old: Instrument, tick_size: Step) -> tuple[Instrument, list[Event]]:
    """The instrument as it becomes, and the end of what does not fit; no event tells of the rest."""
    if size(tick_size) == size(old.tick_size):
        return old, []
    factor = size(old.tick_size) / size(tick_size)
    misfits = [
        order
        for order in state.live
        if order.symbol == old.symbol and not fit(order.instructions, order.price_ticks, factor)
    ]
    events: list[Event] = [cancel(state, order, CancelReason.TICK_SIZE_CHANGED) for order in misfits]
    for order in state.live:
        if order.symbol == old.symbol:
            _tell_anew(order, factor)
    for prices in (state.last_price, state.first_price, state.auction_price):
        if prices.get(old.symbol):
            prices[old.symbol] = _nearest(prices[old.symbol], factor)
    former = FormerTick(old.revision, state.sequence, old.tick_size, old.tick_value)
    new = msgspec.structs.replace(
        old,
        tick_size=tick_size,
        tick_value=int(old.tick_value / factor),
        revision=old.revision + 1,
        former_ticks=(*old.former_ticks, former),
        reference_price_ticks=_nearest(old.reference_price_ticks, factor),
    )
    return new, events


def _tell_anew(order: Order, factor: Fraction) -> None:
    order.price_ticks = int(order.price_ticks * factor)
    if order.replied_instructions is not None:
        order.replied_instructions = instructions_told_anew(order.replied_instructions, factor)
    if order.extreme_ticks:
        away: Callable[[Fraction], int] = floor if order.side is Side.SELL else ceil
        order.extreme_ticks = max(1, away(order.extreme_ticks * factor))


def _nearest(ticks: int, factor: Fraction) -> int:
    """Half to even, and at least one tick; 0 stays none."""
    return max(1, round(ticks * factor)) if ticks else 0
