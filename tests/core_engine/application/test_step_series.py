"""A figure over time, by minutes and of long ago by hours."""

import random

from markethall_engine.application.step_series import MINUTES_KEPT, StepSeries, first_minute_kept


def test_a_figure_is_what_it_was_after_the_last_change_before_a_minute():
    series = StepSeries()
    series.add(10, 5)
    series.add(10, 2)
    series.set(13, -4)
    assert [series.before(minute) for minute in (0, 10, 11, 13, 14, 99)] == [0, 0, 7, 7, -4, -4]
    assert series.last == -4


def test_the_changes_of_a_minute_are_kept_as_one():
    series = StepSeries()
    for amount in range(100):
        series.add(1, amount)
    assert len(series) == 2  # with the beginning


def test_what_is_long_ago_is_known_at_full_hours_and_what_is_not_at_every_minute():
    chance = random.Random(1)
    series, known, minute, value = StepSeries(), {}, 0, 0
    while minute < 4 * MINUTES_KEPT:
        step = chance.choice((1, 1, 1, 2, 30, 500))
        known.update(dict.fromkeys(range(minute + 1, minute + step + 1), value))
        minute += step
        value += chance.randint(-5, 5)
        series.set(minute, value)
    first = first_minute_kept(minute)
    asked = [each for each in known if each % 60 == 0 or each >= first]
    assert all(series.before(each) == known[each] for each in asked)
    assert len(series) < 20_000


def test_what_goes_of_a_series_does_not_depend_on_when_it_was_restored():
    lived, restored = StepSeries(), StepSeries()
    for minute in range(0, 3 * MINUTES_KEPT, 7):
        lived.set(minute, minute)
        restored.set(minute, minute)
        if minute % 1_000 == 0:
            restored = StepSeries.unpacked(*restored.packed())
    assert lived.packed() == restored.packed()
    assert len(lived) < 3 * MINUTES_KEPT // 7
