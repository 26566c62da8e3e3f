"""The plainest gateway there can be: what `/ping/core-engine` is measured against.

Starlette on Hypercorn with one handler that makes one grpc.aio call with raw bytes: no codec, no
middleware, no deadline, no shape. Run as `python -m tools.benchmarks.plain_gateway ENGINE_ADDRESS PORT`.
"""

import asyncio
import signal
import sys

import grpc.aio
from hypercorn.asyncio import serve
from hypercorn.config import Config
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route


async def main(engine_address: str, port: int) -> None:
    """Serve until SIGTERM."""
    async with grpc.aio.insecure_channel(engine_address) as channel:
        health_check: grpc.aio.UnaryUnaryMultiCallable[bytes, bytes] = channel.unary_unary(
            "/markethall.v1.CoreEngineService/HealthCheck"
        )

        async def ping(request: Request) -> JSONResponse:
            reply: bytes = await health_check(b"")
            return JSONResponse({"message": "Core Engine ping successful", "bytes": len(reply)})

        config = Config()
        config.bind = [f"127.0.0.1:{port}"]
        config.backlog = 2048
        config.loglevel = "WARNING"
        config.keep_alive_max_requests = 1_000_000_000
        ended = asyncio.Event()
        asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, ended.set)

        async def until_ended() -> None:
            await ended.wait()

        app = Starlette(routes=[Route("/ping/core-engine", ping)])
        await serve(app, config, shutdown_trigger=until_ended)  # type: ignore[arg-type]  # Starlette is an ASGI app


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], int(sys.argv[2])))
