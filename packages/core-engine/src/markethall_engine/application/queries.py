"""Reads of the exchange that never show what a crash could undo.

The exchange runs ahead of the journal by the commands whose flush is under way. An answer may be computed
at once, but it is given only when everything that it saw is durable. Projections of `market_data` are fed
after the flush and need no such care.
"""

from collections.abc import Callable
from typing import Generic, TypeVar

import msgspec

from markethall_engine.application.sequencer import Sequencer
from markethall_engine.domain.exchange import Exchange

T = TypeVar("T")


class Answer(msgspec.Struct, Generic[T], frozen=True):
    """A value and the sequence of the newest command that it reflects."""

    value: T
    sequence: int


class Queries:
    """Asks the exchange, and answers what is durable."""

    def __init__(self, exchange: Exchange, sequencer: Sequencer) -> None:
        self._exchange = exchange
        self._sequencer = sequencer

    async def read(self, question: Callable[[Exchange], T]) -> Answer[T]:
        """Answer with `question(exchange)` as it is now, once a crash cannot undo it.

        `question` reads and returns at once; what the exchange returns is immutable and may be kept. Raises
        what `question` raises, and `EngineStopped`.
        """
        value = question(self._exchange)
        return Answer(value, await self._sequencer.settled())

    async def read_with_projections(self, question: Callable[[Exchange], T]) -> Answer[T]:
        """Answer as `read` does, at a moment when every projection reflects the same commands.

        It lasts until the caller awaits something. Usually that is at once: who waits for a group of commands
        runs after the projections were told of it, and before they are told of the next.
        """
        answer = await self.read(question)
        while self._sequencer.durable_sequence != answer.sequence:
            answer = await self.read(question)
        return answer
