"""What failed once is tried for ever."""

from pathlib import Path

import pytest

from tests.simulation.failed_seeds import FailedSeed, failed_seeds, keep
from tests.simulation.simulator import simulate
from tests.simulation.whole_runs import check_run


@pytest.mark.timeout(600)
def test_each_seed_that_failed_once_runs_through() -> None:
    for failed in failed_seeds():
        check_run(simulate(failed.seed, failed.commands))


def test_a_seed_is_kept_once_with_what_was_wrong(tmp_path: Path) -> None:
    path = tmp_path / "failed_seeds.txt"
    path.write_text("# a comment\n\n")
    for seed in (7, 8, 7):
        keep(FailedSeed(seed, 300, f"expected this\nfound {seed}"), path)
    assert failed_seeds(path) == [
        FailedSeed(7, 300, "expected this found 7"),
        FailedSeed(8, 300, "expected this found 8"),
    ]
