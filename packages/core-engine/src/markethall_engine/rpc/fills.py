"""An account's fills, newest first, read back from the journal.

The journal has the facts and `AccountHistory` their places, so a page costs what it reads and nothing is
kept in memory for it.
"""

import asyncio
import sys
from collections.abc import Callable, Iterator
from typing import NamedTuple

from markethall_engine.application.account_history import AccountHistory
from markethall_engine.application.ports import JournalReader
from markethall_engine.application.record import Record
from markethall_engine.domain.events import TradeExecuted

_RECORDS_A_READ = 512
_MOST_RECORDS_A_PAGE = 16_384
"""So that a page of what is rare takes a bounded time; it may then hold fewer than were asked for."""


class FillPlace(NamedTuple):
    """Where a fill is among an account's: places are ordered as the fills are."""

    sequence: int
    number: int
    """Counts the account's fills of the record, from 0."""


class AccountFill(NamedTuple):
    """One side of a trade; `order_id` says which."""

    place: FillPlace
    time_ns: int
    trade: TradeExecuted
    order_id: int


class FillPage(NamedTuple):
    fills: list[AccountFill]
    end: FillPlace | None
    """The next page is of what comes before; None where nothing does."""


NEWEST = FillPlace(sys.maxsize, 0)


class FillHistory:
    def __init__(self, history: AccountHistory, journal: JournalReader) -> None:
        self._history = history
        self._journal = journal

    async def page(
        self, account_id: str, before: FillPlace, limit: int, is_wanted: Callable[[AccountFill], bool]
    ) -> FillPage:
        """Read the last `limit` wanted fills that come before a place, newest first."""
        found: list[AccountFill] = []
        end = before.sequence + 1 if before.number else before.sequence
        for _ in range(_MOST_RECORDS_A_PAGE // _RECORDS_A_READ):
            sequences = self._history.before(account_id, end, _RECORDS_A_READ)
            if not sequences:
                return FillPage(found, None)
            for record in await asyncio.to_thread(self._journal.read_each, sequences):
                for fill in reversed(list(_fills_of(record, account_id))):
                    if fill.place < before and is_wanted(fill):
                        if len(found) == limit:
                            return FillPage(found, found[-1].place)
                        found.append(fill)
            end = sequences[-1]
        return FillPage(found, FillPlace(end, 0))


def _fills_of(record: Record, account_id: str) -> Iterator[AccountFill]:
    """The account's fills of a record, in order; of a trade with itself, the maker's first."""
    number = 0
    for event in record.events:
        if isinstance(event, TradeExecuted):
            for owner, order_id in (
                (event.maker_account_id, event.maker_order_id),
                (event.taker_account_id, event.taker_order_id),
            ):
                if owner == account_id:
                    yield AccountFill(FillPlace(record.sequence, number), record.time_ns, event, order_id)
                    number += 1
