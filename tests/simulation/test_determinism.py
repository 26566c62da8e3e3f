"""The same traffic gives the same journal and the same state in any process and by either core."""

import pytest

from tests.simulation.whole_runs import digest_elsewhere, digest_of_runs, processes

RUNS = (7, 2, 150)


@pytest.fixture(scope="module")
def here() -> str:
    return digest_of_runs(*RUNS)


@pytest.mark.parametrize(("hash_seed", "core"), processes())
def test_records_and_digests_depend_neither_on_python_s_hash_seed_nor_on_the_core(
    here: str, hash_seed: str, core: str
) -> None:
    """The compiled core is compared where there is one."""
    assert digest_elsewhere(*RUNS, hash_seed=hash_seed, core=core) == here
