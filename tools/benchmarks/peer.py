"""PyPI's `matching-engine` behind its own FastAPI gateway, its write-ahead log flushed."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tools.benchmarks.processes import running, wait_for_port
from tools.benchmarks.throw_away import install
from tools.loopback import free_port

REQUIREMENT = "matching-engine[gateway]==0.1.1"
PYTHONS = ("3.14", "3.13", "3.12")
ORDER_PATH = "/markets/BTC-USDT/orders"


@contextmanager
def peer_gateway(folder: Path) -> Iterator[int]:
    """Install the peer below `folder`, serve it with flushing on, and yield its port.

    Raises `NotInstallableError`.
    """
    environment = folder / "environment"
    install(REQUIREMENT, environment, PYTHONS)
    port = free_port()
    command: list[str | Path] = [environment / "bin" / "matching-engine", "serve", "--port", str(port)]
    variables = os.environ | {"ME_DATA_DIR": str(folder / "data"), "ME_FSYNC": "1"}
    with running(command, cwd=folder, environment=variables):
        wait_for_port(port)
        yield port
