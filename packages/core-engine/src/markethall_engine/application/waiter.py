"""Those who wait in the sequencer's queue, and whom of them an urgent one may overtake.

An urgent submission goes before every submission that is not urgent, up to the last that it may not overtake:
one that came the same way, or has a command for an account that it too has a command for. So neither the
commands of a stream nor those of an account ever change their order (decision 0102).
"""

import asyncio
from collections import deque
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
        "_accounts",
        "commands",
        "durable",
        "is_batch",
        "is_urgent",
        "origin",
        "outcomes",
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
        self._accounts: frozenset[str] | None = None

    @property
    def accounts(self) -> frozenset[str]:
        """Whom the commands concern; those that concern no account in particular concern the account ""."""
        if self._accounts is None:
            self._accounts = frozenset(_accounts(self.commands))
        return self._accounts

    def may_overtake(self, other: "Waiter") -> bool:
        is_of_one_origin = self.origin is not None and self.origin is other.origin
        return not is_of_one_origin and self.accounts.isdisjoint(other.accounts)


def enqueue_urgent(queue: deque[Waiter], urgent: Waiter) -> None:
    """Put the urgent waiter as far to the front as it may go, behind those as urgent that wait there."""
    place = behind = len(queue)
    for other in reversed(queue):
        if not urgent.may_overtake(other):
            break
        behind -= 1
        if not other.is_urgent:
            place = behind
    queue.insert(place, urgent)


def _accounts(commands: Sequence[Command]) -> Iterator[str]:
    for command in commands:
        yield getattr(command, "account_id", "")
        if isinstance(command, Transfer):
            yield command.to_account_id
