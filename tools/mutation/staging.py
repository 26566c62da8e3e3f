"""The directory that mutmut works in: the engine's sources, the domain's tests, and what to mutate.

mutmut expects one package under `src` and its tests beside it, and writes its mutants there. So it gets
copies: the repository has several packages, and is not to be written to.
"""

import shutil
from collections.abc import Sequence
from pathlib import Path

from msgspec import json

ROOT = Path(__file__).parents[2]
DOMAIN = "src/markethall_engine/domain"

_TESTS = ("tests/core_engine/domain", "tests/core_engine/market_data")
_LEFT_OUT = ("test_properties.py",)
"""Hypothesis finds in seconds what the other tests state, and would try each mutant for seconds."""

_SETTINGS = """\
[tool.pytest.ini_options]
pythonpath = ["."]
addopts = ["--import-mode=importlib"]
asyncio_mode = "auto"
asyncio_default_fixture_loop_scope = "function"

[tool.mutmut]
source_paths = ["src/"]
only_mutate = {modules}
pytest_add_cli_args_test_selection = ["tests/core_engine/domain"]
"""


def stage(directory: Path, modules: Sequence[str]) -> None:
    """Copy everything anew; `modules` are patterns below the domain, such as `ledger/*`."""
    shutil.rmtree(directory, ignore_errors=True)
    ignore = shutil.ignore_patterns("__pycache__", "_compiled", *_LEFT_OUT)
    source = ROOT / "packages/core-engine/src/markethall_engine"
    shutil.copytree(source, directory / "src/markethall_engine", ignore=ignore)
    for tests in _TESTS:
        shutil.copytree(ROOT / tests, directory / tests, ignore=ignore)
    patterns = json.encode([f"{DOMAIN}/{module}" for module in modules]).decode()
    (directory / "pyproject.toml").write_text(_SETTINGS.format(modules=patterns))
