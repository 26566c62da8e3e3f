"""The program `markethall-engine`, as an operator meets it."""

import os
import subprocess
import sys
from pathlib import Path

import pytest


def engine(*arguments: str, directory: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    clean = {name: value for name, value in os.environ.items() if not name.startswith("MARKETHALL_")}
    return subprocess.run(
        [sys.executable, "-m", "markethall_engine", *arguments],
        cwd=directory,
        env=clean | environment,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def test_it_says_its_version(tmp_path: Path):
    result = engine("--version", directory=tmp_path)
    assert (result.returncode, result.stdout) == (0, "markethall-engine 0.1.0\n")


def test_settings_prints_what_is_in_force_and_where_it_comes_from(tmp_path: Path):
    (tmp_path / "settings.toml").write_text("[engine]\nqueue_limit = 1000\n")
    result = engine(
        "settings", "--port", "50060", directory=tmp_path, MARKETHALL_ENGINE__LOG__LEVEL="WARNING"
    )
    assert result.returncode == 0
    found = {}
    for line in result.stdout.splitlines():
        if "#" in line:
            setting, _, origin = line.partition("#")
            found[setting.strip()] = origin.strip()
    assert found["port = 50060"] == "flag --port"
    assert found["queue_limit = 1000"] == "settings.toml"
    assert found['level = "WARNING"'] == "environment MARKETHALL_ENGINE__LOG__LEVEL"
    assert found['host = "127.0.0.1"'] == "default"


def test_every_problem_with_the_settings_is_told_at_once_without_a_traceback(tmp_path: Path):
    result = engine("--port", "70000", "--journal", "paper", "--qeue-limit", "3", directory=tmp_path)
    assert result.returncode == 2
    assert "3 problems" in result.stderr
    assert "engine.port: expected a whole number from 0 to 65535, found '70000'" in result.stderr
    assert "engine.journal: expected one of sqlite, memory, found 'paper'" in result.stderr
    assert "--queue-limit" in result.stderr
    assert "Traceback" not in result.stderr


@pytest.mark.parametrize(
    ("arguments", "problem"),
    [
        (("--host", "0.0.0.0"), "engine.host: expected a loopback address"),
        (("--default-account", "no account"), "engine.default_account: expected an account id"),
        (("--group-limit", "9", "--queue-limit", "3"), "engine.group_limit: expected at most queue_limit"),
    ],
)
def test_settings_that_do_not_go_together_are_refused(
    tmp_path: Path, arguments: tuple[str, ...], problem: str
):
    result = engine(*arguments, directory=tmp_path)
    assert result.returncode == 2
    assert problem in result.stderr


def test_a_journal_that_is_none_is_refused_with_what_to_do(tmp_path: Path):
    (tmp_path / "data" / "engine").mkdir(parents=True)
    (tmp_path / "data" / "engine" / "journal.sqlite").write_text(
        "this is no database, whatever its name says"
    )
    result = engine("--port", "0", "--log-format", "text", directory=tmp_path)
    assert result.returncode == 1
    assert "engine_cannot_run" in result.stderr
    assert "Traceback" not in result.stderr


def test_a_directory_that_cannot_be_used_is_told_without_a_traceback(tmp_path: Path):
    (tmp_path / "file").touch()
    result = engine(
        "--port", "0", "--log-format", "text", "--data-directory", str(tmp_path / "file"), directory=tmp_path
    )
    assert result.returncode == 1
    assert "cannot be used" in result.stderr
    assert "Traceback" not in result.stderr
