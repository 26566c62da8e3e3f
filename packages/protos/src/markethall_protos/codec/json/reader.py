"""JSON values to messages: our form, and every spelling that canonical proto3 JSON knows.

A field goes by its name in the contract or in lowerCamelCase, an enum value by its short name, full name
or number, an integer by a number or a string, `null` means unset. What cannot be placed is refused with
`JsonError`, which names it: an unknown field or enum name, a field given twice, two members of a oneof, a
number that its type cannot hold exactly. `compiled` reads what is frequent itself, leaves the rest to the
functions here, and what it cannot place to all of this.
"""

from collections.abc import Callable
from functools import cache
from typing import Any, TypeVar

import betterproto2

from markethall_protos.codec import times as spans
from markethall_protos.codec.errors import TOO_DEEP, JsonError, key_segment
from markethall_protos.codec.schema import (
    INTEGER_RANGES,
    MAX_DEPTH,
    FieldSchema,
    MessageSchema,
    schema_of,
)

from . import scalars, times
from .scalars import describe

M = TypeVar("M", bound=betterproto2.Message)

Reader = Callable[[Any, int], Any]
"""Turns a JSON value into a field's; the number is how many levels of messages may still follow."""


def json_value_decoder(cls: type[M]) -> Callable[[Any], M]:
    """Return the function that turns the Python value of JSON into a message of `cls`."""
    read = message_reader(cls)

    def decode(value: Any) -> M:
        message: M = read(value, MAX_DEPTH)
        return message

    return decode


@cache
def message_reader(cls: type[betterproto2.Message]) -> Reader:
    """Return the function that turns a JSON value into a message of `cls`, raising `JsonError`."""
    from .well_known import READERS  # it reads messages too

    schema = schema_of(cls)
    if schema.full_name in READERS:
        return READERS[schema.full_name](schema)
    read_fields = fields_reader(schema)

    def read(value: Any, depth: int) -> betterproto2.Message:
        if not isinstance(value, dict):
            raise JsonError(f"expected an object, found {describe(value)}")
        return read_fields(value.items(), depth)

    return read


def fields_reader(schema: MessageSchema) -> Callable[[Any, int], betterproto2.Message]:
    """Return the function that makes a message of the names and JSON values of its fields."""
    cls = schema.cls
    fields = {
        name: (
            field.attribute,
            field.kind == "string" and not field.repeated and not field.siblings,
            takes_null(field),
            field_reader(field),
            field,
        )
        for name, field in schema.fields_by_json_name.items()
    }
    containers = [
        (field.attribute, dict if field.kind == "map" else list)
        for field in schema.fields
        if field.repeated or field.kind == "map"
    ]
    blank = schema.blank_state()

    def read(members: Any, depth: int) -> betterproto2.Message:
        if depth < 0:
            raise JsonError(TOO_DEEP)
        state: dict[str, Any] = {}
        for given, value in members:
            if given not in fields:
                raise JsonError(f"no such field in {schema.full_name}", str(given))
            attribute, is_plain_text, null_is_value, read_field, field = fields[given]
            if is_plain_text and value.__class__ is str and value.isascii() and attribute not in state:
                state[attribute] = value  # what is most frequent, without a call
            elif value is not None or null_is_value:
                if attribute in state or field.siblings:
                    _check_place(field, state)
                try:
                    state[attribute] = read_field(value, depth)
                except JsonError as error:
                    raise error.within(field.name) from None
        for attribute, container in containers:
            if attribute not in state:
                state[attribute] = container()
        message = cls.__new__(cls)
        message.__dict__ = blank | state
        return message

    return read


def _check_place(field: FieldSchema, state: dict[str, Any]) -> None:
    """Refuse a field that was there before, or whose oneof has another member."""
    if field.attribute in state:
        raise JsonError("expected once, found twice: under its name and in lowerCamelCase", field.name)
    for rival in field.siblings:
        if rival in state:
            raise JsonError(f"expected one member of its oneof, found {rival} too", field.name)


