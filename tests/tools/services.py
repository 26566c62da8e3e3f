"""An engine and a gateway for tests, each as a process of its own, and up."""

import asyncio
import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.engine_process import EngineProcess, engine_process


@contextmanager
def serving_engine(directory: Path, **settings: object) -> Iterator[EngineProcess]:
    """Start an engine and yield it once it serves; it is ended with the block."""

    async def until_it_serves() -> None:
        async with engine.channel():
            pass

    with engine_process(directory, **settings) as engine:
        asyncio.run(until_it_serves())
        yield engine


@contextmanager
def gateway_process(directory: Path, engine_address: str) -> Iterator[str]:
    """Start a gateway on any free port and yield its URL; it is ended with the block."""
    flags = ["--port=0", f"--engine-address={engine_address}", "--no-access-log", "--log-format=text"]
    process = subprocess.Popen(
        [sys.executable, "-m", "markethall_gateway", *flags],
        cwd=directory,
        stdin=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        assert process.stderr is not None
        lines = []
        for line in process.stderr:
            lines.append(line)
            if "gateway_listening" in line:
                break
        found = re.search(r"url=(\S+)", lines[-1]) if lines else None
        assert found, f"the gateway did not start: {lines}"
        yield found[1]
    finally:
        process.terminate()
        process.communicate(timeout=30)
