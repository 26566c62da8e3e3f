"""Candles: the trades of an interval, summed up.

Intervals are whole multiples of their length since 1970, UTC, and a trade belongs to the interval that its
command's time falls in. An interval without a trade has no candle.
"""

from collections import deque
from collections.abc import Iterable, Iterator
from enum import IntEnum
from typing import Final

import msgspec

CAPACITY: Final = 1_500
"""How many candles of each interval are kept: of minutes a day and a bit, which tickers are made of."""

_SECOND_NS: Final = 1_000_000_000


class CandleInterval(IntEnum):
    """Length of a candle; the contract's names and numbers."""

    ONE_MINUTE = 1
    FIVE_MINUTES = 2
    FIFTEEN_MINUTES = 3
    ONE_HOUR = 4
    ONE_DAY = 5
    ONE_SECOND = 6

    @property
    def nanoseconds(self) -> int:
        return _LENGTHS_NS[self]


_LENGTHS_NS: Final = {
    CandleInterval.ONE_MINUTE: 60 * _SECOND_NS,
    CandleInterval.FIVE_MINUTES: 300 * _SECOND_NS,
    CandleInterval.FIFTEEN_MINUTES: 900 * _SECOND_NS,
    CandleInterval.ONE_HOUR: 3_600 * _SECOND_NS,
    CandleInterval.ONE_DAY: 86_400 * _SECOND_NS,
    CandleInterval.ONE_SECOND: _SECOND_NS,
}


class Candle(msgspec.Struct, frozen=True, gc=False):
    """First, highest, lowest and last price, and sums, of the trades from `open_time_ns` on."""

    open_time_ns: int
    open_ticks: int
    high_ticks: int
    low_ticks: int
    close_ticks: int
    volume_lots: int
    notional: int
    """Sum of price times quantity, in quote minor units."""
    trade_count: int

    def joined(self, later: "Candle") -> "Candle":
        """One candle of the trades of both, which begins when this one does."""
        return Candle(
            self.open_time_ns,
            self.open_ticks,
            max(self.high_ticks, later.high_ticks),
            min(self.low_ticks, later.low_ticks),
            later.close_ticks,
            self.volume_lots + later.volume_lots,
            self.notional + later.notional,
            self.trade_count + later.trade_count,
        )

    def refined(self, factor: int) -> "Candle":
        """The same candle, its prices counted in a step that the present one is so many times as large as."""
        return msgspec.structs.replace(
            self,
            open_ticks=self.open_ticks * factor,
            high_ticks=self.high_ticks * factor,
            low_ticks=self.low_ticks * factor,
            close_ticks=self.close_ticks * factor,
        )


class CandleSeries:
    """The last `CAPACITY` candles of one interval; older ones are forgotten."""

    __slots__ = ("_candles", "_length_ns")

    def __init__(self, interval: CandleInterval, candles: Iterable[Candle] = ()) -> None:
        self._length_ns = interval.nanoseconds
        self._candles: deque[Candle] = deque(candles, CAPACITY)

    def __iter__(self) -> Iterator[Candle]:
        """Oldest first."""
        return iter(self._candles)

    def add(self, candle: Candle) -> None:
        """Take in trades of one interval or less; times do not fall."""
        candles = self._candles
        open_time_ns = candle.open_time_ns - candle.open_time_ns % self._length_ns
        if candles and candles[-1].open_time_ns == open_time_ns:
            candles[-1] = candles[-1].joined(candle)
        else:
            candles.append(msgspec.structs.replace(candle, open_time_ns=open_time_ns))

    def refine(self, factor: int) -> None:
        """Count prices in a step that the present one is so many times as large as."""
        self._candles = deque((candle.refined(factor) for candle in self._candles), CAPACITY)

    def last(self) -> Candle | None:
        return self._candles[-1] if self._candles else None

    def between(
        self, start_time_ns: int | None = None, end_time_ns: int | None = None, limit: int | None = None
    ) -> list[Candle]:
        """At most `limit` candles that begin at `start_time_ns` or later and before `end_time_ns`.

        Oldest first. With a start they are the first ones from there, without one the last ones.
        """
        within = [
            candle
            for candle in self._candles
            if (start_time_ns is None or candle.open_time_ns >= start_time_ns)
            and (end_time_ns is None or candle.open_time_ns < end_time_ns)
        ]
        if limit is None:
            return within
        return within[:limit] if start_time_ns is not None else within[max(0, len(within) - limit) :]
