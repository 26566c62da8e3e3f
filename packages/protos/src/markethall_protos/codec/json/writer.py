"""Messages to JSON text: the form that the HTTP API speaks.

Names are those of the contract, in snake_case; enums go by their short names (`BUY`), unknown ones by
number; integers of 64 bits are strings; times are RFC 3339 in UTC; bytes are base64. A field without
presence is always written, its default and an empty list too; an unset message, `optional` or member of a
oneof is left out. Unknown fields have no names and are not written.

`compiled` makes the same text of the same names; its JSON of what is rare comes from here. In pure Python
the function of a message type is written as source when it is first asked for, as in `source`: names are
literals and a string costs one call. A value that could be encoded in no form fails there in any way it
likes, for `faults` to explain; `EncodeError` is raised only for what JSON alone cannot say.
"""

import json
import struct
from base64 import b64encode
from collections.abc import Callable
from datetime import timedelta
from functools import cache
from math import isfinite, isnan
from struct import pack, unpack
from typing import Any, TypeVar

import betterproto2

from markethall_protos.codec import times as spans
from markethall_protos.codec.errors import EncodeError, key_segment
from markethall_protos.codec.faults import encode_error
from markethall_protos.codec.schema import (
    INTEGER_RANGES,
    MAX_DEPTH,
    FieldSchema,
    MessageSchema,
    schema_of,
)
from markethall_protos.codec.source import Lines, open_message

from . import times
from .scalars import short_names

M = TypeVar("M", bound=betterproto2.Message)

Writer = Callable[[Any, int], str]
"""Turns a value into JSON text; the number is how many levels of messages may still follow."""

quote: Callable[[str], str] = json.encoder.encode_basestring
"""Writes text as JSON; raises `TypeError` for anything else."""


def json_encoder(cls: type[M]) -> Callable[[M], bytes]:
    """Return the function that turns a message of `cls` into JSON."""
    write = message_writer(cls)

    def encode(message: M) -> bytes:
        try:
            return write(message, MAX_DEPTH).encode()
        except EncodeError:  # from what JSON alone cannot say
            raise
        except (ValueError, TypeError, KeyError, OverflowError, AttributeError, struct.error) as error:
            raise encode_error(cls, message) from error

    return encode


@cache
def message_writer(cls: type[betterproto2.Message]) -> Writer:
    """Return the function that turns a message of `cls` into JSON text."""
    from .well_known import WRITERS  # which writes messages too

    schema = schema_of(cls)
    if schema.full_name in WRITERS:
        return WRITERS[schema.full_name](schema)
    namespace: dict[str, Any] = {"cls": cls, "quote": quote}
    source = _source(schema, namespace)
    exec(compile(source, f"<JSON of {schema.full_name}>", "exec"), namespace)  # noqa: S102 - our own text
    write: Writer = namespace["write"]
    return write


def _source(schema: MessageSchema, namespace: dict[str, Any]) -> str:
    """Write `write(message, depth) -> str`, and put the functions that it calls into `namespace`."""
    lines = Lines()
    with lines.block("def write(message, depth):"):
        open_message(lines, schema, "cls")
        lines("text = ''")
        for field in schema.fields:
            value = f"state[{field.attribute!r}]"
            if field.kind == "string" and not field.repeated:
                content = f"quote({value})"
            else:
                namespace[f"write_{field.number}"] = _within(field.name, field_writer(field))
                content = f"write_{field.number}({value}, depth)"
            lines(*([f"if {value} is not None:"] if field.has_presence else []))
            lines(f"{'    ' if field.has_presence else ''}text += {member_start(field)!r} + {content}")
        lines("return '{' + text[1:] + '}'")
    return str(lines)


def member_start(field: FieldSchema) -> str:
    """Return what is written in front of the value of a field, with the comma that ends the one before."""
    return f",{quote(field.name)}:"


def _within(name: str, write: Writer) -> Writer:
    """Let the errors of `write` name the field `name`."""

    def write_named(value: Any, depth: int) -> str:
        try:
            return write(value, depth)
        except EncodeError as error:
            raise error.within(name) from None

    return write_named if write.__name__ in ("write_message", "write_list", "write_map") else write


def field_writer(field: FieldSchema) -> Writer:
    """Return the function that writes the value of a field, a list or a dict if it holds many."""
    if field.kind == "map":
        return _map_writer(field)
    return _list_writer(value_writer(field)) if field.repeated else value_writer(field)


