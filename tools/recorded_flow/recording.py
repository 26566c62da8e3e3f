"""A recording: what happened to the orders of one instrument, and the book that was visible after each event.

Prices and quantities are integers: `price` counts `10 ** -price_scale` of the quote asset and `quantity`
counts `10 ** -quantity_scale` of the base asset, so nothing is rounded on the way in or out.
"""

import math
from collections.abc import Iterable
from dataclasses import dataclass
from enum import Enum, IntEnum
from functools import cached_property
from typing import NamedTuple


class RecordingError(Exception):
    """A file is not the recording that it should be; the message says where and what was expected."""


class Side(IntEnum):
    """The side of an order; an index into pairs of bids and asks."""

    BUY = 0
    SELL = 1

    @property
    def opposite(self) -> "Side":
        return Side.SELL if self is Side.BUY else Side.BUY


class EventKind(Enum):
    """What happened."""

    PLACE = "place"
    """A limit order was placed; what of it did not match rests."""
    REDUCE = "reduce"
    """`quantity` of a resting order was canceled; the rest kept its place in the queue."""
    CANCEL = "cancel"
    """What was left of a resting order, `quantity`, was canceled."""
    EXECUTE = "execute"
    """`quantity` of a resting order was filled by an incoming one."""
    TAKE = "take"
    """An order came in that fills at once or not at all, at `price` or better, or at any price if that is 0.

    Its fills are not recorded."""
    EXECUTE_HIDDEN = "execute_hidden"
    """An order that nobody saw was filled; the visible book did not change."""
    CROSS = "cross"
    """An auction printed; the visible book did not change."""
    HALT = "halt"
    """Trading stopped."""
    RESUME_QUOTES = "resume_quotes"
    """Orders are taken again, and do not match yet."""
    RESUME_TRADING = "resume_trading"
    """Orders match again."""


MARKERS = frozenset({EventKind.HALT, EventKind.RESUME_QUOTES, EventKind.RESUME_TRADING})
"""Events that concern the instrument and no order."""

OF_RESTING_ORDERS = frozenset({EventKind.REDUCE, EventKind.CANCEL, EventKind.EXECUTE})
"""Events that take something from an order that is in the visible book."""

IN_THE_BOOK = OF_RESTING_ORDERS | {EventKind.PLACE, EventKind.TAKE}
"""Events that can change the visible book."""


class FlowEvent(NamedTuple):
    """One event. `side` is the side of the order that it names, for an execution of the resting one."""

    time_ns: int
    """Nanoseconds since the recording's midnight."""
    kind: EventKind
    order_id: int
    """The exchange's own; it grows from order to order. 0 where no order is named."""
    side: Side
    quantity: int
    price: int


Levels = tuple[tuple[int, int], ...]
"""Prices with all that is visible there, best first."""


class Row(NamedTuple):
    """The visible book: the best levels of both sides, at most `Recording.depth` of each."""

    bids: Levels
    asks: Levels


@dataclass(frozen=True, slots=True)
class Scales:
    """How many decimal places the integers of a recording stand for."""

    price: int
    quantity: int


@dataclass(frozen=True)
class Recording:
    """Events in the order of the exchange, and the visible book after each where that was recorded, too."""

    symbol: str
    scales: Scales
    depth: int
    """How many levels a side the rows show; 0 without rows."""
    events: tuple[FlowEvent, ...]
    rows: tuple[Row, ...]
    """One for each event, or none at all."""

    @cached_property
    def tick(self) -> int:
        """The step of prices, in price units: the largest power of ten that fits all, at most a hundredth.

        Not more, so that another day of the same instrument fits, too.
        """
        prices = {event.price for event in self.events if event.kind in IN_THE_BOOK}
        for row in self.rows:
            prices.update(price for levels in row for price, _ in levels)
        return _decimal_step(prices, max(self.scales.price - 2, 0))

    @cached_property
    def lot(self) -> int:
        """The step of quantities, in quantity units: likewise, at most 1."""
        quantities = {event.quantity for event in self.events if event.kind in IN_THE_BOOK}
        for row in self.rows:
            quantities.update(quantity for levels in row for _, quantity in levels)
        return _decimal_step(quantities, self.scales.quantity)

    def first(self, count: int) -> "Recording":
        """The recording of the first `count` events only."""
        return Recording(self.symbol, self.scales, self.depth, self.events[:count], self.rows[:count])


def _decimal_step(values: Iterable[int], most: int) -> int:
    """The largest power of ten, `10 ** most` at most, that divides all `values`."""
    divisor = math.gcd(*values)
    while divisor % 10**most:
        most -= 1
    return int(10**most)
