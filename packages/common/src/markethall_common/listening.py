"""Where a service may listen: on loopback freely, elsewhere with TLS or on an explicit word."""

from collections.abc import Iterator
from ipaddress import ip_address

from markethall_common.logs import logger
from markethall_common.settings import Problem


def is_loopback(host: str) -> bool:
    """Whether only this machine can reach `host`: `localhost`, a loopback address, or a Unix socket.

    Another name counts as reachable, whatever it resolves to today, and so does the empty one.
    """
    if host == "localhost" or host.startswith("unix:"):
        return True
    try:
        return ip_address(host.removeprefix("[").removesuffix("]")).is_loopback
    except ValueError:
        return False


def listening_problems(host: str, *, is_encrypted: bool, allow_insecure: bool) -> Iterator[Problem]:
    """Yield a problem with the setting `host` where others could reach the service without TLS."""
    if not (is_loopback(host) or is_encrypted or allow_insecure):
        yield Problem("host", "a loopback address, or TLS, or allow_insecure = true", repr(host))


def warn_if_exposed(host: str, port: int, *, is_encrypted: bool) -> None:
    """Log a warning where others can reach the service without TLS."""
    if not (is_loopback(host) or is_encrypted):
        logger.warning("listening_without_encryption", host=host, port=port)
