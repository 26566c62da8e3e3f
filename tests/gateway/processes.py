"""The gateway as operators run it: a process of its own."""

import asyncio
import json
import os
import re
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path

import httpx2

_LISTENING = re.compile(r'"url":"(http[^"]+)"')


class GatewayProcess:
    """A gateway whose log is in `directory`; `url` is known once `listening` has returned."""

    def __init__(self, directory: Path, engine_address: str, **settings: object) -> None:
        self.log = directory / "gateway.log"
        flags = [f"--{name.replace('_', '-')}={value}" for name, value in settings.items()]
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                [
                    *(sys.executable, "-m", "markethall_gateway", "--port=0", "--log-format=json"),
                    *(f"--engine-address={engine_address}", *flags),
                ],
                cwd=directory,
                env={
                    name: value
                    for name, value in os.environ.items()
                    if not name.startswith("MARKETHALL_GATEWAY")
                },
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
            )
        self.url = ""

    async def listening(self) -> str:
        """Wait until it listens, and return its URL."""
        async with asyncio.timeout(20):
            while not (match := _LISTENING.search(self.log.read_text())):
                assert self.process.poll() is None, self.log.read_text()
                await asyncio.sleep(0.02)
        self.url = match[1]
        return self.url

    @asynccontextmanager
    async def http(self) -> AsyncIterator[httpx2.AsyncClient]:
        async with httpx2.AsyncClient(base_url=await self.listening(), timeout=20) as http:
            yield http

    def lines(self) -> list[dict[str, object]]:
        """Its log so far."""
        return [json.loads(line) for line in self.log.read_text().splitlines()]

    def terminate(self, timeout_s: float = 30) -> int:
        """Ask it to end in order, and return its exit status."""
        self.process.terminate()
        return self.process.wait(timeout_s)


@contextmanager
def gateway_process(directory: Path, engine_address: str, **settings: object) -> Iterator[GatewayProcess]:
    """Start a gateway in a process of its own; it is killed at the end of the block if it still runs."""
    gateway = GatewayProcess(directory, engine_address, **settings)
    try:
        yield gateway
    finally:
        if gateway.process.poll() is None:
            gateway.process.kill()
            gateway.process.wait()
