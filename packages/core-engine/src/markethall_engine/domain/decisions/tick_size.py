"""Deciding tick sizes: which can be, and what another one does to an instrument and to its orders."""

from typing import Any, NamedTuple

from markethall_engine.domain.amounts import MAX_AMOUNT, MAX_SCALE
from markethall_engine.domain.decisions.canceling import live_order_canceled
from markethall_engine.domain.events import Event
from markethall_engine.domain.instrument import Asset, FormerTick, Instrument, Step
from markethall_engine.domain.live_order import LiveOrder
from markethall_engine.domain.reasons import CancelReason, RejectReason
from markethall_engine.domain.risk.refusal import Refusal
from markethall_engine.domain.state import ExchangeState
from markethall_engine.domain.tick_change import TickChange


class NewTick(NamedTuple):
    """What comes with another tick size; nothing with the one that is."""

    changes: dict[str, Any]
    """Of the instrument."""
    rescaled: dict[str, Any]
    """What stays of the instrument, told in new ticks."""
    canceled: list[Event]
    """The live orders that it cannot express, told in old ticks."""


def change_tick(state: ExchangeState, old: Instrument, tick_size: Step, sequence: int) -> NewTick | Refusal:
    """What the command `sequence` brings about by giving an instrument this tick size."""
    problem = step_problem("tick size", tick_size)
    if problem:
        return Refusal(RejectReason.INVALID_PARAMETERS, problem)
    if tick_size.is_equal(old.tick_size):
        return NewTick({}, {}, [])
    quote = state.assets[old.quote_asset]
    tick_value = whole_units(tick_size, old.lot_size, scale=quote.scale)
    if tick_value is None:
        return Refusal(RejectReason.INVALID_PARAMETERS, not_whole(quote, tick_size, old.lot_size))
    change = TickChange(old.tick_size, tick_size)
    orders = [order for order in state.live_orders.values() if order.symbol == old.symbol]
    return NewTick(
        {
            "tick_size": tick_size,
            "tick_value": tick_value,
            "revision": old.revision + 1,
            "former_ticks": (
                *old.former_ticks,
                FormerTick(old.revision, sequence, old.tick_size, old.tick_value),
            ),
        },
        {"reference_price_ticks": change.nearest(old.reference_price_ticks)},
        [
            live_order_canceled(order, CancelReason.TICK_SIZE_CHANGED)
            for order in sorted(orders, key=LiveOrder.age)
            if not change.keeps(order)
        ],
    )


def step_problem(name: str, step: Step) -> str:
    """Why this is no tick or lot size; empty if it is."""
    if 0 < step.coefficient <= MAX_AMOUNT and 0 <= step.scale <= MAX_SCALE:
        return ""
    return f"the {name} must be positive with at most {MAX_SCALE} places, found {step}"


def not_whole(quote: Asset, tick_size: Step, lot_size: Step) -> str:
    return (
        "tick size times lot size must be a whole number of minor units of "
        f"{quote.asset} (scale {quote.scale}), at most {MAX_AMOUNT}, found "
        f"{tick_size.format(1)} times {lot_size.format(1)}"
    )


def whole_units(*steps: Step, scale: int) -> int | None:
    """The steps' product in units of `10 ** -scale`; `None` if that is not whole, or too large."""
    coefficient, places = 1, 0
    for step in steps:
        coefficient *= step.coefficient
        places += step.scale
    units, rest = divmod(coefficient * 10**scale, 10**places)
    return None if rest or units > MAX_AMOUNT else units
