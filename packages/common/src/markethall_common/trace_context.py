"""W3C Trace Context, level 1: which trace a request belongs to, and which step of it this is.

https://www.w3.org/TR/trace-context-1/ gives the rules. A `traceparent` that breaks them is as good as none,
and its `tracestate` goes with it; a `tracestate` that breaks them is dropped alone.
"""

import os
import re
from dataclasses import dataclass, replace

TRACE_ID_BYTES = 16
SPAN_ID_BYTES = 8

_SAMPLED = 0x01
_VERSION_00_LENGTH = 55
_TRACEPARENT = re.compile(
    r"(?!ff)(?P<version>[0-9a-f]{2})"
    r"-(?P<trace_id>(?!0{32})[0-9a-f]{32})"
    r"-(?P<span_id>(?!0{16})[0-9a-f]{16})"
    r"-(?P<flags>[0-9a-f]{2})"
    r"(?:-.*)?"  # what a later version may add
)

_MAX_STATE_MEMBERS = 32
_MAX_STATE_CHARACTERS = 512
_STATE_MEMBER = re.compile(
    r"(?:[a-z][a-z0-9_*/-]{0,255}|[a-z0-9][a-z0-9_*/-]{0,240}@[a-z][a-z0-9_*/-]{0,13})"
    r"=[\x20-\x2b\x2d-\x3c\x3e-\x7e]{0,255}[\x21-\x2b\x2d-\x3c\x3e-\x7e]"
)


@dataclass(frozen=True, slots=True)
class TraceContext:
    """One step (a span) of one trace.

    `trace_id` is 32 and `span_id` 16 lower-case hexadecimal digits, neither all zeros. `state` is the
    `tracestate` of whoever began the trace, passed on as it came, or empty.
    """

    trace_id: str
    span_id: str
    is_sampled: bool = False
    state: str = ""

    @classmethod
    def new(cls) -> "TraceContext":
        """Begin a trace. It is not marked as sampled: nobody has recorded it yet."""
        random = os.urandom(TRACE_ID_BYTES + SPAN_ID_BYTES).hex()
        return cls(random[: TRACE_ID_BYTES * 2], random[TRACE_ID_BYTES * 2 :])

    @classmethod
    def parse(cls, traceparent: str, tracestate: str = "") -> "TraceContext | None":
        """Read the two headers as the caller sent them, or return None where `traceparent` is invalid.

        The result is the *caller's* step; `child()` of it is ours.
        """
        match = _TRACEPARENT.fullmatch(traceparent)
        if match is None or (match["version"] == "00" and len(traceparent) != _VERSION_00_LENGTH):
            return None
        is_sampled = bool(int(match["flags"], 16) & _SAMPLED)
        return cls(match["trace_id"], match["span_id"], is_sampled, _valid_state(tracestate))

    def child(self) -> "TraceContext":
        """Return the next step of the same trace, with a span id of its own."""
        return replace(self, span_id=os.urandom(SPAN_ID_BYTES).hex())

    @property
    def traceparent(self) -> str:
        """The header that tells the next service that this step is its parent, in version 00."""
        return f"00-{self.trace_id}-{self.span_id}-{'01' if self.is_sampled else '00'}"


def _valid_state(tracestate: str) -> str:
    """Return `tracestate` without empty members and cut to its first 512 characters' whole members."""
    if not tracestate:
        return ""
    members = [member for part in tracestate.split(",") if (member := part.strip(" \t"))]
    if len(members) > _MAX_STATE_MEMBERS or not all(_STATE_MEMBER.fullmatch(member) for member in members):
        return ""
    while len(state := ",".join(members)) > _MAX_STATE_CHARACTERS:
        members.pop()
    return state
