"""The stream of a portfolio: the whole, and then what is other than the reader was told.

Every state that is told is one that was read at one moment and is durable. A state that did not last until it
could be read is left out, so a reader cannot fall behind; who lost the stream opens another.
"""

from collections.abc import AsyncGenerator, Callable, Sequence
from typing import TypeVar

from markethall_common.clock import Clock
from markethall_engine.application.feed import Feed
from markethall_engine.application.queries import Queries
from markethall_engine.rpc.translate.portfolio import PortfolioReading, Portfolios
from markethall_protos import v1

M = TypeVar("M")


class PortfolioStreams:
    def __init__(self, feed: Feed, queries: Queries, portfolios: Portfolios, clock: Clock) -> None:
        self._feed = feed
        self._queries = queries
        self._portfolios = portfolios
        self._clock = clock

    async def changes(self, account_id: str) -> AsyncGenerator[v1.StreamPortfolioResponse, None]:
        """Yield the portfolio, and then what of it changed.

        What the account's own commands and trades do comes at once, and what prices of its holdings do soon.
        Raises `NotFound`, and `StreamEnded` when the engine shuts down.
        """
        watched: set[str] = set()
        with self._feed.portfolio(account_id, watched) as changed:
            told = await self._read(account_id, watched)
            yield v1.StreamPortfolioResponse(is_snapshot=True, portfolio=told)
            while True:
                await changed.wait()
                newest = await self._read(account_id, watched)
                difference = _difference(told, newest)
                if difference is not None:
                    yield v1.StreamPortfolioResponse(portfolio=difference)
                told = newest

    async def _read(self, account_id: str, watched: set[str]) -> v1.Portfolio:
        """Read the whole, and note whose prices count for it."""
        time_ns = self._clock.time_ns()

        def read(_: object) -> PortfolioReading:
            watched.clear()
            watched.update(self._portfolios.symbols(account_id))
            return self._portfolios.portfolio(account_id)

        answer = await self._queries.read(read)
        return self._portfolios.with_equities(answer.value, time_ns)


def _difference(told: v1.Portfolio, newest: v1.Portfolio) -> v1.Portfolio | None:
    """What of the newest portfolio was not told, what is gone being told as nothing."""
    gone_balances = _gone(told.balances, newest.balances, _asset)
    gone_equities = _gone(told.equities, newest.equities, _asset)
    difference = v1.Portfolio(
        account_id=newest.account_id,
        balances=_changed(told.balances, newest.balances, _asset)
        + [v1.Balance(balance.asset, "0", "0", "0") for balance in gone_balances],
        positions=_changed(told.positions, newest.positions, lambda position: position.symbol),
        equities=_changed(told.equities, newest.equities, _asset)
        + [v1.Equity(equity.asset, "0") for equity in gone_equities],
        margins=_changed(told.margins, newest.margins, _asset),
        sequence=newest.sequence,
    )
    parts = (difference.balances, difference.positions, difference.equities, difference.margins)
    return difference if any(parts) else None


def _changed(told: Sequence[M], newest: Sequence[M], key: Callable[[M], str]) -> list[M]:
    known = {key(item): item for item in told}
    return [item for item in newest if known.get(key(item)) != item]


def _gone(told: Sequence[M], newest: Sequence[M], key: Callable[[M], str]) -> list[M]:
    there = {key(item) for item in newest}
    return [item for item in told if key(item) not in there]


def _asset(item: v1.Balance | v1.Equity | v1.MarginStatus) -> str:
    return item.asset
