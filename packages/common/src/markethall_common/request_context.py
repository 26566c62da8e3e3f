"""Which request the code at hand is working for: its request id, its trace and its account.

The context of a request is received once, at the edge of a service, from HTTP headers or gRPC metadata. It
stays in a context variable while the request is worked on, from where log lines take it, and travels on to
the next service and back to the caller in the same headers.
"""

import os
import re
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, replace

from markethall_common.trace_context import TraceContext

REQUEST_ID = "x-request-id"
TRACEPARENT = "traceparent"
TRACESTATE = "tracestate"

Headers = Mapping[str, str] | Iterable[tuple[str | bytes, str | bytes]]
"""HTTP headers or gRPC metadata: a mapping, or pairs of names and values, text or (as in ASGI) bytes."""

_REQUEST_ID_BYTES = 16
_SAFE_REQUEST_ID = re.compile(r"[A-Za-z0-9._~:/+=@-]{1,128}")
_HEADER_NAMES: dict[str | bytes, str] = {
    spelling: name for name in (REQUEST_ID, TRACEPARENT, TRACESTATE) for spelling in (name, name.encode())
}


@dataclass(frozen=True, slots=True)
class RequestContext:
    """One request as this service sees it. `account_id` is empty until it is known."""

    request_id: str
    trace: TraceContext
    account_id: str = ""

    @classmethod
    def new(cls) -> "RequestContext":
        """Begin a request that no caller sent, such as a probe of our own."""
        return cls(_new_request_id(), TraceContext.new())

    @classmethod
    def receive(cls, headers: Headers) -> "RequestContext":
        """Take over a caller's request id and trace, each replaced by a new one where missing or unfit.

        A request id is fit when it is 1 to 128 characters of `A-Z a-z 0-9 . _ ~ : / + = @ -`, so that it
        is harmless in a log, a header or a URL. Names are matched in any case. A header that comes more
        than once is joined by commas (RFC 9110, 5.3), which only `tracestate` may be.
        """
        received = _received(headers)
        return cls.resume(
            received.get(REQUEST_ID, ""), received.get(TRACEPARENT, ""), received.get(TRACESTATE, "")
        )

    @classmethod
    def resume(cls, request_id: str, traceparent: str, tracestate: str = "") -> "RequestContext":
        """Do as `receive` does, with values that came in a message rather than in headers; "" is none."""
        caller = TraceContext.parse(traceparent, tracestate) if traceparent else None
        return cls(
            request_id if _SAFE_REQUEST_ID.fullmatch(request_id) else _new_request_id(),
            TraceContext.new() if caller is None else caller.child(),
        )

    def headers(self) -> tuple[tuple[str, str], ...]:
        """Write the headers (or metadata) that carry this context on, and back in the response."""
        headers = ((REQUEST_ID, self.request_id), (TRACEPARENT, self.trace.traceparent))
        return (*headers, (TRACESTATE, self.trace.state)) if self.trace.state else headers


_current: ContextVar[RequestContext | None] = ContextVar("markethall_request", default=None)


def current() -> RequestContext | None:
    """Return the request that is being worked on here, or None outside of any."""
    return _current.get()


@contextmanager
def entered(context: RequestContext) -> Iterator[RequestContext]:
    """Work on `context` within the block and in the tasks that it starts; afterwards, on what was before."""
    token = _current.set(context)
    try:
        yield context
    finally:
        _current.reset(token)


def set_account(account_id: str) -> None:
    """Note whose request this is, once that is known; outside of any request nothing happens.

    The note is seen by the rest of this task, up to the end of the `entered` block, and by tasks that start
    from here on. Tasks that have started already keep what they saw.
    """
    context = _current.get()
    if context is not None:
        _current.set(replace(context, account_id=account_id))


def _received(headers: Headers) -> dict[str, str]:
    received: dict[str, str] = {}
    for spelling, raw in headers.items() if isinstance(headers, Mapping) else headers:
        name = _HEADER_NAMES.get(spelling.lower())
        if name is not None:
            value = (raw if isinstance(raw, str) else raw.decode("latin-1")).strip(" \t")
            received[name] = f"{received[name]},{value}" if name in received else value
    return received


def _new_request_id() -> str:
    return os.urandom(_REQUEST_ID_BYTES).hex()
