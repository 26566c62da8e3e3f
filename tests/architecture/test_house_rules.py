"""The rules of the house that a machine can hold: see the style section of CONTRIBUTING.md."""

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
GENERATED = ("markethall_protos/v1/", "markethall_protos/google/", "markethall_protos/message_pool.py")
NAMES_WITHOUT_A_NOUN = {"utils", "util", "helpers", "helper", "misc", "manager", "base", "common"}
LINES_A_MODULE = 500


def modules() -> list[Path]:
    found = [*ROOT.glob("packages/*/src/**/*.py"), *ROOT.glob("tools/**/*.py")]
    return [module for module in found if not any(mark in module.as_posix() for mark in GENERATED)]


MODULES = pytest.mark.parametrize("module", modules(), ids=lambda path: str(path.relative_to(ROOT)))


def test_there_are_modules_to_check() -> None:
    assert len(modules()) > 50


@MODULES
def test_a_module_opens_with_the_promise_it_keeps(module: Path) -> None:
    docstring = ast.get_docstring(ast.parse(module.read_text("utf-8")))
    assert docstring, "the module has no docstring"


@MODULES
def test_a_module_is_named_after_a_noun(module: Path) -> None:
    assert module.stem not in NAMES_WITHOUT_A_NOUN


@MODULES
def test_a_module_reads_in_one_sitting(module: Path) -> None:
    lines = len(module.read_text("utf-8").splitlines())
    assert lines <= LINES_A_MODULE, f"{lines} lines: look for the second noun"


@MODULES
def test_money_is_never_a_float(module: Path) -> None:
    if "markethall_engine/domain/" not in module.as_posix():
        return
    tree = ast.parse(module.read_text("utf-8"))
    floats = [
        node.lineno
        for node in ast.walk(tree)
        if (isinstance(node, ast.Constant) and isinstance(node.value, float))
        or (isinstance(node, ast.Name) and node.id == "float")
        or (isinstance(node, ast.BinOp) and isinstance(node.op, ast.Div))
    ]
    assert not floats, f"floats or true division at lines {floats}"
