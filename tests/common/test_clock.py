import asyncio
import time

from markethall_common.clock import ManualClock, SystemClock


def test_the_system_clock_tells_the_time_of_day() -> None:
    before = time.time_ns()
    assert before <= SystemClock().time_ns() <= time.time_ns()


def test_a_manual_clock_moves_only_when_told() -> None:
    clock = ManualClock(1_000)
    assert (clock.time_ns(), clock.time_ns()) == (1_000, 1_000)
    clock.advance(5)
    assert clock.time_ns() == 1_005
    clock.set(7)
    assert clock.time_ns() == 7


async def test_the_system_clock_waits_until_a_time_and_not_at_all_for_a_past_one() -> None:
    clock = SystemClock()
    await clock.wait_until(0)
    due = time.time_ns() + 20_000_000
    await clock.wait_until(due)
    assert time.time_ns() >= due


async def test_who_waits_on_a_manual_clock_goes_on_when_it_is_told_the_time() -> None:
    clock = ManualClock(10)
    await clock.wait_until(10)
    waiting = [asyncio.ensure_future(clock.wait_until(time_ns)) for time_ns in (15, 20)]
    await asyncio.sleep(0)
    clock.advance(4)
    await asyncio.sleep(0)
    assert [wait.done() for wait in waiting] == [False, False]
    clock.set(15)
    await waiting[0]
    assert not waiting[1].done()
    waiting[1].cancel()
    clock.set(100)
