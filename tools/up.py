"""Start a whole venue on this machine: `hatch run up`.

Engine and gateway run as processes of their own, with demonstration data, until one Ctrl-C ends both; a
second ends them at once. What was traded is kept in the data directory. Ends with 0 when it was asked to end,
with 130 when it was asked twice, with 1 when a service ended by itself, and with 2 when a port is taken.
"""

import argparse
import asyncio
import signal
import socket
import sys
from collections.abc import Coroutine, Mapping, Sequence
from pathlib import Path
from typing import Any

import grpc.aio

from tools.local_venue.child import Child, ChildEnded
from tools.local_venue.demonstration import ACCOUNT, provide_demonstration
from tools.local_venue.engine_channel import open_channel, wait_until_serving

EXIT_FAILED = 1
EXIT_PORT_TAKEN = 2
EXIT_FORCED = 130
HOST = "127.0.0.1"

_WELCOME = """
Markethall is up.

  HTTP   {url}, every call at {url}/docs
  gRPC   {address}
  data   {data}

Try in another terminal:

  curl {url}/health
  curl {url}/v1/orders --json '{{"symbol":"BTC-USD","side":"BUY","quantity":"0.5","price":"65000.25"}}'
  curl {url}/v1/instruments/BTC-USD/depth

Ctrl-C ends both services.
"""


def main(arguments: Sequence[str] | None = None) -> int:
    options = _parser().parse_args(arguments)
    for service, port in (("engine", options.engine_port), ("gateway", options.gateway_port)):
        if not _is_free(port):
            problem = f"port {port} of {HOST} is taken, so the {service} cannot listen there"
            print(f"{problem}; stop what does, or choose another: --{service}-port", file=sys.stderr)
            return EXIT_PORT_TAKEN
    return asyncio.run(_run(options))


async def _run(options: argparse.Namespace) -> int:
    """Keep a venue up until a signal, or the end of one of its services, ends it."""
    venue = LocalVenue(options.data_dir)
    work = asyncio.create_task(venue.run(options.engine_port, options.gateway_port))

    def on_signal() -> None:
        if work.done() or work.cancelling():
            venue.kill()
        work.cancel()

    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        asyncio.get_running_loop().add_signal_handler(number, on_signal)
    try:
        await asyncio.wait((work,))
    finally:
        await venue.stop()
    if work.cancelled():
        return EXIT_FORCED if venue.was_killed else 0
    print(f"{_describe(work.exception())}; the venue went down", file=sys.stderr)
    return EXIT_FAILED


class LocalVenue:
    """An engine and a gateway as children of this process."""

    def __init__(self, data: Path) -> None:
        self._data = data
        self._children: list[Child] = []
        self.was_killed = False

    async def run(self, engine_port: int, gateway_port: int) -> None:
        """Bring the venue up, say so, and keep it up until it is canceled.

        Raises `ChildEnded`, and `grpc.aio.AioRpcError` where the engine refuses the demonstration data.
        """
        engine = await self._start(
            "engine",
            {"port": engine_port, "data-directory": self._data / "engine", "default-account": ACCOUNT},
            announcement="engine_listening",
        )
        listening = await engine.announced()
        address = f"{listening['host']}:{listening['port']}"
        await self._unless_one_ends(_set_up(address))
        gateway = await self._start(
            "gateway",
            {"port": gateway_port, "engine-address": address},
            announcement="gateway_listening",
        )
        started = await gateway.announced()
        print(_WELCOME.format(url=started["url"], address=address, data=self._data.resolve()), flush=True)
        await self._unless_one_ends(asyncio.Event().wait())

    async def stop(self) -> None:
        """End the gateway, then the engine, so that what the gateway has under way is answered."""
        for child in reversed(self._children):
            await child.stop()

    def kill(self) -> None:
        """End both at once."""
        self.was_killed = True
        for child in self._children:
            child.kill()

    async def _start(self, service: str, settings: Mapping[str, object], *, announcement: str) -> Child:
        flags = [f"--{name}={value}" for name, value in settings.items()]
        command = [sys.executable, "-m", f"markethall_{service}", *flags, "--log-format=text"]
        child = await Child.start(service, command, announcement=announcement)
        self._children.append(child)
        return child

    async def _unless_one_ends(self, work: Coroutine[Any, Any, object]) -> None:
        """Do `work`; raises `ChildEnded` as soon as a service ends."""
        async with asyncio.TaskGroup() as tasks:
            watches = [tasks.create_task(_watch(child)) for child in self._children]
            await work
            for watch in watches:
                watch.cancel()


async def _watch(child: Child) -> None:
    raise ChildEnded(child.name, await child.ended())


async def _set_up(address: str) -> None:
    """Wait until the engine serves, and give it the demonstration data."""
    async with open_channel(address) as channel:
        await wait_until_serving(channel)
        await provide_demonstration(channel)


def _describe(error: BaseException | None) -> str:
    if isinstance(error, BaseExceptionGroup):
        return "; ".join(_describe(part) for part in error.exceptions)
    if isinstance(error, grpc.aio.AioRpcError):
        return f"the engine refused the demonstration data: {error.code().name}: {error.details()}"
    return str(error)


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError:
            return False
        return True


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="hatch run up", description=__doc__.splitlines()[0])
    parser.add_argument("--engine-port", type=int, default=50052, help="(default: %(default)s)")
    parser.add_argument("--gateway-port", type=int, default=8080, help="(default: %(default)s)")
    parser.add_argument(
        "--data-dir", type=Path, default=Path("data"), help="what is kept (default: ./%(default)s)"
    )
    return parser


if __name__ == "__main__":
    sys.exit(main())
