"""Last price, best prices, and the figures of the last 24 hours."""

from functools import reduce
from typing import Final

import msgspec

from markethall_engine.domain.auction_price import AuctionPrice
from markethall_engine.domain.instrument import Step
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
    in_auction: bool = False
    auction: AuctionPrice | None = None
    """What the auction would come to now, in ticks as the best prices; `None` where nothing would trade."""
    price_step: Step = Step(1, 0)
    """What the prices of the day are counted in."""


class DayWindow:
    """Joins an instrument's minutes into the figures of 24 hours, and those that are over only once."""

    __slots__ = ("_first_minute_ns", "_joined", "_minutes", "_under_way_ns")

    def __init__(self, minutes: CandleSeries) -> None:
        """`minutes` are the instrument's one-minute candles, which makes the figures exact."""
        self._minutes = minutes
        self._first_minute_ns = self._under_way_ns = -1
        self._joined: Candle | None = None  # from the first minute and before that under way

    def figures(self, time_ns: int) -> Candle | None:
        """Of the minute of `time_ns` and the 1,439 before it; `None` if there was no trade."""
        first_minute_ns = time_ns - time_ns % _MINUTE_NS + _MINUTE_NS - _DAY_NS
        last = self._minutes.last()
        if last is None or last.open_time_ns < first_minute_ns:
            return None
        if self._first_minute_ns != first_minute_ns or self._under_way_ns != last.open_time_ns:
            self._first_minute_ns, self._under_way_ns = first_minute_ns, last.open_time_ns
            closed = self._minutes.between(first_minute_ns, last.open_time_ns)
            self._joined = reduce(Candle.joined, closed) if closed else None
        return last if self._joined is None else self._joined.joined(last)


def ticker(
    last: Trade | None,
    best: BestBidOffer,
    day: Candle | None,
    *,
    in_auction: bool,
    auction: AuctionPrice | None,
    price_step: Step,
) -> Ticker:
    return Ticker(
        symbol=best.symbol,
        last=last,
        best=best,
        day=day,
        update_time_ns=max(best.update_time_ns, 0 if last is None else last.time_ns),
        in_auction=in_auction,
        auction=auction,
        price_step=price_step,
    )
