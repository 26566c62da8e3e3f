"""No container engine is needed to know that the container files name what exists."""

import re
import shlex
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any

import pytest
import yaml

ROOT = Path(__file__).parents[2]
DOCKERFILES = sorted(ROOT.glob("packages/*/Dockerfile"))
COMPOSE: dict[str, Any] = yaml.safe_load((ROOT / "compose.yaml").read_text("utf-8"))
EACH_DOCKERFILE = pytest.mark.parametrize("dockerfile", DOCKERFILES, ids=lambda path: path.parent.name)


def instructions(dockerfile: Path, keyword: str) -> list[str]:
    text = dockerfile.read_text("utf-8").replace("\\\n", " ")
    return re.findall(rf"^{keyword} (.*)$", text, flags=re.MULTILINE)


def installed_commands() -> set[str]:
    manifests = (tomllib.loads(path.read_text("utf-8")) for path in ROOT.glob("packages/*/pyproject.toml"))
    return {command for manifest in manifests for command in manifest["project"].get("scripts", {})}


def test_each_service_has_a_dockerfile() -> None:
    assert [path.parent.name for path in DOCKERFILES] == ["core-engine", "gateway"]


@EACH_DOCKERFILE
def test_hadolint_finds_nothing(dockerfile: Path) -> None:
    hadolint = Path(sys.executable).with_name("hadolint")
    finished = subprocess.run([hadolint, dockerfile], capture_output=True, text=True, check=False)
    assert finished.returncode == 0, finished.stdout


@EACH_DOCKERFILE
def test_every_copied_path_exists(dockerfile: Path) -> None:
    copied = [shlex.split(line)[0] for line in instructions(dockerfile, "COPY") if "--from" not in line]
    assert copied
    assert [path for path in copied if not (ROOT / path).is_dir()] == []


@EACH_DOCKERFILE
def test_the_entry_point_is_a_command_that_a_package_installs(dockerfile: Path) -> None:
    (entry_point,) = instructions(dockerfile, "ENTRYPOINT")
    assert yaml.safe_load(entry_point)[0] in installed_commands()


@EACH_DOCKERFILE
def test_the_service_does_not_run_as_root(dockerfile: Path) -> None:
    assert instructions(dockerfile, "USER") == ["10001"]


@EACH_DOCKERFILE
def test_the_health_check_is_a_program_that_compiles(dockerfile: Path) -> None:
    (check,) = instructions(dockerfile, "HEALTHCHECK")
    command = yaml.safe_load(check[check.index("CMD") + 3 :])
    assert command[:2] == ["python", "-c"]
    compile(command[2], str(dockerfile), "exec")


def test_compose_builds_from_files_that_exist() -> None:
    for service in COMPOSE["services"].values():
        assert (ROOT / service["build"]["context"] / service["build"]["dockerfile"]).is_file()


@pytest.mark.parametrize("name", ["engine", "gateway"])
def test_the_settings_of_compose_are_accepted_by_the_service(name: str, tmp_path: Path) -> None:
    program = Path(sys.executable).with_name(f"markethall-{name}")
    environment = {"PATH": "/usr/bin:/bin", **COMPOSE["services"][name]["environment"]}
    finished = subprocess.run(
        [program, "settings"], cwd=tmp_path, env=environment, capture_output=True, text=True, check=False
    )
    assert finished.returncode == 0, finished.stderr
    for key in environment:
        if key.startswith("MARKETHALL_"):
            assert key in finished.stdout
