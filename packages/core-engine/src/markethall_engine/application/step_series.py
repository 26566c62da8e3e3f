"""A figure over time: what it was after each minute in which it changed, 12 bytes a change.

After `MINUTES_KEPT` it is known only as it was after each hour. So what it was at a full hour can be said for
ever, and at a full minute for so long.
"""

from array import array
from bisect import bisect_left
from typing import Final

from markethall_engine.application.integer_arrays import packed, unpacked

MINUTES_KEPT: Final = 7 * 24 * 60
_HOUR: Final = 60
_MINUTE_CODE: Final = "i"
"""Signed, 32 bits: minutes since 1970 fit in until the year 6053."""
_VALUE_CODE: Final = "q"
_FIRST_THINNING: Final = 256


class StepSeries:
    """Begins at 0. Minutes, since 1970 (UTC), do not fall from one change to the next."""

    __slots__ = ("_minute", "_minutes", "_thinned_at", "_value", "_values")

    def __init__(self) -> None:
        # The last change is apart from those before it, since it is what nearly every use is about.
        self._minute = 0
        self._value = 0
        self._minutes: array[int] = array(_MINUTE_CODE)
        self._values: array[int] = array(_VALUE_CODE)
        self._thinned_at = _FIRST_THINNING  # at what length to look next for what may go

    def __len__(self) -> int:
        """How many changes are kept, and the beginning."""
        return len(self._values) + 1

    @property
    def last(self) -> int:
        return self._value

    def add(self, minute: int, amount: int) -> None:
        """Change the figure by an amount."""
        if minute == self._minute:
            self._value += amount
        else:
            self.set(minute, self._value + amount)

    def set(self, minute: int, value: int) -> None:
        if minute != self._minute:
            self._minutes.append(self._minute)
            self._values.append(self._value)
            self._minute = minute
            if len(self._minutes) >= self._thinned_at:
                self._thin()
        self._value = value

    def before(self, minute: int) -> int:
        """What it was when the minute began."""
        if self._minute < minute:
            return self._value
        index = bisect_left(self._minutes, minute)
        return self._values[index - 1] if index else 0

    def _thin(self) -> None:
        """Of each hour that is long ago, keep only the last change."""
        end = bisect_left(self._minutes, first_minute_kept(self._minute))
        minutes, values = array(_MINUTE_CODE), array(_VALUE_CODE)
        for index in range(end):
            hour = self._minutes[index] // _HOUR
            if index + 1 == end or self._minutes[index + 1] // _HOUR != hour:
                minutes.append(self._minutes[index])
                values.append(self._values[index])
        minutes.extend(self._minutes[end:])
        values.extend(self._values[end:])
        self._minutes, self._values = minutes, values
        self._thinned_at = max(_FIRST_THINNING, 2 * len(minutes))

    def packed(self) -> "Packed":
        return self._minute, self._value, packed(self._minutes), packed(self._values), self._thinned_at

    @classmethod
    def unpacked(
        cls, minute: int, value: int, minutes: bytes, values: bytes, thinned_at: int
    ) -> "StepSeries":
        series = cls()
        series._minute = minute
        series._value = value
        series._minutes = unpacked(_MINUTE_CODE, minutes)
        series._values = unpacked(_VALUE_CODE, values)
        series._thinned_at = thinned_at
        return series


Packed = tuple[int, int, bytes, bytes, int]
"""A series as a snapshot has it: the last change, the minutes and values before it, and when to thin them."""


def first_minute_kept(minute: int) -> int:
    """From when on the minutes are known at this one: the beginning of an hour."""
    return (minute - MINUTES_KEPT) // _HOUR * _HOUR
