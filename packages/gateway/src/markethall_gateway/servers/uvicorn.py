"""uvicorn, within our process: HTTP/1.1 at about three times Hypercorn's rate, without HTTP/2."""

import contextlib
import socket
from collections.abc import Iterator

import uvicorn
from starlette.types import ASGIApp

from markethall_common.shutdown import Shutdown
from markethall_gateway.servers.lifetime import serve_until
from markethall_gateway.servers.listener import BACKLOG
from markethall_gateway.servers.options import ServerOptions


class _Server(uvicorn.Server):
    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Leave the signals to our shutdown."""
        yield

    def stop(self) -> None:
        """Take no more requests, and finish those under way."""
        self.should_exit = True


async def serve(app: ASGIApp, listener: socket.socket, options: ServerOptions, shutdown: Shutdown) -> None:
    """Serve until the shutdown is requested and what is under way is done, or its deadline has passed."""
    server = _Server(
        uvicorn.Config(
            app,
            lifespan="off",
            log_config=None,
            access_log=False,
            server_header=False,
            proxy_headers=False,
            backlog=BACKLOG,
            timeout_keep_alive=round(options.keep_alive_s),
            timeout_graceful_shutdown=max(1, round(options.grace_s)),
            ssl_certfile=options.certificate_file,
            ssl_keyfile=options.key_file,
        )
    )
    await serve_until(shutdown, server.serve([listener]), server.stop)
