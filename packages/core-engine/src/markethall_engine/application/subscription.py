"""One reader's place in a stream: bounded, in order, without a gap, and cut off rather than waited for."""

import asyncio
from collections import deque
from typing import Generic, TypeVar

T = TypeVar("T")


class SlowReader(Exception):
    """The reader fell further behind than the stream keeps for it. Nothing it was given is wrong; resume."""

    def __init__(self, limit: int) -> None:
        super().__init__(
            f"the reader fell more than {limit} items behind and was cut off; open the stream again"
        )
        self.limit = limit


class StreamEnded(Exception):
    """The engine gives no more of this stream, since it shuts down."""


class Subscription(Generic[T]):
    """An asynchronous iterator over items that somebody else offers.

    It has one reader. When it was ended, the iterator first gives what it still holds and then raises the
    reason; a slow reader's items are dropped, and it is told at once.
    """

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._items: deque[T] = deque()
        self._reason: Exception | None = None
        self._changed = asyncio.Event()

    @property
    def is_open(self) -> bool:
        return self._reason is None

    def offer(self, item: T) -> None:
        """Add an item, or cut the reader off if it has `limit` items to read already."""
        if self._reason is not None:
            return
        if len(self._items) >= self._limit:
            self._items.clear()
            self.end(SlowReader(self._limit))
            return
        self._items.append(item)
        self._changed.set()

    def end(self, reason: Exception) -> None:
        """Give no more; the reader is told the reason once it has read what there is."""
        if self._reason is None:
            self._reason = reason
            self._changed.set()

    def __aiter__(self) -> "Subscription[T]":
        return self

    async def __anext__(self) -> T:
        while not self._items:
            if self._reason is not None:
                raise self._reason
            self._changed.clear()
            await self._changed.wait()
        return self._items.popleft()
