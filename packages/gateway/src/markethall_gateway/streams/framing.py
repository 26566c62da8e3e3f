"""The two forms in which a stream goes over HTTP, and the choice between them by `Accept`.

Server-sent events (https://html.spec.whatwg.org/multipage/server-sent-events.html) are what browsers read:
each message an event, its id where to resume from. Newline-delimited JSON is what programs read: each message
a line. The problem that ends a stream is an event of the type `problem`, or a line `{"problem": …}`, which no
message of the contract looks like.
"""

from collections.abc import Iterable
from typing import Final, Protocol

from markethall_gateway.transcoding import problem_kinds as kinds
from markethall_gateway.transcoding.problems import Problem, ProblemError

RETRY_MS: Final = 1_000
"""How long a browser waits before it opens a stream again."""


class Framing(Protocol):
    """How the parts of a stream are written."""

    media_type: str
    opening: bytes
    heartbeat: bytes
    """What is sent in silence, so that nobody on the way takes it for the end; empty for nothing."""

    def message(self, document: bytes, position: str) -> bytes:
        """Write one message; `position` is empty where the stream cannot be resumed there."""
        ...

    def problem(self, document: bytes) -> bytes:
        """Write what ended the stream."""
        ...


class ServerSentEvents:
    media_type = "text/event-stream"
    opening = b"retry: %d\n\n" % RETRY_MS
    heartbeat = b": still here\n\n"

    def message(self, document: bytes, position: str) -> bytes:
        if position:
            return b"id: %b\ndata: %b\n\n" % (position.encode(), document)
        return b"data: %b\n\n" % document

    def problem(self, document: bytes) -> bytes:
        return b"event: problem\ndata: %b\n\n" % document


class JsonLines:
    media_type = "application/x-ndjson"
    opening = b""
    heartbeat = b""

    def message(self, document: bytes, position: str) -> bytes:
        return document + b"\n"

    def problem(self, document: bytes) -> bytes:
        return b'{"problem":%b}\n' % document


FRAMINGS: Final[tuple[Framing, ...]] = (ServerSentEvents(), JsonLines())
"""The first is the choice of callers who have none."""


def choose_framing(headers: Iterable[tuple[bytes, bytes]]) -> Framing:
    """Choose by `Accept` (RFC 9110, 12.5.1). Raises `ProblemError` where it excludes every form there is."""
    accept = ",".join(value.decode("latin-1") for name, value in headers if name == b"accept")
    if not accept:
        return FRAMINGS[0]
    ranges = [_range(part) for part in accept.split(",")]
    best = max(FRAMINGS, key=lambda framing: _quality(framing.media_type, ranges))
    if _quality(best.media_type, ranges) == 0:
        offered = " or ".join(framing.media_type for framing in FRAMINGS)
        raise ProblemError(Problem(kinds.NOT_ACCEPTABLE, f"expected Accept with {offered}, found {accept}"))
    return best


def _range(part: str) -> tuple[str, float]:
    """Read one media range and its quality."""
    name, *parameters = (text.strip().lower() for text in part.split(";"))
    for parameter in parameters:
        if parameter.startswith("q="):
            try:
                return name, min(max(float(parameter[2:]), 0.0), 1.0)
            except ValueError:
                return name, 0.0
    return name, 1.0


def _quality(media_type: str, ranges: Iterable[tuple[str, float]]) -> float:
    """The quality by the most exact range that covers `media_type`, and 0 where none does."""
    exactness = {media_type: 3, media_type.partition("/")[0] + "/*": 2, "*/*": 1}
    covering = [(exactness[name], quality) for name, quality in ranges if name in exactness]
    return max(covering)[1] if covering else 0.0
