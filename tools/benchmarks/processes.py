"""Processes that a benchmark runs, and the venue among them."""

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tools.loopback import free_port

START_TIMEOUT_S = 120.0
ROOT = Path(__file__).parents[2]
"""Of the repository, whose tools are imported from there."""


@dataclass(frozen=True, slots=True)
class Venue:
    """A running engine and a gateway in front of it."""

    engine_address: str
    gateway_port: int


def wait_for_port(port: int) -> None:
    """Return once something listens on `port`."""
    deadline = time.monotonic() + START_TIMEOUT_S
    while time.monotonic() < deadline:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
        except OSError:
            time.sleep(0.02)
        else:
            return
    raise TimeoutError(f"nothing listens on port {port} after {START_TIMEOUT_S:.0f} s")


@contextmanager
def running(
    command: Sequence[str | Path], *, cwd: Path, environment: Mapping[str, str] | None = None
) -> Iterator[subprocess.Popen[bytes]]:
    """Run `command` with its output in a file beside its data, and end it by SIGTERM."""
    log = cwd / f"{Path(command[0]).name}-{time.time_ns()}.log"
    with log.open("wb") as output:
        process = subprocess.Popen(command, cwd=cwd, env=environment, stdout=output, stderr=output)
        try:
            yield process
        finally:
            process.terminate()
            process.wait()


@contextmanager
def running_engine(folder: Path, *, port: int) -> Iterator[str]:
    """Run an engine with its journal in `folder` and yield its address."""
    command = [
        sys.executable,
        "-m",
        "markethall_engine",
        "--port",
        str(port),
        "--data-directory",
        str(folder),
    ]
    with running([*command, "--log-level", "WARNING"], cwd=folder, environment=settings_free()):
        wait_for_port(port)
        yield f"127.0.0.1:{port}"


@contextmanager
def running_venue(folder: Path, *, server: str = "hypercorn") -> Iterator[Venue]:
    """Run an engine and a gateway with their data in `folder`."""
    gateway_port = free_port()
    command = [sys.executable, "-m", "markethall_gateway", "--port", str(gateway_port), "--server", server]
    with running_engine(folder, port=free_port()) as engine_address:
        command += ["--engine-address", engine_address, "--log-level", "WARNING"]
        with running(command, cwd=folder, environment=settings_free()):
            wait_for_port(gateway_port)
            yield Venue(engine_address, gateway_port)


def settings_free() -> dict[str, str]:
    """Our environment without settings of a service: a benchmark measures the defaults."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("MARKETHALL_")}
    path = [str(ROOT), *filter(None, [os.environ.get("PYTHONPATH")])]
    return kept | {"PYTHONPATH": os.pathsep.join(path)}
