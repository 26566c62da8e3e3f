"""Granian, within our process: HTTP/1.1 and HTTP/2 by a server written in Rust."""

import socket

from granian.constants import Interfaces
from granian.server.embed import Server
from starlette.types import ASGIApp

from markethall_common.shutdown import Shutdown
from markethall_gateway.servers.lifetime import serve_until
from markethall_gateway.servers.listener import BACKLOG
from markethall_gateway.servers.options import ServerOptions


async def serve(app: ASGIApp, listener: socket.socket, options: ServerOptions, shutdown: Shutdown) -> None:
    """Serve until the shutdown is requested and what is under way is done, or its deadline has passed.

    Granian makes its own socket, so the listener has only found the port and is closed.
    """
    host, port = listener.getsockname()[:2]
    listener.close()
    server = Server(
        app,
        address=host,
        port=port,
        interface=Interfaces.ASGINL,
        backlog=BACKLOG,
        log_enabled=False,
        ssl_cert=options.certificate_file,
        ssl_key=options.key_file,
    )
    await serve_until(shutdown, server.serve(), server.stop)
