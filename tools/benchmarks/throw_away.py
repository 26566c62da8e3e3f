"""Throw-away environments: a virtual one below a folder that the caller removes, for one peer of ours.

Peers want Pythons of their own: the interpreters found on the path and among pyenv's are tried.
"""

import os
import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path


class NotInstallableError(Exception):
    """No interpreter here can have the peer; the message says why."""


def find_pythons(versions: Sequence[str]) -> list[str]:
    """Return an interpreter of each version that there is, in the order given; versions as in `3.12`."""
    found = []
    for version in versions:
        pyenv = sorted((Path.home() / ".pyenv" / "versions").glob(f"{version}.*/bin/python"))
        for candidate in (shutil.which(f"python{version}"), *map(str, pyenv)):
            if candidate and _answers(candidate):
                found.append(candidate)
                break
    return found


def install(requirement: str, folder: Path, versions: Sequence[str]) -> Path:
    """Make an environment with `requirement` in `folder` and return its interpreter.

    Raises `NotInstallableError` if it goes into an environment of none of the versions.
    """
    problem = f"none of Python {', '.join(versions)} was found"
    for python in find_pythons(versions):
        shutil.rmtree(folder, ignore_errors=True)
        steps: tuple[list[str | Path], ...] = (
            [python, "-m", "venv", folder],
            [folder / "bin" / "pip", "install", "--quiet", "--disable-pip-version-check", requirement],
        )
        for step in steps:
            finished = subprocess.run(step, capture_output=True, text=True, check=False, env=_environment())
            if finished.returncode:
                errors = [line for line in finished.stderr.splitlines() if line.startswith("ERROR")]
                problem = (errors or finished.stderr.strip().splitlines() or ["pip failed"])[-1]
                break
        else:
            return folder / "bin" / "python"
    raise NotInstallableError(f"{requirement} could not be installed: {problem}")


def _answers(python: str) -> bool:
    return subprocess.run([python, "--version"], capture_output=True, check=False).returncode == 0


def _environment() -> dict[str, str]:
    """Our environment without what would lead the other interpreter to our modules."""
    return {name: value for name, value in os.environ.items() if name not in ("PYTHONPATH", "VIRTUAL_ENV")}
