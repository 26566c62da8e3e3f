"""Mutants that survive are told apart: explained, of no account, or a gap in the tests."""

import tomllib
from pathlib import Path

import pytest

from tools.mutate import GROUPS
from tools.mutation.staging import ROOT, stage
from tools.mutation.survivors import EXPLAINED, Survivor, explained, unexplained

DOMAIN = ROOT / "packages/core-engine/src/markethall_engine/domain"
DIFF = """--- src/markethall_engine/domain/ledger/position.py
+++ src/markethall_engine/domain/ledger/position.py
@@ -1,3 +1,3 @@
 def fill(self):
-    if open_lots >= 0:
+    if open_lots > 0:
"""


def test_a_survivor_is_known_by_its_function_and_what_it_changes() -> None:
    survivor = Survivor.of("markethall_engine.domain.ledger.position.xǁPositionǁfill__mutmut_12", DIFF)
    assert survivor == Survivor(
        "ledger.position.Position.fill", ("-if open_lots >= 0:", "+if open_lots > 0:")
    )
    assert Survivor.of("markethall_engine.domain.matching.x__plan_fills__mutmut_1", DIFF).function == (
        "matching._plan_fills"
    )


def test_only_what_is_neither_explained_nor_the_text_of_an_assertion_is_a_gap() -> None:
    gap = Survivor("a.b", ("-if x >= 0:", "+if x > 0:"))
    known = Survivor("a.c", gap.change)
    text = Survivor("a.b", ('-assert x == 1, "one"', '+assert x == 1, "XXoneXX"'))
    condition = Survivor("a.b", ('-assert x == 1, "one"', '+assert x != 1, "one"'))
    assert unexplained([gap, known, text, condition], {known}) == [gap, condition]


def test_what_is_explained_is_still_in_the_code_and_says_why() -> None:
    for mutant in tomllib.loads(EXPLAINED.read_text())["mutant"]:
        module = next(
            path
            for count in (1, 2, 3)
            if (path := DOMAIN.joinpath(*mutant["function"].split(".")[:count]).with_suffix(".py")).is_file()
        )
        source = [line.strip() for line in module.read_text().splitlines()]
        assert all(line[1:] in source for line in mutant["change"] if line.startswith("-")), mutant
        assert mutant["because"]
    assert len(explained()) == len(tomllib.loads(EXPLAINED.read_text())["mutant"])


@pytest.mark.parametrize("group", GROUPS)
def test_a_staged_group_has_its_modules_and_the_domain_s_tests(group: str, tmp_path: Path) -> None:
    stage(tmp_path, GROUPS[group])
    settings = tomllib.loads((tmp_path / "pyproject.toml").read_text())["tool"]["mutmut"]
    assert all(list(tmp_path.glob(pattern)) for pattern in settings["only_mutate"])
    assert (tmp_path / "tests/core_engine/domain/test_matching.py").is_file()
