"""The message types of google.protobuf whose JSON is not an object of their fields.

`WRITERS` and `READERS` make, for such a type's schema, the functions that `writer` and `reader` use in
place of their own. Fields of these types that betterproto2 shows as Python values (times, wrappers) never
get here; the types themselves do, as the content of an `Any` or at the top.
"""

import re
from collections.abc import Callable
from typing import Any

import betterproto2

from markethall_protos.codec.binary import decode, encode
from markethall_protos.codec.errors import TOO_DEEP, CodecError, EncodeError, JsonError
from markethall_protos.codec.faults import checked_state
from markethall_protos.codec.schema import MessageSchema, full_name_of, message_pool_of

from . import scalars, times
from .reader import Reader, fields_reader, message_reader, value_reader
from .scalars import describe
from .writer import Writer, field_writer, message_writer, quote, value_writer


def _timestamp_writer(schema: MessageSchema) -> Writer:
    return _parts_writer(schema, times.timestamp_text, "a time in the years 1 to 9999")


def _timestamp_reader(schema: MessageSchema) -> Reader:
    return _parts_reader(schema, times.parse_timestamp)


def _duration_writer(schema: MessageSchema) -> Writer:
    return _parts_writer(schema, times.duration_text, "at most 10,000 years, seconds and nanos of one sign")


def _duration_reader(schema: MessageSchema) -> Reader:
    return _parts_reader(schema, times.parse_duration)


def _parts_writer(schema: MessageSchema, write_text: Callable[[int, int], str], expected: str) -> Writer:
    def write(message: Any, depth: int) -> str:
        state = checked_state(schema, message, depth)
        try:
            return f'"{write_text(state["seconds"], state["nanos"])}"'
        except (ValueError, TypeError):
            found = f"seconds={state['seconds']!r}, nanos={state['nanos']!r}"
            raise EncodeError(f"expected {expected}, found {found}") from None

    return write


def _parts_reader(schema: MessageSchema, parse: Callable[[str], tuple[int, int]]) -> Reader:
    def read(value: Any, depth: int) -> Any:
        seconds, nanos = parse(scalars.text(value))
        return _make(schema, seconds=seconds, nanos=nanos)

    return read


def _wrapper_writer(schema: MessageSchema) -> Writer:
    write_value = value_writer(schema.fields[0])
    return lambda message, depth: write_value(checked_state(schema, message, depth)["value"], depth)


def _wrapper_reader(schema: MessageSchema) -> Reader:
    read_value = value_reader(schema.fields[0])
    return lambda value, depth: _make(schema, value=read_value(value, depth))


_SNAKE_CASE_PATHS = re.compile(r"[a-z0-9_.]*", re.ASCII)
_EITHER_CASE_PATHS = re.compile(r"[A-Za-z0-9_.,]*", re.ASCII)


def _field_mask_writer(schema: MessageSchema) -> Writer:
    """Write the paths in snake_case like all our names, joined by commas."""

    def write(message: Any, depth: int) -> str:
        paths = checked_state(schema, message, depth)["paths"]
        for index, path in enumerate(paths):
            if not (isinstance(path, str) and path and _SNAKE_CASE_PATHS.fullmatch(path)):
                raise EncodeError(f"expected a path in snake_case, found {path!r}", f"paths[{index}]")
        return f'"{",".join(paths)}"'

    return write


def _field_mask_reader(schema: MessageSchema) -> Reader:
    """Read paths in snake_case or lowerCamelCase."""

    def read(value: Any, depth: int) -> Any:
        joined = scalars.text(value)
        if not _EITHER_CASE_PATHS.fullmatch(joined):
            raise JsonError(f"expected names of fields joined by commas, found {describe(value)}")
        snake_case = re.sub(r"[A-Z]", lambda match: "_" + match[0].lower(), joined)
        return _make(schema, paths=snake_case.split(",") if snake_case else [])

    return read


def _struct_writer(schema: MessageSchema) -> Writer:
    write_fields = field_writer(schema.fields[0])
    return lambda message, depth: write_fields(checked_state(schema, message, depth)["fields"], depth)


def _struct_reader(schema: MessageSchema) -> Reader:
    read_object = fields_reader(schema)

    def read(value: Any, depth: int) -> Any:
        if not isinstance(value, dict):
            raise JsonError(f"expected an object, found {describe(value)}")
        return _within_field("fields", read_object, value, depth)

    return read


def _list_value_writer(schema: MessageSchema) -> Writer:
    write_values = field_writer(schema.fields[0])
    return lambda message, depth: write_values(checked_state(schema, message, depth)["values"], depth)


def _list_value_reader(schema: MessageSchema) -> Reader:
    read_object = fields_reader(schema)

    def read(value: Any, depth: int) -> Any:
        if not isinstance(value, list):
            raise JsonError(f"expected a list, found {describe(value)}")
        return _within_field("values", read_object, value, depth)

    return read


