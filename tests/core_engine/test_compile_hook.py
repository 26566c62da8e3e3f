"""Builds of a small package with the hook that builds the engine: what mypyc compiles, and where it goes.

What the hook does whatever it compiles with (modes, tags, no compiler) is tested with the codec.
"""

import json
import os
import shutil
import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path

import pytest

ENGINE = Path(__file__).parents[2] / "packages/core-engine"
PYPROJECT = """
[build-system]
requires = ["hatchling"]
build-backend = "hatchling.build"

[project]
name = "sample"
version = "1"

[tool.hatch.build]
dev-mode-dirs = ["src"]

[tool.hatch.build.targets.wheel]
packages = ["src/sample"]
exclude = ["_compiled"]

[tool.hatch.build.targets.wheel.hooks.custom]
path = "compile_hook.py"
source = "src"
compiled = "sample/_compiled"
mypyc = ["sample/**/*.py"]
interpreted = ["IntEnum"]
"""
MODULES = {
    "__init__.py": "",
    "sums.py": "from sample.sides import Side\n\ndef doubled(n: int) -> int:\n    return 2 * n\n",
    "sides.py": "from enum import IntEnum\n\nclass Side(IntEnum):\n    BUY = 1\n",
}
COMPILED = Path("src/sample/_compiled")

needs_compiler = pytest.mark.skipif(
    shutil.which(os.environ.get("CC", "cc")) is None, reason="there is no C compiler"
)


@pytest.fixture
def package(tmp_path: Path) -> Path:
    source = tmp_path / "src/sample"
    source.mkdir(parents=True)
    for name, text in MODULES.items():
        (source / name).write_text(text)
    (tmp_path / "pyproject.toml").write_text(PYPROJECT)
    shutil.copy(ENGINE / "compile_hook.py", tmp_path)
    return tmp_path


def build(package: Path, target: str, mode: str = "require") -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "-t", target, "-d", "dist"],
        cwd=package,
        env=os.environ | {"MARKETHALL_BUILD_EXTENSION": mode},
        capture_output=True,
        text=True,
        check=False,
    )


def stems(names: list[str]) -> set[str]:
    """The modules that libraries among the file names hold."""
    return {Path(name).name.partition(".")[0] for name in names if name.endswith(".so")}


@needs_compiler
def test_a_wheel_has_one_library_a_module_and_one_that_they_share(package: Path) -> None:
    completed = build(package, "wheel")
    assert completed.returncode == 0, completed.stdout + completed.stderr
    (wheel,) = (package / "dist").glob("*.whl")
    assert not wheel.name.endswith("none-any.whl")
    with zipfile.ZipFile(wheel) as files:
        names = files.namelist()
    assert {Path(name).parts[:2] for name in names if name.endswith(".so")} == {("sample", "_compiled")}
    # Enums keep their metaclass, and a package its directory.
    assert stems(names) == {"sums", "sample__mypyc"}
    assert not (package / COMPILED).exists()


@needs_compiler
def test_an_editable_install_has_the_libraries_and_what_they_were_made_of(package: Path) -> None:
    assert build(package, "wheel:editable").returncode == 0
    libraries = [path.name for path in (package / COMPILED).rglob("*.so")]
    assert stems(libraries) == {"sums", "sample__mypyc"}
    sources = json.loads((package / COMPILED / "sources.json").read_text())
    assert sorted(sources) == [f"sample/{name}" for name in sorted(MODULES)]


def test_an_editable_install_leaves_nothing_stale(package: Path) -> None:
    stale = package / COMPILED / "sources.json"
    stale.parent.mkdir()
    stale.write_text("{}")
    assert build(package, "wheel:editable", "off").returncode == 0
    assert not stale.exists()


def test_a_type_error_is_a_reason_to_go_on_in_python_with_a_warning(package: Path) -> None:
    (package / "src/sample/sums.py").write_text("def doubled(n: int) -> str:\n    return n\n")
    completed = build(package, "wheel", "auto")
    assert completed.returncode == 0
    assert "not compiled, pure Python will be used" in completed.stdout + completed.stderr
    assert [path.name for path in (package / "dist").iterdir()] == ["sample-1-py2.py3-none-any.whl"]


def test_a_pattern_that_matches_nothing_is_refused(package: Path) -> None:
    manifest = package / "pyproject.toml"
    manifest.write_text(manifest.read_text().replace("sample/**/*.py", "sample/gone/*.py"))
    completed = build(package, "wheel")
    assert completed.returncode != 0
    assert "mypyc: nothing matches 'sample/gone/*.py'" in completed.stdout + completed.stderr


def test_the_engine_s_sdist_holds_the_hook_itself_and_not_the_link(tmp_path: Path) -> None:
    subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "-t", "sdist", "-d", str(tmp_path)],
        cwd=ENGINE,
        capture_output=True,
        check=True,
    )
    (sdist,) = tmp_path.glob("*.tar.gz")
    with tarfile.open(sdist) as files:
        hooks = [member for member in files.getmembers() if member.name.endswith("/compile_hook.py")]
        assert [member.isfile() for member in hooks] == [True]
        hook = files.extractfile(hooks[0])
        assert hook is not None
        assert hook.read() == (ENGINE / "compile_hook.py").read_bytes()


READING = {
    "points.py": """
from enum import IntEnum

class Kind(IntEnum):
    PLAIN = 1

class Point:
    __slots__ = ("x", "y")

    def __init__(self, x: int, y: int) -> None:
        self.x = x
        self.y = y

class Mirrored(Point):
    __slots__ = ("z",)
""",
    "reading.py": """
from sample.points import Point

def x_of(point: Point) -> object:
    return point.x

def named(point: Point, name: str) -> object:
    return getattr(point, name)
""",
}
READ = """
import sys
from importlib.machinery import EXTENSION_SUFFIXES
from importlib.util import module_from_spec, spec_from_file_location

sys.path[:0] = ["src/sample/_compiled", "src"]
from sample.points import Mirrored, Point

place = "src/sample/_compiled/sample/reading" + EXTENSION_SUFFIXES[0]
spec = spec_from_file_location("sample.reading", place)
reading = module_from_spec(spec)
sys.modules["sample.reading"] = reading
spec.loader.exec_module(reading)

point = Point(1, 2)
assert [reading.x_of(point) for _ in range(3)] == [1, 1, 1]
assert [reading.named(point, name) for name in ("x", "y", "x", "y")] == [1, 2, 1, 2]
assert [reading.x_of(found) for found in (Mirrored(5, 6), point, Mirrored(7, 8))] == [5, 1, 7]
del point.x
try:
    reading.x_of(point)
except AttributeError:
    point.x = 3
assert reading.x_of(point) == 3
Point.x = property(lambda self: 9)
assert [reading.x_of(point) for _ in range(3)] == [9] * 3
print("read")
"""


@needs_compiler
def test_slots_are_read_where_they_were_until_the_type_changes(package: Path):
    shutil.copy(ENGINE / "member_cache.h", package)
    with (package / "pyproject.toml").open("a") as settings:
        settings.write('include = "member_cache.h"\n')
    for name, text in READING.items():
        (package / "src/sample" / name).write_text(text)
    built = build(package, "wheel:editable")
    assert built.returncode == 0, built.stderr
    read = subprocess.run(
        [sys.executable, "-c", READ], cwd=package, capture_output=True, text=True, check=False
    )
    assert read.stdout == "read\n", read.stderr
