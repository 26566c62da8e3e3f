"""Compiled or not, the engine is the same; and it runs what its sources say."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import markethall_engine
from markethall_engine.compiled import implementation, why_python

ROOT = Path(__file__).parents[2]
PACKAGE = Path(markethall_engine.__file__).parent
REPORT = "import markethall_engine as engine; print(engine.implementation(), engine.why_python(), sep=': ')"
RUN = """
from hashlib import sha256
from markethall_engine.domain.exchange import Exchange
from markethall_engine.journal.record_codec import encode_record
from markethall_engine.application.record import Record
from tests.simulation.simulator import run

exchange, events = Exchange(), sha256()
for sequence, time_ns, command, decided in run(seed=2024, commands=2_000):
    events.update(encode_record(Record(sequence, time_ns, command, decided)))
    for event in decided:
        exchange.apply(event, sequence, time_ns)
print(exchange.digest(), events.hexdigest())
"""


def run(program: str, choice: str, packages: Path | None = None) -> subprocess.CompletedProcess[str]:
    path = [str(place) for place in (packages, ROOT) if place is not None]
    return subprocess.run(
        [sys.executable, "-c", program],
        env=os.environ | {"MARKETHALL_CORE": choice, "PYTHONPATH": os.pathsep.join(path)},
        capture_output=True,
        text=True,
        check=False,
    )


def needs_libraries() -> None:
    if run(REPORT, "compiled").returncode:
        pytest.skip(f"the engine is not compiled: {run(REPORT, 'auto').stdout}")


@pytest.fixture
def copied(tmp_path: Path) -> Path:
    """A directory with a copy of the package, whose sources may be changed."""
    shutil.copytree(PACKAGE, tmp_path / PACKAGE.name, ignore=shutil.ignore_patterns("__pycache__"))
    return tmp_path


def test_the_same_traffic_gives_the_same_events_and_digest_compiled_or_not() -> None:
    needs_libraries()
    compiled, python = run(RUN, "compiled"), run(RUN, "python")
    assert compiled.returncode == python.returncode == 0, compiled.stderr + python.stderr
    assert compiled.stdout == python.stdout
    assert len(compiled.stdout.split()) == 2


def test_what_is_compiled_is_preferred() -> None:
    needs_libraries()
    assert run(REPORT, "auto").stdout == run(REPORT, "compiled").stdout == "compiled: \n"


def test_the_environment_forces_pure_python() -> None:
    assert run(REPORT, "python").stdout == "python: MARKETHALL_CORE is python\n"


def test_a_choice_that_does_not_exist_is_refused_with_those_that_do() -> None:
    refused = run(REPORT, "fast")
    assert refused.returncode != 0
    assert "MARKETHALL_CORE: expected one of auto, compiled, python, found 'fast'" in refused.stderr


def test_an_edited_source_is_run_and_not_what_was_compiled_of_it_before(copied: Path) -> None:
    needs_libraries()
    edited = copied / "markethall_engine/domain/matching.py"
    edited.write_text(edited.read_text() + "\nEDITED = True\n")
    program = f"{REPORT}; from markethall_engine.domain import matching; print(matching.EDITED)"
    reason = (
        "markethall_engine/domain/matching.py is not what was compiled; `hatch run compile` compiles it anew"
    )
    assert run(program, "auto", copied).stdout == f"python: {reason}\nTrue\n"
    refused = run(program, "compiled", copied)
    assert f"ImportError: MARKETHALL_CORE is compiled, but {reason}" in refused.stderr


def test_a_package_without_libraries_runs_in_python(copied: Path) -> None:
    shutil.rmtree(copied / "markethall_engine/_compiled", ignore_errors=True)
    expected = "python: nothing was compiled when the package was built\n"
    assert run(REPORT, "auto", copied).stdout == expected


def test_libraries_of_another_python_are_left_alone(copied: Path) -> None:
    needs_libraries()
    for library in (copied / "markethall_engine/_compiled").rglob("*.so"):
        library.rename(library.with_name(f"{library.name.partition('.')[0]}.cpython-39-other.so"))
    assert run(REPORT, "auto", copied).stdout == "python: what was compiled is for another Python\n"


def test_the_reason_is_given_where_python_runs_and_only_there() -> None:
    assert (implementation() == "python") == bool(why_python())
