"""What happened to an account, newest first, read back from the journal.

The journal has the facts and `AccountHistory` their places, so a page costs what it reads and nothing is
kept in memory for it.
"""

import asyncio
import sys
from collections.abc import Callable, Iterable, Sequence
from typing import Generic, NamedTuple, Protocol, TypeVar

from markethall_engine.application.account_history import AccountHistory
from markethall_engine.application.ports import JournalReader
from markethall_engine.application.record import Record

_RECORDS_A_READ = 512
_MOST_RECORDS_A_PAGE = 16_384
"""So that a page of what is rare takes a bounded time; it may then hold fewer than were asked for."""


class Place(NamedTuple):
    """Where an item is among an account's: places are ordered as the items are."""

    sequence: int
    number: int
    """Counts the items of the record, from 0."""


NEWEST = Place(sys.maxsize, 0)


class Placed(Protocol):
    """Something that has a place."""

    @property
    def place(self) -> Place: ...


T = TypeVar("T", bound=Placed)


class Page(Generic[T]):
    """Some items, and the place before which the next page begins; None where nothing does."""

    __slots__ = ("end", "items")

    def __init__(self, items: Sequence[T], end: Place | None) -> None:
        self.items = items
        self.end = end


class AccountPast:
    def __init__(self, history: AccountHistory, journal: JournalReader) -> None:
        self._history = history
        self._journal = journal

    async def page(
        self, account_id: str, before: Place, limit: int, items_of: Callable[[Record], Iterable[T]]
    ) -> Page[T]:
        """Read the last `limit` items that come before a place, newest first.

        `items_of` gives those of a record, in order, with their places.
        """
        found: list[T] = []
        end = before.sequence + 1 if before.number else before.sequence
        for _ in range(_MOST_RECORDS_A_PAGE // _RECORDS_A_READ):
            sequences = self._history.before(account_id, end, _RECORDS_A_READ)
            if not sequences:
                return Page(found, None)
            for record in await asyncio.to_thread(self._journal.read_each, sequences):
                for item in reversed(list(items_of(record))):
                    if item.place < before:
                        if len(found) == limit:
                            return Page(found, found[-1].place)
                        found.append(item)
            end = sequences[-1]
        return Page(found, Place(end, 0))
