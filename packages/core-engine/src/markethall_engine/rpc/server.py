"""The gRPC server: its port, its limits, its services, and its end in order."""

import socket
from dataclasses import dataclass

import grpc.aio

from markethall_common.logs import logger
from markethall_common.shutdown import Deadline
from markethall_engine.rpc.calls import CallInterceptor
from markethall_engine.rpc.health import HEALTH_SERVICE, Health
from markethall_engine.rpc.lifecycle import Lifecycle, State
from markethall_engine.rpc.reflection import add_reflection
from markethall_engine.rpc.services import Services
from markethall_engine.rpc.venue import Venue

_WAITING_CALLS = 65_536
"""Calls that gRPC holds until the event loop takes them up; untold, it cancels those beyond 1,000."""

_LAST_ANSWERS_S = 0.5
"""Only who watches the health service waits so long: its streams do not end by themselves."""


@dataclass(frozen=True, slots=True)
class Limits:
    """What one client, or all together, may ask of the server."""

    max_message_bytes: int
    """Of a request or a response, encoded."""
    max_concurrent_calls: int
    """Streams included; what comes beyond is refused with RESOURCE_EXHAUSTED."""
    call_timeout_s: float
    """For a unary call that brings no deadline of its own."""
    keepalive_time_s: float
    """A connection that is silent for so long is pinged."""
    keepalive_timeout_s: float
    """A connection that does not answer a ping for so long is closed."""


class PortUnavailable(Exception):
    """The address cannot be listened on, most likely because another process does."""

    def __init__(self, host: str, port: int, reason: str) -> None:
        super().__init__(f"cannot listen on {host}:{port}: {reason}. Choose another port or end what has it")
        self.host = host
        self.port = port


class Server:
    """Answers at once, with refusals until it is given a venue to serve."""

    def __init__(self, lifecycle: Lifecycle, limits: Limits) -> None:
        """Make the server; needs a running loop."""
        self._lifecycle = lifecycle
        self._calls = CallInterceptor(lifecycle, call_timeout_s=limits.call_timeout_s)
        self._health = Health(Services.names)
        self._server = grpc.aio.server(
            interceptors=(self._calls,),
            options=_options(limits),
            maximum_concurrent_rpcs=limits.max_concurrent_calls,
        )

    def bind(self, host: str, port: int) -> int:
        """Take a port and return it; a `port` of 0 lets the system choose. Raises `PortUnavailable`."""
        try:
            return self._server.add_insecure_port(f"[{host}]:{port}" if ":" in host else f"{host}:{port}")
        except RuntimeError as error:
            raise PortUnavailable(host, port, _why_unavailable(host, port)) from error

    async def start(self, services: Services) -> None:
        """Begin to answer."""
        services.add_to(self._server)
        self._health.add_to(self._server)
        add_reflection((*services.names, HEALTH_SERVICE), self._server)
        await self._health.set_serving(serving=False)
        await self._server.start()

    async def serve(self, venue: Venue) -> None:
        """Take up calls, on `venue`."""
        self._lifecycle.run(venue)
        await self._health.set_serving(serving=True)

    async def drain(self, deadline: Deadline) -> None:
        """Take up no more calls and wait for those under way, which `deadline` ends.

        The port stays open meanwhile, so that health checks hear why.
        """
        self._lifecycle.drain()
        await self._health.set_serving(serving=False)
        try:
            async with deadline.timeout():
                await self._calls.idle()
        except TimeoutError:
            logger.warning("calls_canceled", count=self._calls.under_way)
        await self.stop()

    async def stop(self) -> None:
        """Close the port, give the last answers a moment to leave, and cancel what is still under way.

        May be called again, and does nothing then.
        """
        if self._lifecycle.state is State.STOPPED:
            return
        self._lifecycle.stop()
        await self._health.set_serving(serving=False)
        await self._server.stop(_LAST_ANSWERS_S)


def _why_unavailable(host: str, port: int) -> str:
    """Find out what the system has against an address; gRPC does not tell."""
    try:
        socket.create_server((host, port), family=socket.AF_INET6 if ":" in host else socket.AF_INET).close()
    except OSError as error:
        return error.strerror or str(error)
    return "gRPC cannot bind it"


def _options(limits: Limits) -> tuple[tuple[str, int], ...]:
    return (
        # Two engines on one port would silently share its calls.
        ("grpc.so_reuseport", 0),
        ("grpc.max_receive_message_length", limits.max_message_bytes),
        ("grpc.max_send_message_length", limits.max_message_bytes),
        # Who comes in a burst is to be answered, or refused with a reason; not canceled (decision 0096).
        ("grpc.server.max_pending_requests", _WAITING_CALLS),
        ("grpc.server.max_pending_requests_hard_limit", _WAITING_CALLS),
        ("grpc.keepalive_time_ms", round(limits.keepalive_time_s * 1e3)),
        ("grpc.keepalive_timeout_ms", round(limits.keepalive_timeout_s * 1e3)),
        # Clients may ping as often as we do, also while they have no call.
        ("grpc.keepalive_permit_without_calls", 1),
        ("grpc.http2.min_ping_interval_without_data_ms", 5_000),
        ("grpc.http2.max_ping_strikes", 2),
    )
