"""The prices of one side of a book, in order, the best at hand.

Bids and asks share one implementation: a side keeps its prices as keys that rise towards the best, so the
price itself for bids and its negative for asks. The best is at the end of a sorted list, where orders come
and go most, so that most insertions and removals move little; any other is found by bisection.
"""

from bisect import bisect_left, insort
from collections.abc import Iterator

from markethall_engine.domain.order import Side


class PriceLadder:
    """Distinct prices of one side, in ticks."""

    __slots__ = ("_keys", "_sign")

    def __init__(self, side: Side) -> None:
        self._keys: list[int] = []
        self._sign = 1 if side is Side.BUY else -1

    def __len__(self) -> int:
        return len(self._keys)

    def __iter__(self) -> Iterator[int]:
        """Every price, best first. The ladder must not change meanwhile."""
        sign = self._sign
        for key in reversed(self._keys):
            yield key * sign

    def within(self, limit_ticks: int) -> Iterator[int]:
        """The prices at which an incoming order of the other side, limited so, may trade, best first.

        A limit of 0 is none. The ladder must not change meanwhile.
        """
        sign = self._sign
        limit_key = limit_ticks * sign
        for key in reversed(self._keys):
            if limit_ticks and key < limit_key:
                return
            yield key * sign

    def insert(self, price_ticks: int) -> None:
        """Add a price that is not there yet."""
        insort(self._keys, price_ticks * self._sign)

    def remove(self, price_ticks: int) -> None:
        """Take out a price that is there."""
        keys = self._keys
        key = price_ticks * self._sign
        if keys[-1] == key:
            keys.pop()
        else:
            index = bisect_left(keys, key)
            assert keys[index] == key, "the price is not in the ladder"
            del keys[index]

    def best(self) -> int | None:
        """The highest bid or the lowest ask; `None` of an empty side."""
        keys = self._keys
        return keys[-1] * self._sign if keys else None

    def reaches(self, price_ticks: int) -> bool:
        """Whether an incoming order of the other side, limited at this price, would trade with the best."""
        keys = self._keys
        return bool(keys) and keys[-1] >= price_ticks * self._sign

    def goes_beyond(self, price_ticks: int) -> bool:
        """Whether there is a price that an incoming order of the other side, limited so, does not reach."""
        keys = self._keys
        return bool(keys) and keys[0] < price_ticks * self._sign
