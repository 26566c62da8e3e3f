"""One call for all who ask the same question at the same moment."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Generic, TypeVar

T = TypeVar("T")


class SingleFlight(Generic[T]):
    """Answers everyone who asks while a call is under way with that call's answer.

    For questions without parameters whose answer may be as old as one call takes, such as a health check. A
    caller who stops waiting leaves the call to the others.
    """

    def __init__(self, ask: Callable[[], Awaitable[T]]) -> None:
        self._ask = ask
        self._flight: asyncio.Task[T] | None = None

    async def __call__(self) -> T:
        flight = self._flight
        if flight is None:
            flight = self._flight = asyncio.ensure_future(self._fly())
        return await asyncio.shield(flight)

    async def _fly(self) -> T:
        try:
            return await self._ask()
        finally:
            self._flight = None
