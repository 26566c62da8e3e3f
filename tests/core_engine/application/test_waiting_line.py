"""Who is whose turn after whom."""

import asyncio

from markethall_engine.application.waiter import Waiter
from markethall_engine.application.waiting_line import WaitingLine
from markethall_engine.domain.commands import Command
from tests.core_engine.application.commands import ALICE, BOB, buy, cancel

CAROL = "carol"


def waiter(*commands: Command, is_urgent: bool = False) -> Waiter:
    return Waiter(commands, asyncio.get_running_loop().create_future(), is_urgent=is_urgent)


def line_of(*waiters: Waiter) -> WaitingLine:
    line = WaitingLine()
    for each in waiters:
        line.put(each)
    return line


def taken_from(line: WaitingLine, count: int = 100) -> list[Waiter]:
    """At most `count` of those whose turn it is, in order, who leave the line."""
    taken: list[Waiter] = []
    while len(taken) < count and (first := line.first()) is not None:
        line.remove_first()
        taken.append(first)
    return taken


async def test_nobody_is_first_in_an_empty_line() -> None:
    line = line_of()
    assert not line
    assert line.first() is None
    assert list(line) == []


async def test_everybody_is_in_the_line_also_who_waits_behind_another() -> None:
    order, own, free = waiter(buy(ALICE, 1)), waiter(cancel(ALICE, 1), is_urgent=True), waiter(buy(BOB, 1))
    assert {*line_of(order, own, free)} == {order, own, free}


async def test_what_is_behind_one_that_waits_behind_its_own_is_behind_that_too() -> None:
    order = waiter(buy(ALICE, 1))
    both = waiter(cancel(ALICE, 1), cancel(CAROL, 1), is_urgent=True)
    behind_both = waiter(cancel(CAROL, 2), is_urgent=True)
    assert taken_from(line_of(order, both, behind_both)) == [order, both, behind_both]


async def test_of_several_that_it_may_not_overtake_the_last_counts() -> None:
    orders = [waiter(buy(account_id, 1)) for account_id in (ALICE, CAROL, BOB)]
    both = waiter(cancel(CAROL, 1), cancel(ALICE, 1), is_urgent=True)
    assert taken_from(line_of(*orders, both)) == [*orders[:2], both, orders[2]]


async def test_one_that_waits_is_not_overtaken_by_its_own_when_others_have_left_since_it_was_looked_at() -> (
    None
):
    first, second = waiter(buy(ALICE, 1)), waiter(buy(CAROL, 1))
    looks = waiter(cancel("dave", 1), is_urgent=True)
    line = line_of(first, second, looks)
    assert taken_from(line, 2) == [looks, first]
    own = waiter(cancel(CAROL, 1), is_urgent=True)
    line.put(own)
    assert taken_from(line) == [second, own]


async def test_one_that_has_left_holds_nobody_up() -> None:
    first, second = waiter(buy(ALICE, 1)), waiter(buy(BOB, 1))
    looks = waiter(cancel("dave", 1), is_urgent=True)
    line = line_of(first, second, looks)
    assert taken_from(line, 2) == [looks, first]
    free = waiter(cancel(ALICE, 1), is_urgent=True)
    line.put(free)
    assert taken_from(line) == [free, second]
    assert not line
