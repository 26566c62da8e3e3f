"""How long a call may take: what the gateway is set to, or less if its caller asks for less."""

import re
from collections.abc import Iterable
from typing import Final

from markethall_gateway.engine_client import Violation
from markethall_gateway.transcoding.problems import invalid_request

REQUEST_TIMEOUT: Final = "x-request-timeout"
"""The header in which a caller gives the seconds that it will wait, such as `0.25`."""

_HEADER: Final = REQUEST_TIMEOUT.encode()
_DECIMAL: Final = re.compile(rb"[0-9]{1,9}(?:\.[0-9]{1,9})?")


def timeout_s(headers: Iterable[tuple[bytes, bytes]], longest_s: float) -> float:
    """Seconds for a call with these request headers. Raises `ProblemError` where they do not make sense."""
    for name, value in headers:
        if name == _HEADER:
            return min(_seconds(value), longest_s)
    return longest_s


def _seconds(value: bytes) -> float:
    seconds = float(value) if _DECIMAL.fullmatch(value) else 0.0
    if not seconds:
        found = value.decode("latin-1")
        raise invalid_request(Violation(REQUEST_TIMEOUT, f"expected seconds above 0, found {found!r}"))
    return seconds
