"""The socket that the gateway listens on, made by us whichever server then accepts from it."""

import socket
import sys
from ipaddress import IPv6Address, ip_address
from typing import Final

BACKLOG: Final = 2048
"""Connections that may wait to be accepted; with 100 of them, a burst of 500 takes 1.5 s."""


class PortUnavailable(Exception):
    """The address cannot be listened on, most likely because another process does."""

    def __init__(self, host: str, port: int, why: str) -> None:
        super().__init__(
            f"cannot listen on {host}:{port}: {why}; is another gateway running there? "
            "Choose another port or stop it"
        )


def listen(host: str, port: int) -> socket.socket:
    """Listen on `host` and `port`; a `port` of 0 takes a free one. Raises `PortUnavailable`."""
    family = socket.AF_INET6 if _is_ipv6(host) else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
    try:
        if sys.platform != "win32":  # there it would share the port with whoever has it already
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        listener.bind((host, port))
        listener.listen(BACKLOG)
    except OSError as error:
        listener.close()
        raise PortUnavailable(host, port, error.strerror or str(error)) from error
    listener.setblocking(False)
    return listener


def url_of(listener: socket.socket, *, has_tls: bool) -> str:
    """The URL under which this machine reaches the listener."""
    host, port = listener.getsockname()[:2]
    shown = f"[{host}]" if _is_ipv6(host) else host
    return f"{'https' if has_tls else 'http'}://{shown}:{port}"


def _is_ipv6(host: str) -> bool:
    try:
        return isinstance(ip_address(host), IPv6Address)
    except ValueError:
        return False
