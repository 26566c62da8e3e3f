"""A running engine for tests: within the test's own process, or as a process that can be killed.

    async with running_engine() as engine:
        orders = OrderServiceStub(engine.channel)

    with engine_process(tmp_path) as engine:
        await engine.serving()
        engine.kill()

Both take any free port, and wait for the standard health service to say SERVING.
"""

import asyncio
import os
import signal
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import grpc.aio
from grpc_health.v1 import health_pb2, health_pb2_grpc

from markethall_common.clock import Clock, SystemClock
from markethall_common.shutdown import Shutdown
from markethall_engine.bootstrap import Engine
from markethall_engine.settings import EngineSettings
from tools.loopback import free_port

READY_TIMEOUT_S = 30
_RECONNECT = (
    ("grpc.initial_reconnect_backoff_ms", 20),
    ("grpc.min_reconnect_backoff_ms", 20),
    ("grpc.max_reconnect_backoff_ms", 100),
)


@dataclass(frozen=True)
class RunningEngine:
    """An engine within this process, and a channel to it."""

    engine: Engine
    channel: grpc.aio.Channel
    shutdown: Shutdown
    task: asyncio.Task[None]

    @property
    def address(self) -> str:
        return f"127.0.0.1:{self.engine.port}"

    async def stop(self) -> None:
        """Have it drain and end, as on SIGTERM; raises what it failed with."""
        self.shutdown.request("the test is over")
        await self.task


@asynccontextmanager
async def running_engine(
    settings: EngineSettings | None = None, clock: Clock | None = None, *, wait: bool = True
) -> AsyncIterator[RunningEngine]:
    """Run an engine within this process, in memory unless set otherwise, on a port that the system chooses.

    It serves when this is entered; without `wait` it has only begun to start.
    """
    settings = settings or EngineSettings(journal="memory")
    shutdown = Shutdown(settings.drain_s)
    engine = Engine(replace(settings, port=0), clock or SystemClock())
    task = asyncio.create_task(engine.run(shutdown), name="engine")
    async with grpc.aio.insecure_channel(f"127.0.0.1:{engine.port}", options=_RECONNECT) as channel:
        running = RunningEngine(engine, channel, shutdown, task)
        try:
            if wait:
                await serving(channel)
            yield running
        finally:
            if not task.done():
                await running.stop()


async def serving(channel: grpc.aio.Channel, service: str = "") -> None:
    """Wait until the engine at the other end of `channel` serves; it need not have started yet."""
    health = health_pb2_grpc.HealthStub(channel)
    request = health_pb2.HealthCheckRequest(service=service)
    watch = health.Watch(request, timeout=READY_TIMEOUT_S, wait_for_ready=True)
    async for response in watch:
        if response.status == health_pb2.HealthCheckResponse.SERVING:
            watch.cancel()
            return


class EngineProcess:
    """An engine in a process of its own, whose files are in `directory`."""

    def __init__(self, directory: Path, **settings: object) -> None:
        """Start it; `settings` are those of `EngineSettings` by name, and win over the environment."""
        self.directory = directory
        self.log = directory / "engine.log"
        self.port = int(settings.setdefault("port", free_port()))
        flags = [f"--{name.replace('_', '-')}={value}" for name, value in settings.items()]
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "markethall_engine", *flags],
                cwd=directory,
                env={
                    name: value
                    for name, value in os.environ.items()
                    if not name.startswith("MARKETHALL_ENGINE")
                },
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
            )

    @property
    def address(self) -> str:
        return f"127.0.0.1:{self.port}"

    @asynccontextmanager
    async def channel(self) -> AsyncIterator[grpc.aio.Channel]:
        """A channel to the engine, which serves once this is entered."""
        async with grpc.aio.insecure_channel(self.address, options=_RECONNECT) as channel:
            await serving(channel)
            yield channel

    def kill(self) -> None:
        """End it as a power cut would: nothing is flushed, nothing is said."""
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()

    def terminate(self, timeout_s: float = 30) -> int:
        """Ask it to end in order, and return its exit status."""
        self.process.terminate()
        return self.process.wait(timeout_s)


@contextmanager
def engine_process(directory: Path, **settings: object) -> Iterator[EngineProcess]:
    """Start an engine in a process of its own; it is killed at the end of the block if it still runs."""
    engine = EngineProcess(directory, **settings)
    try:
        yield engine
    finally:
        if engine.process.poll() is None:
            engine.kill()
