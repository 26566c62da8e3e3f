"""Where a stream is, and how it goes on from there: SSE's `id` and `Last-Event-ID`.

A call whose request has a field `after_…` can be resumed; its position is the field of that name in the
responses, wherever it stands in them. Other streams begin with a snapshot, so there is nothing to resume, and
their `sequence`, where they have one, is their position. Nothing else is known here of any stream.

Several messages can share a sequence, the reports of one command for instance, and a connection can break
between them. So the position of a message is `<sequence>.<how many with this sequence were sent>`. To resume
there the engine is asked for what comes after the sequence before, and what was sent already is left out.
"""

import re
from collections.abc import Callable
from operator import attrgetter
from typing import Any, Final

import betterproto2

from markethall_gateway.engine_client import Violation
from markethall_gateway.transcoding.problems import invalid_request
from markethall_protos.codec.schema import FieldSchema, schema_of
from markethall_protos.routes import Rpc

LAST_EVENT_ID: Final = "last-event-id"

_HEADER: Final = LAST_EVENT_ID.encode()
_PREFIX: Final = "after_"
_SNAPSHOTS: Final = "sequence"
_NUMBERED: Final = re.compile(r"(\d{1,18})(?:\.(\d{1,9}))?", re.ASCII)

Read = Callable[[Any], Any]


class Resumption:
    """How the streams of one call are resumed."""

    def __init__(self, rpc: Rpc) -> None:
        after = [field for field in schema_of(rpc.request_type).fields if field.name.startswith(_PREFIX)]
        self._after: FieldSchema | None = after[0] if after else None
        name = _SNAPSHOTS if self._after is None else self._after.name.removeprefix(_PREFIX)
        self._read = _reader(rpc.response_type, name)

    def begin(self, request: betterproto2.Message, headers: list[tuple[bytes, bytes]]) -> "Position":
        """Let `request` begin where `Last-Event-ID` says, and follow from there.

        Raises `ProblemError` for an id that this stream never gave.
        """
        last = next((value.decode("latin-1") for name, value in headers if name == _HEADER), "")
        if self._after is None:
            return Position(self._read, is_counted=False)
        if self._after.kind == "string":
            if last:
                setattr(request, self._after.attribute, last)
            return Position(self._read, is_counted=False)
        if not last:
            return Position(self._read, is_counted=True)
        match = _NUMBERED.fullmatch(last)
        if match is None:
            raise invalid_request(Violation(LAST_EVENT_ID, f"expected an id of this stream, found {last!r}"))
        sequence, sent = int(match[1]), int(match[2] or 0)
        setattr(request, self._after.attribute, sequence - 1 if sent else sequence)
        return Position(self._read, is_counted=True, sent_already=(sequence, sent))


class Position:
    """Follows one stream."""

    def __init__(self, read: Read, *, is_counted: bool, sent_already: tuple[int, int] = (0, 0)) -> None:
        self._read = read
        self._is_counted = is_counted
        self._sent_already = sent_already
        self._sequence: object = None
        self._count = 0

    def of(self, message: betterproto2.Message) -> str | None:
        """The position once `message` is sent, "" where it has none, and None where it was sent before."""
        sequence = self._read(message)
        if not sequence:
            return ""
        if not self._is_counted:
            return str(sequence)
        self._count = self._count + 1 if sequence == self._sequence else 1
        self._sequence = sequence
        if sequence == self._sent_already[0] and self._count <= self._sent_already[1]:
            return None
        return f"{sequence}.{self._count}"


def _reader(cls: type[betterproto2.Message], name: str) -> Read:
    """Return what finds the field `name` in a message of `cls` or in the messages directly within it."""
    fields = schema_of(cls).fields
    if any(field.name == name for field in fields):
        return attrgetter(name)
    places = [
        (field.attribute, field.repeated)
        for field in fields
        if field.message_type is not None
        and any(inner.name == name for inner in schema_of(field.message_type).fields)
    ]

    def read(message: betterproto2.Message) -> Any:
        for attribute, is_repeated in places:
            value = getattr(message, attribute)
            if is_repeated:
                value = value[-1] if value else None
            if value is not None:
                return getattr(value, name)
        return None

    return read
