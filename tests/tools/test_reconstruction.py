"""Steps planned from recordings: what is sent, what must come of it, and what cannot."""

from pathlib import Path

import pytest

from tests.tools.lobster_sample import random_exchange
from tests.tools.recordings import BUY, SELL, event, recorded_day, recording, row
from tools.recorded_flow.files import read_recording
from tools.recorded_flow.queue_book import Execution
from tools.recorded_flow.reconstruction import Reconstruction
from tools.recorded_flow.recording import Recording
from tools.recorded_flow.steps import AggressiveOrder, Cancel, Cause, Command, Place, Reduce, Step, Take


def plan(recording: Recording) -> list[Step]:
    return list(Reconstruction(recording).steps())


def commands(steps: list[Step]) -> list[Command]:
    return [command for step in steps for command in step.commands]


def aggressive_orders(steps: list[Step]) -> list[AggressiveOrder]:
    return [order for step in steps for order in step.aggressive_orders]


def test_orders_are_placed_reduced_and_canceled_as_recorded() -> None:
    steps = plan(
        recording(
            [
                event(1, "place", 11, BUY, 10, 100),
                event(2, "reduce", 11, BUY, 4, 100),
                event(3, "cancel", 11, BUY, 6, 100),
            ],
            [row(((100, 10),)), row(((100, 6),)), row()],
            depth=1,
        )
    )
    assert commands(steps) == [Place("11", BUY, 100, 10), Reduce("11", 6), Cancel("11")]


def test_executions_of_one_instant_and_side_are_one_aggressive_order() -> None:
    steps = plan(
        recording(
            [
                event(1, "place", 11, SELL, 10, 100),
                event(2, "place", 12, SELL, 10, 101),
                event(3, "execute", 11, SELL, 10, 100),
                event(3, "execute_hidden", 0, SELL, 5, 100),
                event(3, "execute", 12, SELL, 3, 101),
            ],
            [
                row((), ((100, 10),)),
                row((), ((100, 10), (101, 10))),
                row((), ((101, 10),)),
                row((), ((101, 10),)),
                row((), ((101, 7),)),
            ],
            depth=2,
        )
    )
    fills = (Execution(11, 100, 10), Execution(12, 101, 3))
    assert aggressive_orders(steps) == [AggressiveOrder(Take("take1", BUY, 101, 13), 2, fills, fills)]
    assert steps[-1].row == row((), ((101, 7),))
    assert steps[-1].rows_inside == ((10, row((), ((101, 10),))), (10, row((), ((101, 10),))))


def test_an_order_placed_within_the_instant_is_met_by_another_aggressive_order() -> None:
    steps = plan(
        recording(
            [
                event(1, "place", 11, SELL, 10, 100),
                event(2, "execute", 11, SELL, 10, 100),
                event(2, "place", 12, SELL, 10, 100),
                event(2, "execute", 12, SELL, 10, 100),
            ],
            [row((), ((100, 10),)), row(), row((), ((100, 10),)), row()],
            depth=1,
        )
    )
    assert [order.command for order in aggressive_orders(steps)] == [
        Take("take1", BUY, 100, 10),
        Take("take2", BUY, 100, 10),
    ]


def test_a_level_that_comes_into_sight_is_given_the_orders_that_later_events_name() -> None:
    steps = plan(
        recording(
            [
                event(1, "place", 21, SELL, 10, 100),
                event(2, "cancel", 21, SELL, 10, 100),
                event(3, "execute", 13, SELL, 4, 105),
                event(4, "cancel", 12, SELL, 6, 105),
            ],
            [row((), ((100, 10),)), row((), ((105, 13),)), row((), ((105, 9),)), row((), ((105, 3),))],
            depth=1,
        )
    )
    # 13 is filled while 12 rests, so 12 is not the older one; 3 remain that nobody names.
    assert steps[1].commands[:3] == [
        Place("12", SELL, 105, 6),
        Place("13", SELL, 105, 4),
        Place("seed1", SELL, 105, 3),
    ]
    assert steps[1].seeded == {(SELL, 105)}


def test_seeded_orders_rank_by_id_and_a_difference_to_the_fills_says_so() -> None:
    steps = plan(
        recording(
            [
                event(1, "execute_hidden", 0, SELL, 1, 99),
                event(2, "execute", 13, SELL, 4, 105),
                event(3, "cancel", 12, SELL, 4, 105),
            ],
            [row((), ((105, 8),)), row((), ((105, 4),)), row()],
            depth=1,
        )
    )
    [order] = aggressive_orders(steps)
    assert (order.expected, order.cause) == ((Execution(12, 105, 4),), Cause.ENTERED_UNSEEN)
    assert order.has_seeded_makers
    assert steps[-1].cause is None


