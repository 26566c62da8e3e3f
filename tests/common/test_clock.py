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
