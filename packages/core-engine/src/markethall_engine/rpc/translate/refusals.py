"""Refusals by the venue's rules of commands whose replies have no place for one."""

from markethall_engine.application.record import Record
from markethall_engine.domain.events import CommandRejected
from markethall_engine.domain.reasons import RejectReason
from markethall_engine.rpc.errors import (
    AlreadyExists,
    CallRefused,
    InvalidParameters,
    NotFound,
    PreconditionFailed,
)

_REFUSALS: dict[RejectReason, type[CallRefused]] = {
    RejectReason.UNKNOWN_ACCOUNT: NotFound,
    RejectReason.UNKNOWN_ASSET: NotFound,
    RejectReason.UNKNOWN_INSTRUMENT: NotFound,
    RejectReason.ALREADY_EXISTS: AlreadyExists,
    RejectReason.INVALID_PARAMETERS: InvalidParameters,
}
"""PreconditionFailed where nothing is said here."""


def refusal_of(record: Record) -> CallRefused:
    """What to raise for a command that was refused."""
    [event] = record.events
    assert isinstance(event, CommandRejected)
    return _REFUSALS.get(event.reason, PreconditionFailed)(event.reason.name, event.detail)
