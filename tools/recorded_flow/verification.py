"""What the venue did, held against what was recorded: fill by fill, and row by row."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple, Protocol

from tools.recorded_flow.order_names import order_id_of
from tools.recorded_flow.queue_book import Execution
from tools.recorded_flow.recording import Levels, Row, Side
from tools.recorded_flow.steps import AggressiveOrder, Cause, Step


class VenueFill(NamedTuple):
    """A fill of an aggressive order, in the recording's units."""

    trade_id: int
    price: int
    quantity: int


class VenueBook(Protocol):
    """The venue's book, in the recording's units."""

    def top(self, side: Side, depth: int) -> Levels:
        """The best `depth` levels, best first."""
        ...


@dataclass(frozen=True, slots=True)
class OrderDifference:
    """An aggressive order whose fills are not the recorded ones."""

    event: int
    cause: Cause | None
    """None: the venue did not do what price-time priority does."""
    expected: tuple[Execution, ...]
    found: tuple[Execution, ...]


@dataclass(frozen=True, slots=True)
class RowDifference:
    """A visible book that is not the recorded one."""

    event: int
    cause: Cause | None
    expected: Row
    found: Row


@dataclass(slots=True)
class Tally:
    """How many were compared, and how many of them were equal."""

    compared: int = 0
    equal: int = 0

    def add(self, is_equal: bool) -> None:
        self.compared += 1
        self.equal += is_equal


@dataclass(slots=True)
class Evidence:
    """All that was compared."""

    orders: Tally = field(default_factory=Tally)
    """Aggressive orders, by makers, order, sizes and prices."""
    orders_of_seeded_makers: Tally = field(default_factory=Tally)
    """Of `orders`, those with a maker whose place in the queue was inferred when it was seeded."""
    rows: Tally = field(default_factory=Tally)
    """Books after a step."""
    rows_inside: Tally = field(default_factory=Tally)
    """Books between two fills of one aggressive order, by the venue's fills."""
    rows_with_seeds: int = 0
    """Of `rows`, those with a level that came into sight and was not compared."""
    order_differences: list[OrderDifference] = field(default_factory=list)
    row_differences: list[RowDifference] = field(default_factory=list)

    @property
    def differences(self) -> list[OrderDifference | RowDifference]:
        return [*self.order_differences, *self.row_differences]


class Verification:
    """Compares while the replay goes on; `conclude` adds what can be known only afterwards."""

    def __init__(self, book: VenueBook, *, visible_levels: int) -> None:
        self._book = book
        self._visible_levels = visible_levels
        self._fills: dict[str, Sequence[VenueFill]] = {}
        self._orders: list[AggressiveOrder] = []
        self.evidence = Evidence()

    @property
    def trade_ids(self) -> set[int]:
        """Of all fills so far."""
        return {fill.trade_id for fills in self._fills.values() for fill in fills}

    def see(self, step: Step, name: str, fills: Sequence[VenueFill], before: VenueBook) -> None:
        """Take in the fills of one command of `step`; `before` is the book as it was when it came."""
        if fills:
            self._fills[name] = fills
            if step.rows_inside:
                self._compare_rows_inside(step, fills, before)

    def finish(self, step: Step) -> None:
        """Compare the book after the last command of `step`."""
        self._orders += step.aggressive_orders
        if step.row is None:
            return
        found = Row(*(self._book.top(side, self._visible_levels) for side in Side))
        self._compare_row(self.evidence.rows, step, step.events[-1], step.row, found)
        self.evidence.rows_with_seeds += bool(step.seeded)

    def conclude(self, makers: Mapping[int, str]) -> None:
        """Compare the fills of every aggressive order, given the names of the makers by trade id."""
        for order in self._orders:
            fills = self._fills.get(order.command.name, ())
            found = tuple(_execution(fill, makers.get(fill.trade_id)) for fill in fills)
            wanted = order.expected if order.recorded is None else order.recorded
            self.evidence.orders.add(found == wanted)
            if order.has_seeded_makers:
                self.evidence.orders_of_seeded_makers.add(found == wanted)
            if found != wanted:
                cause = order.cause if found == order.expected else None
                self.evidence.order_differences.append(OrderDifference(order.event, cause, wanted, found))

    def _compare_rows_inside(self, step: Step, fills: Sequence[VenueFill], before: VenueBook) -> None:
        """Take the fills off the book as it was, one quantity after the other."""
        [order] = step.aggressive_orders
        resting = order.command.side.opposite
        levels = dict(before.top(resting, self._visible_levels + len(fills)))
        other = before.top(order.command.side, self._visible_levels)
        parts = [(fill.price, fill.quantity) for fill in reversed(fills)]
        taken = 0
        for event, (filled, row) in zip(step.events, step.rows_inside, strict=False):
            while parts and taken < filled:
                price, quantity = parts.pop()
                part = min(quantity, filled - taken)
                taken += part
                levels[price] = levels.get(price, 0) - part
                if part < quantity:
                    parts.append((price, quantity - part))
            left = tuple(level for level in levels.items() if level[1])[: self._visible_levels]
            found = Row(left, other) if resting is Side.BUY else Row(other, left)
            self._compare_row(self.evidence.rows_inside, step, event, row, found)

    def _compare_row(self, tally: Tally, step: Step, event: int, wanted: Row, found: Row) -> None:
        is_equal = _without(found, step) == _without(wanted, step)
        tally.add(is_equal)
        if not is_equal:
            self.evidence.row_differences.append(RowDifference(event, step.cause, wanted, found))


def _execution(fill: VenueFill, maker: str | None) -> Execution:
    """Whose maker the venue does not tell gets the order id 0."""
    return Execution(order_id_of(maker) if maker is not None else 0, fill.price, fill.quantity)


def _without(row: Row, step: Step) -> Row:
    """The row without the levels that were seeded in `step`."""
    if not step.seeded:
        return row
    bids, asks = (tuple(level for level in row[side] if (side, level[0]) not in step.seeded) for side in Side)
    return Row(bids, asks)
