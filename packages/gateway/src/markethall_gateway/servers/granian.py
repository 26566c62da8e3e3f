"""Granian, within our process: HTTP/1.1 and HTTP/2 by a server written in Rust."""

import socket

from granian._granian import SocketHolder
from granian.constants import Interfaces
from granian.server.embed import Server
from starlette.types import ASGIApp

from markethall_common.shutdown import Shutdown
from markethall_gateway.servers.lifetime import serve_until
from markethall_gateway.servers.listener import BACKLOG
from markethall_gateway.servers.options import ServerOptions


class _Server(Server):
    """Granian on a socket that listens already, as its own worker processes get theirs."""

    listener: socket.socket

    def _init_shared_socket(self) -> None:
        self._ssp = None
        # The stubs of granian 2.8 leave the arguments out.
        holder = SocketHolder(self.listener.detach(), False, BACKLOG)  # type: ignore[call-arg]
        self._shd = holder  # type: ignore[assignment]
        self._sfd = holder.get_fd()


async def serve(app: ASGIApp, listener: socket.socket, options: ServerOptions, shutdown: Shutdown) -> None:
    """Serve until the shutdown is requested and what is under way is done, or its deadline has passed."""
    host, port = listener.getsockname()[:2]
    server = _Server(
        app,
        address=host,
        port=port,
        interface=Interfaces.ASGINL,
        backlog=BACKLOG,
        log_enabled=False,
        ssl_cert=options.certificate_file,
        ssl_key=options.key_file,
    )
    server.listener = listener
    await serve_until(shutdown, server.serve(), server.stop)
