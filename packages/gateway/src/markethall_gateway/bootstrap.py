"""Puts the gateway together: the one place that knows every part by name."""

import gc
import socket
from collections.abc import Iterator
from importlib import import_module
from importlib.metadata import version
from typing import Final

import grpc
from starlette.applications import Starlette
from starlette.routing import Route
from starlette.types import ASGIApp

from markethall_common.clock import Clock, SystemClock
from markethall_common.listening import warn_if_exposed
from markethall_common.logs import logger
from markethall_common.shutdown import Shutdown
from markethall_gateway.endpoints.calls import UnaryCall
from markethall_gateway.endpoints.docs import documentation, to_docs
from markethall_gateway.endpoints.failures import HANDLERS
from markethall_gateway.endpoints.health import EngineHealth, Ping, SharedAnswer
from markethall_gateway.endpoints.streams import StreamCall
from markethall_gateway.endpoints.table import Endpoint, Table
from markethall_gateway.engine_client import EngineClient
from markethall_gateway.engine_client.channel import open_channel
from markethall_gateway.middleware.access_log import AccessLog
from markethall_gateway.middleware.correlation import Correlation
from markethall_gateway.middleware.cross_origin import cross_origin
from markethall_gateway.middleware.draining import Draining
from markethall_gateway.middleware.failures import Failures
from markethall_gateway.middleware.request_body import RequestBody
from markethall_gateway.middleware.security_headers import SecurityHeaders
from markethall_gateway.servers.listener import listen, url_of
from markethall_gateway.servers.options import ServerOptions
from markethall_gateway.settings import GatewaySettings
from markethall_gateway.transcoding.routes import RouteTable
from markethall_protos.routes import HttpRoute
from markethall_protos.v1 import ROUTES, RPCS

DISTRIBUTION: Final = "markethall-gateway"

_COLLECTION_THRESHOLDS: Final = (20_000, 20, 100)


async def run(settings: GatewaySettings) -> None:
    """Serve until a signal asks for the end. Raises `PortUnavailable`."""
    with Shutdown(settings.shutdown_grace_s) as shutdown:
        listener = listen(settings.host, settings.port)
        url = url_of(listener, has_tls=settings.has_tls)
        engine = open_engine(settings)
        app = build_app(settings, engine, shutdown)
        warn_if_exposed(settings.host, listener.getsockname()[1], is_encrypted=settings.has_tls)
        logger.info("gateway_listening", url=url, engine=settings.engine.address, server=settings.server)
        engine.keep_connected()
        _settle_memory()
        try:
            await serve(app, listener, settings, shutdown)
        finally:
            await engine.close()
        logger.info("gateway_stopped", reason=shutdown.reason)


def _settle_memory() -> None:
    """Have the garbage collector leave alone what start-up has made, and look less often.

    Most of what a request makes is freed without it.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(*_COLLECTION_THRESHOLDS)


def open_engine(settings: GatewaySettings) -> EngineClient:
    """Make the client of the engine, which need not be there yet."""
    credentials = None
    if settings.engine.ca_file is not None:
        credentials = grpc.ssl_channel_credentials(settings.engine.ca_file.read_bytes())
    return EngineClient(
        open_channel(settings.engine.address, credentials),
        RPCS.values(),
        command_capacity=settings.engine.command_capacity,
    )


def build_app(
    settings: GatewaySettings, engine: EngineClient, shutdown: Shutdown, clock: Clock | None = None
) -> ASGIApp:
    """Make the ASGI application, whichever server carries it."""
    clock = clock or SystemClock()
    installed = version(DISTRIBUTION)
    table: RouteTable[Endpoint] = RouteTable()
    for path, endpoint in (
        *_health(settings, engine, clock, installed),
        *documentation(ROUTES, installed),
    ):
        _add_get(table, path, endpoint)
    for route in ROUTES:
        _add_call(table, route, settings, engine, shutdown)
    rest = Starlette(routes=[Route("/", to_docs)], exception_handlers=HANDLERS)
    return surround(Draining(Table(table, rest), shutdown), settings)


def surround(app: ASGIApp, settings: GatewaySettings) -> ASGIApp:
    """Put the middleware around an application; the last one here is the first to see a request."""
    request = settings.request
    app = RequestBody(app, max_bytes=request.max_body_bytes, timeout_s=request.body_timeout_s)
    app = Failures(app)
    if settings.cors_origins:
        app = cross_origin(app, settings.cors_origins)
    app = SecurityHeaders(app, has_tls=settings.has_tls)
    if settings.access_log:
        app = AccessLog(app)
    return Correlation(app)


def _health(
    settings: GatewaySettings, engine: EngineClient, clock: Clock, installed: str
) -> Iterator[tuple[str, Endpoint]]:
    health = EngineHealth(
        engine,
        address=settings.engine.address,
        timeout_s=settings.engine.health_timeout_s,
        gateway={"version": installed, "environment": settings.environment},
        clock=clock,
    )
    yield "/ping", Ping(installed, clock)
    yield "/ping/core-engine", SharedAnswer(health.ping)
    yield "/health", SharedAnswer(health.health)


def _add_call(
    table: RouteTable[Endpoint],
    route: HttpRoute,
    settings: GatewaySettings,
    engine: EngineClient,
    shutdown: Shutdown,
) -> None:
    """Let a route of the contract lead to its call."""
    if route.rpc.server_streaming:
        stream = StreamCall(
            route,
            engine,
            lifetime_s=settings.stream.lifetime_s,
            heartbeat_s=settings.stream.heartbeat_s,
            shutdown=shutdown,
        )
        table.add(route.method, route.path, stream)
        return
    call = UnaryCall(route, engine, longest_s=settings.engine.timeout_s)
    if route.method == "GET":
        _add_get(table, route.path, call)
    else:
        table.add(route.method, route.path, call)


def _add_get(table: RouteTable[Endpoint], path: str, endpoint: Endpoint) -> None:
    """Let GET and HEAD lead to `endpoint`; the server leaves the body of a HEAD out."""
    table.add("GET", path, endpoint)
    table.add("HEAD", path, endpoint)


async def serve(app: ASGIApp, listener: socket.socket, settings: GatewaySettings, shutdown: Shutdown) -> None:
    """Run the server that the settings name; the others are extras, and imported only when wanted."""
    options = ServerOptions(
        keep_alive_s=settings.keep_alive_s,
        grace_s=settings.shutdown_grace_s,
        certificate_file=settings.tls.certificate_file,
        key_file=settings.tls.key_file,
    )
    server = import_module(f"markethall_gateway.servers.{settings.server}")
    await server.serve(app, listener, options, shutdown)
