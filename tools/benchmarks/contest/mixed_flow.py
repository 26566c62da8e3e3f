"""The flow of commands that the contest is about: seeded, mixed, the same for everyone.

Of the commands 60 % are orders that rest near the touch, 30 % cancel a resting order, and 10 % are
aggressive: limited beyond everything that rests on the other side. Orders have 1 to 100 lots. Every cancel
names an order that rests at that moment, which a book kept here sees to; so no contestant is measured at
refusing, and what rests at the end is known.
"""

import random
from collections import deque
from typing import NamedTuple

MIDDLE_TICKS = 100_000
REACH_TICKS = 50
"""How far from the middle orders rest, at most; the nearer the more."""
ACCOUNTS = 100
MAX_LOTS = 100
SETTLING = 1_000
"""So many commands pass before the first aggressive one, that none finds too little."""


class Step(NamedTuple):
    """One command. A cancel has the number, the account and the terms of the order that it cancels."""

    is_cancel: bool
    number: int
    """Of the order: its place among all commands, from 1."""
    account: int
    """0 to `ACCOUNTS` - 1."""
    is_buy: bool
    price_ticks: int
    quantity_lots: int


class Flow(NamedTuple):
    """Commands, and what a sound book holds after the last."""

    steps: list[Step]
    resting_lots: int
    fills: int


class _Book:
    """Who rests, kept plainly: queues by price, that filled and canceled orders leave when met."""

    def __init__(self) -> None:
        self.leaves: dict[int, int] = {}
        self.fills = 0
        self._queues: dict[tuple[bool, int], deque[int]] = {}
        self._numbers: list[int] = []  # of orders that rest or rested
        self._places: dict[int, int] = {}

    def rest(self, step: Step) -> None:
        self.leaves[step.number] = step.quantity_lots
        self._queues.setdefault((step.is_buy, step.price_ticks), deque()).append(step.number)
        self._places[step.number] = len(self._numbers)
        self._numbers.append(step.number)

    def take(self, step: Step) -> None:
        """Fill an aggressive order, whole."""
        lots = step.quantity_lots
        prices = range(MIDDLE_TICKS - REACH_TICKS, MIDDLE_TICKS + REACH_TICKS + 1)
        for price_ticks in prices if step.is_buy else reversed(prices):
            queue = self._queues.get((not step.is_buy, price_ticks))
            while queue and lots:
                number = queue[0]
                leaves = self.leaves.get(number, 0)  # 0 of one that was canceled
                traded = min(lots, leaves)
                lots -= traded
                self.fills += traded > 0
                if traded < leaves:
                    self.leaves[number] = leaves - traded
                else:
                    queue.popleft()
                    if leaves:
                        self._forget(number)
        assert lots == 0, "there is always enough to take"

    def cancel(self, number: int) -> None:
        self._forget(number)

    def any(self, chance: random.Random) -> int:
        """An order that rests, each as likely as any other."""
        return self._numbers[chance.randrange(len(self._numbers))]

    def __len__(self) -> int:
        return len(self._numbers)

    def _forget(self, number: int) -> None:
        del self.leaves[number]
        place, last = self._places.pop(number), self._numbers.pop()
        if last != number:
            self._numbers[place] = last
            self._places[last] = place


def mixed_flow(count: int, seed: int = 1) -> Flow:
    """Make `count` commands; equal seeds give equal ones."""
    chance = random.Random(seed)  # noqa: S311 - a workload, not a secret
    book = _Book()
    steps: list[Step] = []
    orders: dict[int, Step] = {}
    for number in range(1, count + 1):
        kind = chance.random()
        if kind < 0.3 and len(book):
            canceled = orders[book.any(chance)]
            book.cancel(canceled.number)
            steps.append(canceled._replace(is_cancel=True))
            continue
        is_buy = chance.random() < 0.5
        is_aggressive = kind >= 0.9 and number > SETTLING
        if not is_aggressive:
            distance = 1 + min(int(chance.expovariate(0.1)), REACH_TICKS - 1)
            price_ticks = MIDDLE_TICKS - distance if is_buy else MIDDLE_TICKS + distance
        else:
            beyond = REACH_TICKS + 1
            price_ticks = MIDDLE_TICKS + beyond if is_buy else MIDDLE_TICKS - beyond
        account = chance.randrange(ACCOUNTS)
        step = Step(False, number, account, is_buy, price_ticks, chance.randrange(1, MAX_LOTS + 1))
        orders[number] = step
        if is_aggressive:
            book.take(step)
        else:
            book.rest(step)
        steps.append(step)
    return Flow(steps, sum(book.leaves.values()), book.fills)
