"""The newest trades of an instrument."""

from collections import deque
from collections.abc import Iterable, Iterator
from itertools import islice
from typing import Final

import msgspec

from markethall_engine.domain.order import Side

CAPACITY: Final = 10_000
"""How many trades of an instrument are kept."""


class Trade(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """A match, as everyone may see it."""

    trade_id: int
    symbol: str
    price_ticks: int
    quantity_lots: int
    notional: int
    """Price times quantity, in quote minor units."""
    taker_side: Side
    sequence: int
    """Of the command that caused it."""
    time_ns: int
    in_auction: bool = False


class TradeTape:
    """The last `CAPACITY` trades; older ones are forgotten."""

    __slots__ = ("_trades",)

    def __init__(self, trades: Iterable[Trade] = ()) -> None:
        self._trades: deque[Trade] = deque(trades, CAPACITY)

    def __iter__(self) -> Iterator[Trade]:
        """Oldest first."""
        return iter(self._trades)

    def add(self, trades: Iterable[Trade]) -> None:
        self._trades.extend(trades)

    def last(self) -> Trade | None:
        return self._trades[-1] if self._trades else None

    def newest_first(self, limit: int | None = None, *, before: int | None = None) -> list[Trade]:
        """At most `limit` trades, from those with an id below `before`."""
        older = (trade for trade in reversed(self._trades) if before is None or trade.trade_id < before)
        return list(islice(older, limit))