def takes_null(field: FieldSchema) -> bool:
    """Whether `null` is a value of the field rather than its absence: of google.protobuf.Value alone."""
    if field.repeated or field.kind == "map":
        return False
    if field.enum_type is not None:
        return field.enum_type.__name__ == "NullValue"
    return (
        field.message_type is not None and schema_of(field.message_type).full_name == "google.protobuf.Value"
    )


def field_reader(field: FieldSchema) -> Reader:
    """Return the function that reads the value of a field, a list or an object if it holds many."""
    if field.kind == "map":
        return _map_reader(field)
    if field.repeated:
        return _list_reader(value_reader(field))
    return value_reader(field)


def _list_reader(read_item: Reader) -> Reader:
    def read(value: Any, depth: int) -> list[Any]:
        if not isinstance(value, list):
            raise JsonError(f"expected a list, found {describe(value)}")
        items: list[Any] = []
        try:
            for item in value:
                items.append(read_item(item, depth))  # noqa: PERF401 - its length is the failing index
        except JsonError as error:
            raise error.within(f"[{len(items)}]") from None
        return items

    return read


def _map_reader(field: FieldSchema) -> Reader:
    assert field.key is not None
    assert field.value is not None
    read_key, read_item = _key_reader(field.key.kind), value_reader(field.value)

    def read(value: Any, depth: int) -> dict[Any, Any]:
        if not isinstance(value, dict):
            raise JsonError(f"expected an object, found {describe(value)}")
        entries = {}
        name = ""
        try:
            for name, item in value.items():
                key = read_key(name)
                if key in entries:
                    raise JsonError("expected each key once, found it in two spellings")
                entries[key] = read_item(item, depth - 1)
        except JsonError as error:
            raise error.within(key_segment(name)) from None
        return entries

    return read


def _key_reader(kind: str) -> Callable[[Any], Any]:
    if kind == "string":
        return scalars.text
    if kind == "bool":
        return _boolean_key
    read_integer = scalars.integer(kind)
    return lambda name: read_integer(scalars.text(name))


def _boolean_key(name: Any) -> bool:
    if name not in ("true", "false"):
        raise JsonError(f'expected "true" or "false", found {describe(name)}')
    return bool(name == "true")


def value_reader(field: FieldSchema) -> Reader:
    """Return the function that reads one value of a field."""
    if field.message_type is not None:
        return _submessage_reader(field.message_type)
    if field.kind == "wrapper":
        assert field.value is not None
        return value_reader(field.value)
    if field.kind in ("timestamp", "duration"):
        return _timestamp if field.kind == "timestamp" else _duration
    if field.enum_type is not None:
        if takes_null(field):
            return _null(field.enum_type(0))
        return _without_depth(scalars.enum(field.enum_type))
    if field.kind in INTEGER_RANGES:
        return _without_depth(scalars.integer(field.kind))
    return _without_depth(_SCALARS[field.kind])


def _without_depth(read: Callable[[Any], Any]) -> Reader:
    return lambda value, depth: read(value)


def _submessage_reader(cls: type[betterproto2.Message]) -> Reader:
    # Looked up at each call: a type may contain itself.
    return lambda value, depth: message_reader(cls)(value, depth - 1)


def _timestamp(value: Any, depth: int) -> Any:
    return times.parse_datetime(scalars.text(value))


def _duration(value: Any, depth: int) -> Any:
    return spans.duration_from_parts(*times.parse_duration(scalars.text(value)))


def _null(null: Any) -> Reader:
    read_member = scalars.enum(type(null))

    def read(value: Any, depth: int) -> Any:
        return null if value is None else read_member(value)

    return read


_SCALARS: dict[str, Callable[[Any], Any]] = {
    "string": scalars.text,
    "bytes": scalars.octets,
    "bool": scalars.boolean,
    "double": scalars.double,
    "float": scalars.single,
}