def _list_writer(write_item: Writer) -> Writer:
    def write_list(values: Any, depth: int) -> str:
        if not isinstance(values, list | tuple):
            raise TypeError
        written: list[str] = []
        try:
            for value in values:
                written.append(write_item(value, depth))  # noqa: PERF401 - its length is the failing index
        except EncodeError as error:
            raise error.within(f"[{len(written)}]") from None
        return f"[{','.join(written)}]"

    return write_list


def _map_writer(field: FieldSchema) -> Writer:
    assert field.key is not None
    assert field.value is not None
    write_key, write_item = _key_writer(value_writer(field.key)), value_writer(field.value)

    def write_map(values: Any, depth: int) -> str:
        if not isinstance(values, dict) or (values and depth < 1):
            raise TypeError
        written = []
        key = None
        try:
            for key, value in values.items():
                written.append(f"{write_key(key, depth)}:{write_item(value, depth - 1)}")
        except EncodeError as error:
            raise error.within(key_segment(key)) from None
        return f"{{{','.join(written)}}}"

    return write_map


def _key_writer(write_value: Writer) -> Writer:
    """Put keys in quotes that are not in any as values."""

    def write_key(key: Any, depth: int) -> str:
        text = write_value(key, depth)
        return text if text.startswith('"') else f'"{text}"'

    return write_key


def value_writer(field: FieldSchema) -> Writer:
    """Return the function that writes one value of a field."""
    if field.message_type is not None:
        return _submessage_writer(field.message_type)
    if field.kind == "wrapper":
        assert field.value is not None
        return value_writer(field.value)
    if field.enum_type is not None:
        return _enum_writer(field.enum_type)
    if field.kind in INTEGER_RANGES:
        return _integer_writer(field.kind)
    return _WRITERS[field.kind]


def _submessage_writer(cls: type[betterproto2.Message]) -> Writer:
    def write_message(message: Any, depth: int) -> str:
        # Looked up at each call: a type may contain itself.
        return message_writer(cls)(message, depth - 1)

    return write_message


def _enum_writer(enum_type: type[Any]) -> Writer:
    write_number = _integer_writer("enum")
    names = enum_texts(enum_type)

    def write_enum(value: Any, depth: int) -> str:
        if value.__class__ is enum_type and value in names:
            return names[value]
        number = write_number(value, depth)
        return names.get(value, number)

    return write_enum


def enum_texts(enum_type: type[Any]) -> dict[int, str]:
    """Return the JSON of each known number of an enum."""
    if enum_type.__name__ == "NullValue":
        return {0: "null"}
    return {number: quote(name) for number, name in short_names(enum_type).items()}


def is_quoted(kind: str) -> bool:
    """Whether integers of a type are written as text, since JavaScript's numbers end at 2^53."""
    return kind.endswith("64")


def _integer_writer(kind: str) -> Writer:
    smallest, largest = INTEGER_RANGES[kind]
    form = '"%d"' if is_quoted(kind) else "%d"

    def write_integer(value: Any, depth: int) -> str:
        if not isinstance(value, int) or not smallest <= value <= largest:
            raise ValueError
        return form % value

    return write_integer


def _write_string(value: Any, depth: int) -> str:
    return quote(value)


def _write_bytes(value: Any, depth: int) -> str:
    if not isinstance(value, bytes):
        raise TypeError
    return f'"{b64encode(value).decode()}"'


def _write_bool(value: Any, depth: int) -> str:
    if value is True:
        return "true"
    if value is False:
        return "false"
    raise TypeError


def _write_double(value: Any, depth: int) -> str:
    if not isinstance(value, float | int):
        raise TypeError
    number = float(value)
    if isfinite(number):
        return repr(number)
    return '"NaN"' if isnan(number) else '"Infinity"' if number > 0 else '"-Infinity"'


def _write_float(value: Any, depth: int) -> str:
    """Write the fewest digits that the same float of 32 bits is read back from."""
    if not isinstance(value, float | int):
        raise TypeError
    (number,) = unpack("<f", pack("<f", value))
    for digits in range(6, 9):
        shorter = float(f"{number:.{digits}g}")
        if unpack("<f", pack("<f", shorter))[0] == number:
            return _write_double(shorter, depth)
    return _write_double(number, depth)


def _write_timestamp(value: Any, depth: int) -> str:
    return f'"{times.datetime_text(value)}"'


def _write_duration(value: Any, depth: int) -> str:
    if not isinstance(value, timedelta):
        raise TypeError
    return f'"{times.duration_text(*spans.duration_parts(value))}"'


_WRITERS: dict[str, Writer] = {
    "string": _write_string,
    "bytes": _write_bytes,
    "bool": _write_bool,
    "double": _write_double,
    "float": _write_float,
    "timestamp": _write_timestamp,
    "duration": _write_duration,
}
