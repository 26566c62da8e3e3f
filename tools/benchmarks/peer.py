"""PyPI's `matching-engine` behind its own FastAPI gateway, its write-ahead log flushed.

Installed into a throw-away environment, which needs Python 3.12 or later: the newest interpreter
found on the path or among pyenv's is taken.
"""

import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tools.benchmarks.processes import running, wait_for_port
from tools.loopback import free_port

REQUIREMENT = "matching-engine[gateway]==0.1.1"
PYTHONS = ("3.14", "3.13", "3.12")
ORDER_PATH = "/markets/BTC-USDT/orders"


class PeerUnavailableError(Exception):
    """The peer cannot be run here; the message says why."""


def find_python() -> str:
    """Return the newest interpreter that the peer runs on."""
    for version in PYTHONS:
        pyenv = sorted((Path.home() / ".pyenv" / "versions").glob(f"{version}.*/bin/python"))
        candidates = [shutil.which(f"python{version}"), *map(str, pyenv)]
        for candidate in candidates:
            if (
                candidate
                and subprocess.run([candidate, "--version"], capture_output=True, check=False).returncode == 0
            ):
                return candidate
    raise PeerUnavailableError(f"{REQUIREMENT} needs one of Python {', '.join(PYTHONS)}; found none")


@contextmanager
def peer_gateway(folder: Path) -> Iterator[int]:
    """Install the peer below `folder`, serve it with flushing on, and yield its port."""
    environment = folder / "environment"
    steps: tuple[list[str | Path], ...] = (
        [find_python(), "-m", "venv", environment],
        [environment / "bin" / "pip", "install", "--quiet", REQUIREMENT],
    )
    for step in steps:
        finished = subprocess.run(step, capture_output=True, text=True, check=False)
        if finished.returncode:
            raise PeerUnavailableError(finished.stderr.strip().splitlines()[-1])
    port = free_port()
    command: list[str | Path] = [environment / "bin" / "matching-engine", "serve", "--port", str(port)]
    variables = os.environ | {"ME_DATA_DIR": str(folder / "data"), "ME_FSYNC": "1"}
    with running(command, cwd=folder, environment=variables):
        wait_for_port(port)
        yield port
