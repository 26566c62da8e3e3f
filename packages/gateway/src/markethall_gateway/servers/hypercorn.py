"""Hypercorn, within our process: HTTP/1.1 and HTTP/2, in clear and over TLS.

Its own process management loses requests while it drains, and its time limit does not hold on every Python,
so the end is ours: its trigger is our shutdown, and at the deadline what is left is canceled.
"""

import logging
import socket
from typing import Final

from hypercorn.asyncio import serve as run_hypercorn
from hypercorn.config import Config
from starlette.types import ASGIApp

from markethall_common.shutdown import Shutdown
from markethall_gateway.servers.lifetime import serve_until
from markethall_gateway.servers.listener import BACKLOG
from markethall_gateway.servers.options import ServerOptions

_UNLIMITED: Final = 2**62
"""Requests on one connection: at its default of 1,000 it cuts HTTP/2 streams that are under way."""

_CIPHERS: Final = "ECDHE+AESGCM:ECDHE+CHACHA20"


async def serve(app: ASGIApp, listener: socket.socket, options: ServerOptions, shutdown: Shutdown) -> None:
    """Serve until the shutdown is requested and what is under way is done, or its deadline has passed."""
    config = _config(listener, options)
    await serve_until(shutdown, run_hypercorn(app, config, shutdown_trigger=shutdown.requested))  # type: ignore[arg-type]


def _config(listener: socket.socket, options: ServerOptions) -> Config:
    config = Config()
    config.bind = [f"fd://{listener.detach()}"]
    config.backlog = BACKLOG
    config.keep_alive_timeout = options.keep_alive_s
    config.keep_alive_max_requests = _UNLIMITED
    config.graceful_timeout = options.grace_s
    config.include_server_header = False
    config.accesslog = None
    config.errorlog = logging.getLogger("hypercorn.error")
    config.errorlog.setLevel(logging.WARNING)  # it would say once more where we listen
    if options.certificate_file is not None and options.key_file is not None:
        config.certfile = str(options.certificate_file)
        config.keyfile = str(options.key_file)
        config.ciphers = _CIPHERS
    return config