def test_after_a_broken_priority_the_orders_are_put_right() -> None:
    steps = plan(
        recording(
            [
                event(1, "place", 11, SELL, 4, 105),
                event(2, "place", 12, SELL, 4, 105),
                event(3, "execute", 12, SELL, 4, 105),
                event(4, "execute", 11, SELL, 4, 105),
            ],
            [row((), ((105, 4),)), row((), ((105, 8),)), row((), ((105, 4),)), row()],
            depth=1,
        )
    )
    first, second = aggressive_orders(steps)
    assert first.cause is Cause.PRIORITY_BROKEN
    assert second.cause is None
    assert steps[3].commands == [Cancel("12"), Place("11.2", SELL, 105, 4), Take("take2", BUY, 105, 4)]


def test_an_order_that_was_canceled_out_of_sight_is_gone_when_its_level_comes_back() -> None:
    steps = plan(
        recording(
            [
                event(1, "place", 11, SELL, 4, 105),
                event(2, "place", 12, SELL, 7, 104),
                event(3, "cancel", 12, SELL, 7, 104),
            ],
            [row((), ((105, 4),)), row((), ((104, 7),)), row((), ((106, 9),))],
            depth=1,
        )
    )
    assert steps[2].commands == [Place("seed1", SELL, 106, 9), Cancel("11"), Cancel("12")]


def test_a_row_that_the_events_do_not_lead_to_is_a_contradiction_and_put_right() -> None:
    steps = plan(
        recording(
            [
                event(1, "place", 11, SELL, 4, 105),
                event(2, "execute_hidden", 0, SELL, 4, 105),
                event(3, "halt", 0, BUY, 0, 0),
            ],
            [row((), ((105, 4),)), row((), ((105, 6),)), row((), ((105, 6),))],
            depth=1,
        )
    )
    assert [step.cause for step in steps] == [None, Cause.CONTRADICTION, None]
    assert steps[2].commands == [Place("seed1", SELL, 105, 2)]


def test_an_order_recorded_where_it_would_match_is_not_sent() -> None:
    steps = plan(
        recording(
            [
                event(1, "place", 11, SELL, 4, 105),
                event(2, "place", 12, BUY, 4, 106),
                event(3, "cancel", 11, SELL, 4, 105),
                event(4, "execute", 12, BUY, 4, 106),
            ],
            [row((), ((105, 4),)), row(((106, 4),), ((105, 4),)), row(((106, 4),)), row()],
            depth=1,
        )
    )
    assert [step.cause for step in steps[:2]] == [None, Cause.CROSSED]
    assert Place("12", BUY, 106, 4) in commands(steps[3:])


def test_without_rows_all_orders_that_no_event_places_are_there_from_the_start() -> None:
    steps = plan(recording([event(1, "execute", 12, SELL, 4, 105), event(2, "cancel", 12, SELL, 2, 105)]))
    assert steps[0].commands == [Place("12", SELL, 105, 6)]
    assert aggressive_orders(steps)[0].cause is None


def test_without_recorded_executions_orders_match_when_they_cross() -> None:
    steps = plan(
        recording(
            [
                event(1, "place", 11, SELL, 4, 105),
                event(2, "place", 12, BUY, 6, 106),
                event(3, "take", 0, SELL, 5, 0),
            ]
        )
    )
    assert [(order.recorded, order.expected) for order in aggressive_orders(steps)] == [
        (None, (Execution(11, 105, 4),)),
        (None, (Execution(12, 106, 2),)),
    ]


@pytest.mark.parametrize("depth", [1, 2, 5])
def test_a_recorded_exchange_is_rebuilt_without_a_difference(tmp_path: Path, depth: int) -> None:
    for seed in range(5):
        path = random_exchange(seed, depth=depth, actions=800).save(tmp_path)
        steps = plan(read_recording(path))
        assert [step for step in steps if step.cause] == []
        assert [order for order in aggressive_orders(steps) if order.cause] == []


def test_a_real_day_is_rebuilt_better_than_the_reference() -> None:
    recording = read_recording(recorded_day())
    orders = rows = orders_unequal = rows_unequal = 0
    for step in Reconstruction(recording).steps():
        orders += len(step.aggressive_orders)
        orders_unequal += sum(order.cause is not None for order in step.aggressive_orders)
        rows += step.row is not None
        rows_unequal += step.cause is not None
    assert orders_unequal / orders < 0.0046
    assert rows_unequal / rows < 0.00073
