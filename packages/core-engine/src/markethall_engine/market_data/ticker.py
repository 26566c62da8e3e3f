"""Last price, best prices, and the figures of the last 24 hours."""

from functools import reduce
from typing import Final

import msgspec

from markethall_engine.market_data.candles import Candle, CandleInterval, CandleSeries
from markethall_engine.market_data.depth import BestBidOffer
from markethall_engine.market_data.trades import Trade

_MINUTE_NS: Final = CandleInterval.ONE_MINUTE.nanoseconds
_DAY_NS: Final = CandleInterval.ONE_DAY.nanoseconds


class Ticker(msgspec.Struct, frozen=True, gc=False):
    """One instrument at a glance."""

    symbol: str
    last: Trade | None
    """`None` before the first trade."""
    best: BestBidOffer
    day: Candle | None
    """The trades of the last 24 hours by whole minutes: the minute under way and the 1,439 before it."""
    update_time_ns: int
    """When last or best changed; 0 before the first time."""


def ticker(last: Trade | None, best: BestBidOffer, minutes: CandleSeries, time_ns: int) -> Ticker:
    """The ticker at `time_ns`; `minutes` are the instrument's one-minute candles, which makes it exact."""
    first_minute_ns = time_ns - time_ns % _MINUTE_NS + _MINUTE_NS - _DAY_NS
    candles = minutes.between(first_minute_ns)
    return Ticker(
        symbol=best.symbol,
        last=last,
        best=best,
        day=reduce(Candle.joined, candles) if candles else None,
        update_time_ns=max(best.update_time_ns, 0 if last is None else last.time_ns),
    )
