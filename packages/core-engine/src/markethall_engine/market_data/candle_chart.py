"""The candles of one instrument, of every interval.

A trade is counted into the second under way, and the second into the candles of every interval once another
begins or somebody looks: joining is associative, so that gives the same as counting each trade into each.
"""

from collections.abc import Iterable, Mapping
from typing import Final

from markethall_engine.domain.instrument import Step
from markethall_engine.market_data.candles import Candle, CandleInterval, CandleSeries
from markethall_engine.market_data.trades import Trade

_SECOND_NS: Final = 1_000_000_000


class CandleChart:
    """Trades in, in the order of their times; candles out."""

    __slots__ = (
        "_close_ticks",
        "_end_time_ns",
        "_factor",
        "_high_ticks",
        "_low_ticks",
        "_notional",
        "_open_ticks",
        "_open_time_ns",
        "_series",
        "_trade_count",
        "_volume_lots",
        "price_step",
    )

    def __init__(
        self,
        tick_size: Step,
        price_step: Step | None = None,
        candles: Mapping[CandleInterval, Iterable[Candle]] | None = None,
    ) -> None:
        """The candles' prices are counted in `price_step`, of which `tick_size` is a multiple."""
        self.price_step = price_step or tick_size
        self._factor = _times(tick_size, self.price_step)
        known = candles or {}
        self._series = {name: CandleSeries(name, known.get(name, ())) for name in CandleInterval}
        # The second under way, or what of it was not looked at yet.
        self._end_time_ns = 0
        self._open_time_ns = 0
        self._open_ticks = self._high_ticks = self._low_ticks = self._close_ticks = 0
        self._volume_lots = self._notional = self._trade_count = 0

    def add(self, trade: Trade) -> None:
        """Count a trade in; times do not fall."""
        price_ticks, time_ns = trade.price_ticks * self._factor, trade.time_ns
        if time_ns >= self._end_time_ns or self._trade_count == 0:
            self._settle()
            self._end_time_ns = time_ns - time_ns % _SECOND_NS + _SECOND_NS
            self._open_time_ns = time_ns
            self._open_ticks = self._high_ticks = self._low_ticks = price_ticks
        elif price_ticks > self._high_ticks:
            self._high_ticks = price_ticks
        elif price_ticks < self._low_ticks:
            self._low_ticks = price_ticks
        self._close_ticks = price_ticks
        self._volume_lots += trade.quantity_lots
        self._notional += trade.notional
        self._trade_count += 1

    def change_tick(self, tick_size: Step) -> None:
        """Take trades in other ticks, and count all prices in a step that they and the old ones fit in."""
        self._settle()
        step = self.price_step.common(tick_size)
        factor = _times(self.price_step, step)
        if factor != 1:
            for series in self._series.values():
                series.refine(factor)
        self.price_step = step
        self._factor = _times(tick_size, step)

    def series(self, interval: CandleInterval) -> CandleSeries:
        self._settle()
        return self._series[interval]

    def _settle(self) -> None:
        """Count the second under way into the candles of all intervals."""
        if self._trade_count == 0:
            return
        second = Candle(
            self._open_time_ns,
            self._open_ticks,
            self._high_ticks,
            self._low_ticks,
            self._close_ticks,
            self._volume_lots,
            self._notional,
            self._trade_count,
        )
        for series in self._series.values():
            series.add(second)
        self._volume_lots = self._notional = self._trade_count = 0


def _times(step: Step, unit: Step) -> int:
    numerator, denominator = step.in_units_of(unit)
    return numerator // denominator
