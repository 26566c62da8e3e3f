"""A journal that was cut or changed anywhere is refused or recovered to a prefix; it is never misread.

Here a sample of all cuts and bits, `hatch run simulate --damage` tries every one.
"""

from collections import Counter
from collections.abc import Callable, Iterator
from random import Random

import pytest

from tests.simulation.damage import MARK, Damage, Outcome, cuts, files_of, flips, outcome_of, sample
from tests.simulation.disk import Disk
from tests.simulation.fault_runs import JOURNAL, Expectation, commands_of, scratch_directory
from tests.simulation.sqlite_files import CANNOT_WATCH

pytestmark = pytest.mark.skipif(bool(CANNOT_WATCH), reason=CANNOT_WATCH)

CASES = 100
WAL = f"{JOURNAL}-wal"

Damages = Callable[[str, bytes], Iterator[Damage]]


@pytest.fixture(scope="module")
def expectation() -> Expectation:
    return Expectation.of(commands_of(seed=1, count=24))


@pytest.fixture(scope="module")
def files(expectation: Expectation) -> dict[str, bytes]:
    return files_of(expectation)


@pytest.fixture(autouse=True)
def quick() -> Iterator[None]:
    """Nothing need be synced here, and a `Disk` syncs nothing."""
    with scratch_directory() as directory, Disk(directory):
        yield


def outcomes(
    damages: Damages, name: str, files: dict[str, bytes], expectation: Expectation
) -> Counter[Outcome]:
    share = CASES / len(list(damages(name, files[name])))
    chosen = sample(damages(name, files[name]), share, Random(1))
    return Counter(outcome_of(damage, files, expectation) for damage in chosen)


def test_undamaged_files_are_whole(files: dict[str, bytes], expectation: Expectation) -> None:
    nothing = Damage(JOURNAL, length=len(files[JOURNAL]))
    assert outcome_of(nothing, files, expectation) is Outcome.WHOLE


@pytest.mark.parametrize("damages", [cuts, flips])
def test_a_damaged_database_is_refused_or_read_whole(
    damages: Damages, files: dict[str, bytes], expectation: Expectation
) -> None:
    found = outcomes(damages, JOURNAL, files, expectation)
    assert found.keys() <= {Outcome.REFUSED, Outcome.WHOLE}
    assert found[Outcome.REFUSED] > CASES / 3


@pytest.mark.parametrize("damages", [cuts, flips])
def test_a_damaged_database_that_was_closed_is_refused_or_read_whole(
    damages: Damages, expectation: Expectation
) -> None:
    found = outcomes(damages, JOURNAL, files_of(expectation, is_closed=True), expectation)
    assert found.keys() <= {Outcome.REFUSED, Outcome.WHOLE}
    assert found[Outcome.REFUSED] > CASES / 3


@pytest.mark.parametrize("damages", [cuts, flips])
def test_a_damaged_wal_file_is_refused(
    damages: Damages, files: dict[str, bytes], expectation: Expectation
) -> None:
    """SQLite takes what does not check for a write that was cut short, and drops all that follows."""
    assert outcomes(damages, WAL, files, expectation).keys() == {Outcome.REFUSED}


def test_a_wal_file_that_is_gone_is_refused(files: dict[str, bytes], expectation: Expectation) -> None:
    without = {name: content for name, content in files.items() if name != WAL}
    nothing = Damage(JOURNAL, length=len(files[JOURNAL]))
    assert outcome_of(nothing, without, expectation) is Outcome.REFUSED


@pytest.mark.parametrize("damages", [cuts, flips])
def test_without_the_mark_a_damaged_wal_file_is_recovered_to_the_transaction_before(
    damages: Damages, files: dict[str, bytes], expectation: Expectation
) -> None:
    without = {name: content for name, content in files.items() if name != MARK and "snapshot" not in name}
    assert outcomes(damages, WAL, without, expectation).keys() == {Outcome.PREFIX}


@pytest.mark.parametrize("damages", [cuts, flips])
def test_a_damaged_mark_says_nothing(
    damages: Damages, files: dict[str, bytes], expectation: Expectation
) -> None:
    assert outcomes(damages, MARK, files, expectation).keys() == {Outcome.WHOLE}


@pytest.mark.parametrize("damages", [cuts, flips])
def test_a_damaged_snapshot_is_passed_over(
    damages: Damages, files: dict[str, bytes], expectation: Expectation
) -> None:
    for name in files:
        if name.endswith(".snapshot"):
            assert outcomes(damages, name, files, expectation).keys() == {Outcome.WHOLE}
