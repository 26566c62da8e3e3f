"""What a recording, read to its end, says about each order and each price level.

An exchange's feed of the best levels is silent about an order while its level is out of sight. But an order
that is named later was there all the time, with at least the quantity that it is still to lose; and one that
is never filled cannot have stood ahead of one that is. From this, and from the book rows, a level that comes
into sight can be given its orders, not just its quantity.
"""

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterator

from tools.recorded_flow.recording import OF_RESTING_ORDERS, EventKind, Recording, Side

LevelKey = tuple[Side, int]
"""A price level: side and price."""


class Lifetimes:
    """Answers for the events from `pass_event`'s last one on; they must be passed in order."""

    def __init__(self, recording: Recording) -> None:
        self._length = len(recording.events)
        self._to_lose: defaultdict[int, int] = defaultdict(int)
        self._placed: set[int] = set()
        self._canceled: set[int] = set()
        self._first_seen: defaultdict[LevelKey, list[tuple[int, int]]] = defaultdict(list)
        self._executed: defaultdict[LevelKey, list[tuple[int, int]]] = defaultdict(list)
        self._departures: defaultdict[LevelKey, list[int]] = defaultdict(list)
        self._index_events(recording)
        self._index_departures(recording)

    def was_placed_in_sight(self, order_id: int) -> bool:
        return order_id in self._placed

    def quantity_to_lose(self, order_id: int) -> int:
        """What later events take from the order: at least this much of it is open."""
        return self._to_lose.get(order_id, 0)

    def may_have_more(self, order_id: int) -> bool:
        """Whether the order may hold more than it is still to lose: no event cancels the last of it."""
        return order_id not in self._canceled

    def departure(self, side: Side, price: int, index: int) -> int:
        """The first event after `index` whose row no longer shows the level, or the number of events."""
        departures = self._departures.get((side, price), [])
        at = bisect_left(departures, index + 1)
        return departures[at] if at < len(departures) else self._length

    def unplaced(self, side: Side, price: int, first: int, last: int) -> Iterator[int]:
        """Orders that no event placed and that are named first by an event of `first` to `last`."""
        return self._between(self._first_seen, side, price, first, last)

    def newest_executed(self, side: Side, price: int, first: int, last: int) -> int:
        """The highest id of an order that is filled there by an event of `first` to `last`; 0 for none."""
        return max(self._between(self._executed, side, price, first, last), default=0)

    def unplaced_levels(self) -> list[LevelKey]:
        """All levels with an order that no event placed."""
        return list(self._first_seen)

    def take_off(self, order_id: int, quantity: int) -> None:
        """Go past an event that takes `quantity` from an order."""
        self._to_lose[order_id] -= quantity

    @staticmethod
    def _between(
        index: dict[LevelKey, list[tuple[int, int]]], side: Side, price: int, first: int, last: int
    ) -> Iterator[int]:
        entries = index.get((side, price), [])
        for at in range(bisect_left(entries, (first, 0)), len(entries)):
            if entries[at][0] > last:
                return
            yield entries[at][1]

    def _index_events(self, recording: Recording) -> None:
        for number, event in enumerate(recording.events):
            if event.kind is EventKind.PLACE:
                self._placed.add(event.order_id)
            elif event.kind in OF_RESTING_ORDERS:
                level = (event.side, event.price)
                if event.order_id not in self._placed and event.order_id not in self._to_lose:
                    self._first_seen[level].append((number, event.order_id))
                self._to_lose[event.order_id] += event.quantity
                if event.kind is EventKind.CANCEL:
                    self._canceled.add(event.order_id)
                elif event.kind is EventKind.EXECUTE:
                    self._executed[level].append((number, event.order_id))

    def _index_departures(self, recording: Recording) -> None:
        shown: tuple[set[int], set[int]] = (set(), set())
        previous = None
        for number, row in enumerate(recording.rows):
            if row is previous:
                continue
            now = ({price for price, _ in row.bids}, {price for price, _ in row.asks})
            for side in Side:
                for price in shown[side] - now[side]:
                    self._departures[side, price].append(number)
            shown = now
