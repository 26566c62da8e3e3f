"""The live orders of one account, oldest first.

They are linked through themselves, as in a price level: to join and to leave takes a few pointers, where a
dict takes a look-up each and a hundred bytes an order.
"""

from collections.abc import Iterator

from markethall_engine.domain.live_order import LiveOrder


class OrdersOfAccount:
    """A queue that any order may leave; only `state` writes to one."""

    __slots__ = ("_count", "_newest", "_oldest")

    def __init__(self) -> None:
        self._count = 0
        self._oldest: LiveOrder | None = None
        self._newest: LiveOrder | None = None

    def __len__(self) -> int:
        return self._count

    def values(self) -> Iterator[LiveOrder]:
        """Every order, oldest first. None must join or leave meanwhile."""
        order = self._oldest
        while order is not None:
            yield order
            order = order.newer

    def join(self, order: LiveOrder) -> None:
        """Add an order that is newer than all others."""
        newest = self._newest
        order.older = newest
        if newest is None:
            self._oldest = order
        else:
            newest.newer = order
        self._newest = order
        self._count += 1

    def leave(self, order: LiveOrder) -> None:
        """Take out an order that is there."""
        older, newer = order.older, order.newer
        if older is None:
            self._oldest = newer
        else:
            older.newer = newer
        if newer is None:
            self._newest = older
        else:
            newer.older = older
        order.older = order.newer = None
        self._count -= 1
