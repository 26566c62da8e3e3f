"""The command `markethall-gateway`, as a shell sees it."""

import json
import subprocess
import sys
from pathlib import Path

from markethall_gateway.endpoints.openapi.document import openapi_document
from markethall_protos.v1 import ROUTES


def gateway(*arguments: str, cwd: Path) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [sys.executable, "-m", "markethall_gateway", *arguments],
        capture_output=True,
        text=True,
        cwd=cwd,
        timeout=60,
        check=False,
    )


def test_openapi_prints_the_document(tmp_path: Path) -> None:
    finished = gateway("openapi", cwd=tmp_path)
    assert finished.returncode == 0
    assert json.loads(finished.stdout) == openapi_document(ROUTES, "0.1.0")


def test_settings_prints_what_is_in_force(tmp_path: Path) -> None:
    finished = gateway("settings", "--port", "9090", cwd=tmp_path)
    assert finished.returncode == 0
    assert "port = 9090" in finished.stdout
    assert "# flag --port" in finished.stdout


def test_version_is_that_of_the_package(tmp_path: Path) -> None:
    assert gateway("--version", cwd=tmp_path).stdout == "markethall-gateway 0.1.0\n"


def test_what_is_wrong_with_the_settings_is_said_without_a_traceback(tmp_path: Path) -> None:
    finished = gateway("--port", "http", "--host", "0.0.0.0", cwd=tmp_path)
    assert finished.returncode == 2
    assert "gateway.port: expected a whole number from 0 to 65535, found 'http'" in finished.stderr
    assert "Traceback" not in finished.stderr
