"""Somebody who waits for the sequencer, and whether what it submitted is relief."""

import asyncio
from collections.abc import Iterator, Sequence

from markethall_engine.application.record import Record
from markethall_engine.domain.commands import (
    CancelAllOrders,
    CancelOrder,
    Command,
    EndSession,
    SetTradingState,
    Transfer,
)
from markethall_engine.domain.decision import Duplicate

_RELIEF = (CancelOrder, CancelAllOrders, SetTradingState, EndSession)


def relieves(commands: Sequence[Command]) -> bool:
    """Whether they do nothing but end orders and set kill switches, which a busy venue must be able to do."""
    return all(isinstance(command, _RELIEF) for command in commands)


class Waiter:
    """Somebody who waits until everything up to a sequence is durable, with the outcomes to be told then.

    `origin` is the stream or call that the commands came by, if they came by one that may bring more.
    """

    __slots__ = (
        "commands",
        "durable",
        "is_batch",
        "is_urgent",
        "origin",
        "outcomes",
        "place",
        "sequence",
    )

    def __init__(
        self,
        commands: Sequence[Command],
        durable: asyncio.Future[None],
        *,
        origin: object | None = None,
        is_batch: bool = False,
        is_urgent: bool = False,
    ) -> None:
        self.commands = commands
        self.durable = durable
        self.origin = origin
        self.is_batch = is_batch  # all or none, and not decided yet
        self.is_urgent = is_urgent
        self.outcomes: list[Record | Duplicate] = []
        self.sequence = 0
        self.place = 0  # the waiting line's, while it looks at it

    def lanes(self) -> Iterator[object]:
        """What it shares with those that must stay in order with it: its origin and its commands' accounts.

        Commands that concern no account in particular are of the account "".
        """
        if self.origin is not None:
            yield self.origin
        for command in self.commands:
            yield getattr(command, "account_id", "")
            if isinstance(command, Transfer):
                yield command.to_account_id
