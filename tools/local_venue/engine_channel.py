"""The way to an engine, and to know when it serves."""

import asyncio

import grpc.aio
from grpc_health.v1.health_pb2 import HealthCheckRequest, HealthCheckResponse

from tools.connection_checks.reachability import why_unreachable

_OPTIONS = (
    # By default a client may sleep for seconds after an engine has come up.
    ("grpc.initial_reconnect_backoff_ms", 50),
    ("grpc.min_reconnect_backoff_ms", 50),
    ("grpc.max_reconnect_backoff_ms", 500),
)


def open_channel(address: str) -> grpc.aio.Channel:
    return grpc.aio.insecure_channel(address, options=_OPTIONS)


class NoEngine(Exception):
    """Nothing answers at the address, or not as an engine."""


async def connect(channel: grpc.aio.Channel, address: str, *, timeout_s: float) -> None:
    """Wait until the channel to `address`, `host:port`, is connected. Raises `NoEngine`."""
    host, _, port = address.rpartition(":")
    why = await why_unreachable(host, int(port), timeout_s)
    if why:
        raise NoEngine(f"{address} {why}; `hatch run up` or `hatch run engine` starts an engine")
    try:
        async with asyncio.timeout(timeout_s):
            await channel.channel_ready()
    except TimeoutError:
        raise NoEngine(f"{address} accepts connections, but does not speak gRPC") from None


async def wait_until_serving(channel: grpc.aio.Channel) -> None:
    """Watch the engine's health until it says that it serves."""
    watch = channel.unary_stream(
        "/grpc.health.v1.Health/Watch",
        request_serializer=HealthCheckRequest.SerializeToString,
        response_deserializer=HealthCheckResponse.FromString,
    )
    call = watch(HealthCheckRequest(), wait_for_ready=True)
    async for response in call:
        if response.status == HealthCheckResponse.SERVING:
            call.cancel()
            return