def _within_field(name: str, read_object: Callable[[Any, int], Any], value: Any, depth: int) -> Any:
    """Read `value` as the one field of a message that its JSON does not name."""
    try:
        return read_object([(name, value)], depth)
    except JsonError as error:
        raise JsonError(error.reason, error.path.removeprefix(name).removeprefix(".")) from None


def _value_writer(schema: MessageSchema) -> Writer:
    writers = {field.attribute: value_writer(field) for field in schema.fields}

    def write(message: Any, depth: int) -> str:
        state = checked_state(schema, message, depth)
        for attribute, write_kind in writers.items():
            if state[attribute] is not None:
                written = write_kind(state[attribute], depth)
                if attribute == "number_value" and written[0] == '"':
                    raise EncodeError(f"expected a finite number, found {written}")
                return written
        raise EncodeError("expected a value of some kind, found none")

    return write


def _value_reader(schema: MessageSchema) -> Reader:
    readers = {field.attribute: value_reader(field) for field in schema.fields}

    def read(value: Any, depth: int) -> Any:
        if value is None:
            attribute = "null_value"
        elif isinstance(value, bool):
            attribute = "bool_value"
        elif isinstance(value, str):
            attribute = "string_value"
        elif isinstance(value, dict):
            attribute = "struct_value"
        else:
            attribute = "list_value" if isinstance(value, list) else "number_value"
        if depth < 0:
            raise JsonError(TOO_DEEP)
        return _make(schema, **{attribute: readers[attribute](value, depth)})

    return read


def _any_writer(schema: MessageSchema) -> Writer:
    def write(message: Any, depth: int) -> str:
        state = checked_state(schema, message, depth)
        if not state["type_url"] and not state["value"]:
            return "{}"
        cls = _content_type(schema, state["type_url"])
        if cls is None:
            raise EncodeError(f"expected the URL of a known type, found {state['type_url']!r}", "type_url")
        try:
            content = decode(cls, state["value"])
        except (CodecError, TypeError) as error:
            raise EncodeError(
                f"expected an encoded {cls.__name__}, found otherwise: {error}", "value"
            ) from None
        written = message_writer(cls)(content, depth - 1)
        members = f'"value":{written}' if _is_special(cls) else written[1:-1]
        return f'{{"@type":{quote(state["type_url"])}{"," if members else ""}{members}}}'

    return write


def _any_reader(schema: MessageSchema) -> Reader:
    def read(value: Any, depth: int) -> Any:
        if not isinstance(value, dict):
            raise JsonError(f"expected an object, found {describe(value)}")
        if not value:
            return _make(schema)
        url = value.get("@type")
        cls = _content_type(schema, url) if isinstance(url, str) else None
        if cls is None:
            raise JsonError(f"expected the URL of a known type, found {describe(url)}", '"@type"')
        members = {name: item for name, item in value.items() if name != "@type"}
        if not _is_special(cls):
            content = message_reader(cls)(members, depth - 1)
        elif members.keys() == {"value"}:
            try:
                content = message_reader(cls)(members["value"], depth - 1)
            except JsonError as error:
                raise error.within("value") from None
        else:
            raise JsonError(f'expected "@type" and "value", found {", ".join(value)}')
        return _make(schema, type_url=url, value=encode(content))

    return read


def _content_type(schema: MessageSchema, url: str) -> type[betterproto2.Message] | None:
    """Return the message class that the URL of an `Any` names; only what follows its last `/` counts."""
    pool = message_pool_of(schema.cls)
    prefix, _, full_name = url.rpartition("/")
    if pool is None or not prefix:
        return None
    return pool.url_to_type.get(f"type.googleapis.com/{full_name}")


def _is_special(cls: type[betterproto2.Message]) -> bool:
    return full_name_of(cls) in WRITERS


def _make(schema: MessageSchema, **values: Any) -> Any:
    return schema.cls(**values)


WRITERS: dict[str, Callable[[MessageSchema], Writer]] = {
    "google.protobuf.Any": _any_writer,
    "google.protobuf.Duration": _duration_writer,
    "google.protobuf.FieldMask": _field_mask_writer,
    "google.protobuf.ListValue": _list_value_writer,
    "google.protobuf.Struct": _struct_writer,
    "google.protobuf.Timestamp": _timestamp_writer,
    "google.protobuf.Value": _value_writer,
}
READERS: dict[str, Callable[[MessageSchema], Reader]] = {
    "google.protobuf.Any": _any_reader,
    "google.protobuf.Duration": _duration_reader,
    "google.protobuf.FieldMask": _field_mask_reader,
    "google.protobuf.ListValue": _list_value_reader,
    "google.protobuf.Struct": _struct_reader,
    "google.protobuf.Timestamp": _timestamp_reader,
    "google.protobuf.Value": _value_reader,
}
for _wrapped in ("Bool", "Bytes", "Double", "Float", "Int32", "Int64", "String", "UInt32", "UInt64"):
    WRITERS[f"google.protobuf.{_wrapped}Value"] = _wrapper_writer
    READERS[f"google.protobuf.{_wrapped}Value"] = _wrapper_reader
