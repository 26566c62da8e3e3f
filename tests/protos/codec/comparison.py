"""Compares messages of ours with Google's, field by field, and Google's with each other."""

import struct
from datetime import UTC, datetime, timedelta
from typing import Any

from google.protobuf.descriptor import FieldDescriptor

from markethall_protos.codec.schema import FieldSchema, schema_of

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def assert_same(ours: Any, google: Any) -> None:
    """Assert that every field of our message holds what Google's holds, bit for bit."""
    descriptor = google.DESCRIPTOR
    fields = schema_of(type(ours)).fields
    assert [field.name for field in fields] == [field.name for field in descriptor.fields]
    for field in fields:
        expected = _expected(field, google, descriptor.fields_by_name[field.name])
        assert _bits(getattr(ours, field.attribute)) == _bits(expected), field.name


def _expected(field: FieldSchema, google: Any, descriptor: FieldDescriptor) -> Any:
    value = getattr(google, descriptor.name)
    if field.kind == "map":
        assert field.value is not None
        return {key: _expected_value(field.value, value[key]) for key in value}
    if field.repeated:
        return [_expected_value(field, item) for item in value]
    if descriptor.has_presence and not google.HasField(descriptor.name):
        return None
    return _expected_value(field, value)


def _expected_value(field: FieldSchema, value: Any) -> Any:
    if field.kind == "timestamp":
        return EPOCH + timedelta(seconds=value.seconds, microseconds=value.nanos // 1000)
    if field.kind == "duration":
        return timedelta(seconds=value.seconds, microseconds=int(value.nanos / 1000))
    if field.kind == "wrapper":
        return value.value
    if field.message_type is not None:
        return _Message(value)
    return value


class _Message:
    """Google's message, equal to the message of ours that holds the same."""

    def __init__(self, google: Any) -> None:
        self.google = google

    def __eq__(self, other: object) -> bool:
        assert_same(other, self.google)
        return True

    __hash__ = None  # type: ignore[assignment]


def _bits(value: Any) -> Any:
    """Tell negative zero from zero, and hold one NaN equal to another."""
    if isinstance(value, float):
        return "NaN" if value != value else struct.pack("<d", value)
    if isinstance(value, list):
        return [_bits(item) for item in value]
    if isinstance(value, dict):
        return {key: _bits(item) for key, item in value.items()}
    return value


def wire_form(google: Any) -> bytes:
    """Google's bytes of the message, the same for equal messages, NaN included."""
    form: bytes = google.SerializeToString(deterministic=True)
    return form


def as_python_holds_it(google: Any) -> Any:
    """Return a copy of Google's message less what Python has no place for: see `times` and `binary`."""
    copy = type(google).FromString(google.SerializeToString())
    copy.DiscardUnknownFields()
    _drop_nanos(copy)
    return copy


def _drop_nanos(message: Any) -> None:
    if message.DESCRIPTOR.full_name in ("google.protobuf.Timestamp", "google.protobuf.Duration"):
        message.nanos = int(message.nanos / 1000) * 1000
    for descriptor, value in message.ListFields():
        if descriptor.message_type is None:
            continue
        if descriptor.message_type.GetOptions().map_entry:
            if descriptor.message_type.fields_by_name["value"].message_type is not None:
                for key in value:
                    _drop_nanos(value[key])
        else:
            for item in value if descriptor.is_repeated else [value]:
                _drop_nanos(item)
