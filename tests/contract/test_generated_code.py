"""The committed Python of the contract is what the generator writes from the committed protos."""

import shutil
from pathlib import Path

import pytest

from tools.generate_protos import PYTHON_PACKAGE, main


def test_the_generated_code_is_current(capsys: pytest.CaptureFixture[str]) -> None:
    assert (main(["--check"]), capsys.readouterr().err) == (0, "")


def test_the_check_names_what_differs_and_writes_nothing(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    package = tmp_path / "markethall_protos"
    shutil.copytree(PYTHON_PACKAGE, package)
    edited = package / "v1" / "routes.py"
    edited.write_text(edited.read_text() + "# edited by hand\n")
    text = edited.read_text()

    assert main(["--check"], package=package) == 1
    assert capsys.readouterr().err == "not current: v1/routes.py differs; run `hatch run protos`\n"
    assert edited.read_text() == text

    assert main([], package=package) == 0
    assert main(["--check"], package=package) == 0
