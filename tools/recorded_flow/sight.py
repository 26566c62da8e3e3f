"""Levels that come into sight, and the orders that they are given.

A recording shows the best levels and is silent about the rest. When a level comes into sight, its row gives
its quantity; the orders that make it up are found as `Lifetimes` knows them: those that later events name,
in the order of their ids, and behind them what is left, without a name.
"""

from collections import defaultdict
from collections.abc import Iterator

from tools.recorded_flow.held_orders import HeldOrders, Line
from tools.recorded_flow.lifetimes import LevelKey, Lifetimes
from tools.recorded_flow.recording import OF_RESTING_ORDERS, EventKind, Levels, Recording, Row, Side
from tools.recorded_flow.steps import Command


class Sight:
    """Keeps what the venue holds in the visible levels like the recorded rows."""

    def __init__(self, recording: Recording, lifetimes: Lifetimes, held: HeldOrders) -> None:
        self._recording = recording
        self._lifetimes = lifetimes
        self._held = held
        self._unnamed = 0
        self._withheld: defaultdict[LevelKey, list[int]] = defaultdict(list)

    def seed_all(self) -> Iterator[Command]:
        """Place what later events take from orders that no event places: without rows, all that is known."""
        last = len(self._recording.events)
        for side, price in self._lifetimes.unplaced_levels():
            ids = sorted(self._lifetimes.unplaced(side, price, 0, last))
            line = [(order_id, self._lifetimes.quantity_to_lose(order_id)) for order_id in ids]
            yield from self._held.align(side, price, line)

    def bring_in(self, segment: range) -> tuple[list[Command], frozenset[LevelKey]]:
        """Give the levels that come into sight in `segment` what they held before it.

        Returns the commands, and the levels that they changed.
        """
        rows = self._recording.rows
        commands: list[Command] = []
        seeded: set[LevelKey] = set()
        before = rows[segment.start - 1] if segment.start else Row((), ())
        for index in segment:
            for side in Side:
                if rows[index][side] == before[side]:
                    continue
                for price, quantity in self._entering(index, side, before[side], rows[index][side]):
                    wanted = quantity - self._change(range(segment.start, index + 1), side, price)
                    if wanted > 0 or (wanted == 0 and self._held.queue(side, price)):
                        line = self.compose(side, price, wanted, segment.start)
                        if line != self._held.line(side, price):
                            commands += self._held.align(side, price, line)
                            seeded.add((side, price))
            before = rows[index]
        return commands, frozenset(seeded)

    def withhold(self, side: Side, price: int, order_id: int) -> None:
        """Remember an order that was recorded in sight and is not held, to be placed once it can be."""
        self._withheld[side, price].append(order_id)

    def put_right(self, side: Side, index: int) -> Iterator[Command]:
        """Give every visible level the quantity of the row after the event `index`."""
        levels = self._recording.rows[index][side]
        shown = dict(levels)
        for price in {*self._prices_in_sight(side, levels), *shown}:
            wanted = shown.get(price, 0)
            if self._held.quantity(side, price) != wanted:
                yield from self._held.align(side, price, self.compose(side, price, wanted, index + 1))

    def compose(self, side: Side, price: int, wanted: int, index: int) -> Line:
        """The orders that make up a level of `wanted` just before the event `index`, first in line first."""
        lifetimes = self._lifetimes
        held = self._held.queue(side, price)
        departure = lifetimes.departure(side, price, index)
        quantities = {order_id: lifetimes.quantity_to_lose(order_id) for order_id in held}
        missing = self._withheld.get((side, price), ())
        for order_id in (*lifetimes.unplaced(side, price, index, departure), *missing):
            quantities[order_id] = lifetimes.quantity_to_lose(order_id)
        rest = wanted - sum(quantities.values())
        # Whoever is never filled did not stand ahead of one who is: only younger orders can have stayed.
        newest_executed = lifetimes.newest_executed(side, price, index, departure)
        for order_id in reversed(held):
            is_younger = order_id > newest_executed or (order_id < 0 and not newest_executed)
            if rest > 0 and is_younger and lifetimes.may_have_more(order_id):
                kept = min(rest, held[order_id] - quantities[order_id])
                quantities[order_id] += kept
                rest -= kept
        named = sorted(entry for entry in quantities.items() if entry[0] > 0 and entry[1])
        line = named + [(order_id, quantities[order_id]) for order_id in held if order_id < 0]
        line = [entry for entry in line if entry[1]]
        if rest > 0:
            self._unnamed -= 1
            line.append((self._unnamed, rest))
        return _shortened(line, -rest)

    def _entering(self, index: int, side: Side, before: Levels, now: Levels) -> Iterator[tuple[int, int]]:
        """Levels that only `now` shows, the row after the event `index`.

        With quantity 0, those of the venue that neither row shows, and the event's own: before the first
        row there may have been more of it.
        """
        known = {price for price, _ in before}
        for price, quantity in now:
            if price not in known:
                yield price, quantity
        known.update(price for price, _ in now)
        unseen = set(self._prices_in_sight(side, now))
        event = self._recording.events[index]
        if event.side is side and event.kind in OF_RESTING_ORDERS:
            unseen.add(event.price)
        for price in sorted(unseen - known):
            yield price, 0

    def _prices_in_sight(self, side: Side, now: Levels) -> list[int]:
        """Prices of the venue's orders that a row of `now` would show."""
        is_full = len(now) == self._recording.depth
        return self._held.prices(side, now[-1][0] if is_full else None)

    def _change(self, events: range, side: Side, price: int) -> int:
        """By how much `events` change the quantity of a level."""
        change = 0
        for index in events:
            event = self._recording.events[index]
            if event.price == price and event.side is side:
                if event.kind is EventKind.PLACE:
                    change += event.quantity
                elif event.kind in OF_RESTING_ORDERS:
                    change -= event.quantity
        return change


def _shortened(line: Line, surplus: int) -> Line:
    """The line without its last `surplus`, if that is more than nothing."""
    while surplus > 0:
        order_id, quantity = line.pop()
        surplus -= quantity
        if surplus < 0:
            line.append((order_id, -surplus))
    return line
