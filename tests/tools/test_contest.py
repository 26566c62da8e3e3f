import pytest

from tools.benchmarks.contest import our_domain, our_matching
from tools.benchmarks.contest.contestant import Prepare, run
from tools.benchmarks.contest.mixed_flow import mixed_flow


def test_equal_seeds_give_equal_flows():
    assert mixed_flow(3_000, seed=3) == mixed_flow(3_000, seed=3)
    assert mixed_flow(3_000, seed=3) != mixed_flow(3_000, seed=4)


def test_the_flow_is_mixed_as_it_says():
    flow = mixed_flow(20_000)
    cancels = sum(step.is_cancel for step in flow.steps)
    aggressive = sum(
        not step.is_cancel and step.is_buy == (step.price_ticks > 100_000) for step in flow.steps
    )
    assert 0.29 < cancels / 20_000 < 0.31
    assert 0.09 < aggressive / 20_000 < 0.11
    assert flow.fills > aggressive


def test_an_order_is_canceled_once_at_most_and_after_it_was_placed():
    placed, canceled = set(), set()
    for step in mixed_flow(5_000).steps:
        if step.is_cancel:
            assert step.number in placed - canceled
            canceled.add(step.number)
        else:
            placed.add(step.number)


@pytest.mark.parametrize("prepare", [our_matching.prepare, our_domain.prepare], ids=["matching", "domain"])
def test_after_the_flow_there_rests_what_a_plain_book_says(prepare: Prepare):
    answer = run(prepare, 5_000)
    assert answer["resting_lots"] == mixed_flow(5_000).resting_lots
