"""Builds of the package with and without the compiled codec."""

import os
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

import markethall_protos

PACKAGE = Path(markethall_protos.__file__).parents[2]
NO_COMPILER = {"CC": "/no/such/compiler"}


@pytest.fixture
def package(tmp_path: Path) -> Path:
    """A copy of the package's sources, without what a build has left."""
    copy = tmp_path / "protos"
    shutil.copytree(PACKAGE, copy, ignore=shutil.ignore_patterns("*.so", "__pycache__"))
    return copy


def build(
    package: Path, mode: str, target: str = "wheel", **environment: str
) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "-t", target, "-d", "dist"],
        cwd=package,
        env=os.environ | {"MARKETHALL_BUILD_EXTENSION": mode} | environment,
        capture_output=True,
        text=True,
        check=False,
    )


def wheel_of(package: Path) -> tuple[str, list[str]]:
    """The name of the wheel built, and its compiled modules and their sources."""
    (wheel,) = (package / "dist").glob("*.whl")
    with zipfile.ZipFile(wheel) as files:
        names = files.namelist()
    return wheel.name, [Path(name).name for name in names if name.endswith((".so", ".pyx", ".pxd", ".pxi"))]


def stale_module(package: Path) -> Path:
    module = package / "src/markethall_protos/codec/compiled.cpython-311-x86_64-linux-gnu.so"
    module.write_bytes(b"made of an older source")
    return module


@pytest.mark.skipif(shutil.which(os.environ.get("CC", "cc")) is None, reason="there is no C compiler")
def test_a_wheel_with_the_compiled_codec_has_the_tag_of_its_platform(package: Path) -> None:
    completed = build(package, "require")
    assert completed.returncode == 0, completed.stderr
    name, modules = wheel_of(package)
    assert not name.endswith("none-any.whl")
    assert len(modules) == 1
    assert modules[0].startswith("compiled.")
    assert not list((package / "src").rglob("*.so"))


def test_a_wheel_without_it_is_pure_python(package: Path) -> None:
    assert build(package, "off").returncode == 0
    name, modules = wheel_of(package)
    assert name.endswith("py3-none-any.whl")
    assert modules == []


def test_a_stale_module_does_not_get_into_a_wheel(package: Path) -> None:
    stale_module(package)
    assert build(package, "off").returncode == 0
    assert wheel_of(package)[1] == []


def test_without_a_compiler_a_warning_is_given_and_the_wheel_is_pure_python(package: Path) -> None:
    completed = build(package, "auto", **NO_COMPILER)
    assert completed.returncode == 0
    assert "not compiled, pure Python will be used" in completed.stdout + completed.stderr
    assert wheel_of(package)[0].endswith("py3-none-any.whl")


def test_without_a_compiler_a_build_that_requires_one_fails(package: Path) -> None:
    assert build(package, "require", **NO_COMPILER).returncode != 0
    assert not list((package / "dist").glob("*.whl"))


def test_an_editable_install_leaves_no_stale_module(package: Path) -> None:
    module = stale_module(package)
    assert build(package, "off", target="wheel:editable").returncode == 0
    assert not module.exists()


def test_an_unknown_mode_is_refused_with_those_that_exist(package: Path) -> None:
    completed = build(package, "maybe")
    assert completed.returncode != 0
    expected = "MARKETHALL_BUILD_EXTENSION: expected one of auto, require, off, found 'maybe'"
    assert expected in completed.stdout + completed.stderr
