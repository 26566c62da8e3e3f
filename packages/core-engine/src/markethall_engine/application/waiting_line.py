"""Those whose commands are to be decided, in the order in which they will be.

An urgent one goes before all that are not, up to the last that it shares a lane with: its origin or an
account. So neither the commands of a stream nor those of an account ever change their order (decision 0102).

Nothing is known of lanes until an urgent one comes; then each of the others is looked at once.
"""

from collections import deque
from collections.abc import Iterator

from markethall_engine.application.waiter import Waiter

_PAST = -1
"""The place of one that has left the line and was looked at before."""


class WaitingLine:
    def __init__(self) -> None:
        self._normal: deque[Waiter] = deque()
        self._urgent: deque[Waiter] = deque()  # free to go first
        self._behind: dict[Waiter, list[Waiter]] = {}  # urgent ones, by the last that they may not overtake
        self._last_of: dict[object, Waiter] = {}  # by lane, of those that are not urgent
        self._looked_at = 0

    def __iter__(self) -> Iterator[Waiter]:
        """Everybody, in no order."""
        yield from self._urgent
        for followers in self._behind.values():
            yield from followers
        yield from self._normal

    def __bool__(self) -> bool:
        return bool(self._urgent or self._normal)

    def first(self) -> Waiter | None:
        """Whose turn it is."""
        if self._urgent:
            return self._urgent[0]
        return self._normal[0] if self._normal else None

    def put(self, waiter: Waiter) -> None:
        if waiter.is_urgent:
            self._put_urgent(waiter)
        else:
            self._normal.append(waiter)

    def remove_first(self) -> None:
        """Its commands are decided: those that waited for just that go next."""
        waiter = (self._urgent or self._normal).popleft()
        if waiter.place:
            self._urgent.extend(self._behind.pop(waiter, ()))
            if waiter.place == self._looked_at:
                self._last_of.clear()
            waiter.place = _PAST

    def _put_urgent(self, waiter: Waiter) -> None:
        self._look_at_new()
        lanes = set(waiter.lanes())
        shared = (self._last_of[lane] for lane in lanes if lane in self._last_of)
        before = max(shared, key=lambda other: other.place, default=None)
        if before is None or before.place == _PAST:
            self._urgent.append(waiter)
            return
        self._behind.setdefault(before, []).append(waiter)
        # Whoever must stay behind the urgent one now must stay behind those before it.
        self._last_of.update(dict.fromkeys(lanes, before))

    def _look_at_new(self) -> None:
        new = []
        for waiter in reversed(self._normal):
            if waiter.place:
                break
            new.append(waiter)
        for waiter in reversed(new):
            self._looked_at += 1
            waiter.place = self._looked_at
            self._last_of.update(dict.fromkeys(waiter.lanes(), waiter))
