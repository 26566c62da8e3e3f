"""A running gateway for tests, as a process of its own."""

import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


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
