"""Journal records as the contract shows them: commands and events as JSON, in the journal's own units.

A field's name ends in its unit (`price_ticks`, `quantity_lots`); amounts without one are minor units.
Enums are named. `tools/inspect_journal.py` shows the same in people's units.
"""

from enum import Enum
from typing import Any

import msgspec

from markethall_engine.application.record import Record
from markethall_engine.rpc.translate.times import timestamp
from markethall_protos import v1

_encode = msgspec.json.Encoder().encode


def journal_record_message(record: Record) -> v1.JournalRecord:
    return v1.JournalRecord(
        sequence=record.sequence,
        record_time=timestamp(record.time_ns),
        command=type(record.command).__name__,
        command_json=_json(_fields(record.command)),
        events_json=[_json({"event": type(event).__name__, **_fields(event)}) for event in record.events],
    )


def _json(fields: dict[str, Any]) -> str:
    return _encode(fields).decode()


def _fields(what: msgspec.Struct) -> dict[str, Any]:
    """The fields that are set, by name."""
    values = {name: getattr(what, name) for name in what.__struct_fields__}
    return {name: _plain(value) for name, value in values.items() if value is not None}


def _plain(value: object) -> object:
    if isinstance(value, msgspec.Struct):
        return _fields(value)
    return value.name if isinstance(value, Enum) else value
