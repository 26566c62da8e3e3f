"""Google's conformance tests, where `hatch run conformance` has fetched their runner before."""

import os

import pytest

from tests.protos.codec.conformance.run import run_conformance
from tests.protos.codec.conformance.runner import Unobtainable, cached_runner


@pytest.mark.parametrize("choice", ["compiled", "python"])
def test_only_the_listed_conformance_tests_fail(choice: str, monkeypatch: pytest.MonkeyPatch) -> None:
    try:
        runner = cached_runner()
    except Unobtainable as error:
        pytest.skip(f"no conformance runner in the cache, `hatch run conformance` fetches it: {error}")
    if choice == "compiled":
        pytest.importorskip("markethall_protos.codec.compiled", reason="the codec was not compiled")
    monkeypatch.setitem(os.environ, "MARKETHALL_CODEC", choice)
    completed = run_conformance(runner)
    assert completed.returncode == 0, completed.stdout
