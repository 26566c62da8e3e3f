"""Writes the Python source of a message type's decoder; `generated` runs it.

The code asks for the fields in the order of their numbers, in which they usually come, so that an ordinary
message is read with one comparison a field.
"""

import struct
from collections.abc import Iterable
from enum import IntEnum

from .schema import LENGTH_DELIMITED, FieldSchema, MessageSchema
from .source import FIXED_CODES, PYTHON_CLASSES, Lines, Names

CONVERSIONS = {
    "uint64": "{}",
    "int64": "{0} - ({0} >> 63 << 64)",
    "uint32": "{} & 0xFFFFFFFF",
    "int32": "int32({})",
    "enum": "int32({})",
    "sint32": "sint32({})",
    "sint64": "sint64({})",
}
"""What turns the unsigned 64 bits of a varint into a value, as source."""

ZEROS = {"str": "''", "bytes": "b''", "float": "0.0", "bool": "False", "int": "0"}
"""The default of each Python class, as source."""


def decoder_source(schema: MessageSchema, names: Names) -> str:
    """Write `decode_<n>(data, position, end, depth, message=None) -> message`, raising `DecodeError`.

    With a `message`, what is read is merged into it, as a second occurrence of its field demands.
    """
    cls = names.of("class", schema.cls, schema.cls)
    fields = schema.fields_by_number
    known = names.of("known", schema.cls, {tag: field for field in fields for tag in _tags(field)})
    lines = Lines()
    for field in fields:
        if field.kind == "map":
            _define_map_entry(lines, field, names, _entry(schema, field, names))
    with lines.block(f"def {names.of('decode', schema.cls)}(data, position, end, depth, message=None):"):
        lines("tag = 0", "unknown = []")
        with lines.block("if message is None:"):
            lines(f"message = {cls}.__new__({cls})")
            lines(*(f"{_local(field)} = {_default(field, names)}" for field in fields))
        with lines.block("else:"):
            lines("state = message.__dict__", "unknown.append(state['_unknown_fields'])")
            lines(*(f"{_local(field)} = state[{field.attribute!r}]" for field in fields))
        with lines.block("try:"):
            with lines.block("if depth < 0:"):
                lines("raise DecodeError(errors.TOO_DEEP)")
            with lines.block("while position < end:"):
                _read_tag(lines)
                for field in fields:
                    for tag in _tags(field):
                        _read_field(lines, field, tag, names, _entry(schema, field, names))
                _read_unexpected(lines, known)
        with lines.block("except (ValueError, IndexError, StructError) as error:"):
            lists = ", ".join(f"{field.attribute!r}: {_local(field)}" for field in fields if field.repeated)
            lines(f"raise locate(error, tag, {known}, {{{lists}}}) from None")
        state = "".join(f"{field.attribute!r}: {_local(field)}, " for field in schema.fields)
        lines("kept = b''.join(unknown) if unknown else b''")
        lines(f"message.__dict__ = {{{state}'_unknown_fields': kept}}", "return message")
    return str(lines)


def wrapped_source(kind: str) -> str:
    """Write `read_wrapped_<kind>(data, position, end, depth, value)`, which reads a wrapper's body.

    `value` is the default, or the value of an earlier occurrence of the field.
    """
    lines = Lines()
    with lines.block(f"def read_wrapped_{kind}(data, position, end, depth, value):"):
        _read_pairs(lines, (("value", FieldSchema("value", "value", 1, kind)),), Names())
        lines("return value")
    return str(lines)


def _tags(field: FieldSchema) -> tuple[int, ...]:
    """Return the tags under which a field is read: repeated numbers come packed or one by one."""
    tag = field.number << 3 | field.wire_type
    return (field.number << 3 | LENGTH_DELIMITED, tag) if field.packs else (tag,)


def _local(field: FieldSchema) -> str:
    return f"field_{field.attribute}"


def _entry(schema: MessageSchema, field: FieldSchema, names: Names) -> str:
    return f"{names.of('read_entry', schema.cls)}_{field.number}"


def _default(field: FieldSchema, names: Names) -> str:
    if field.kind == "map":
        return "{}"
    if field.repeated:
        return "[]"
    if field.has_presence:
        return "None"
    return _zero(field, names)


def _zero(field: FieldSchema, names: Names) -> str:
    """Return the default of a value that is not there, as source; `None` for a message."""
    if field.enum_type is not None:
        _, members = names.enum(field.enum_type)
        return f"{members}[0]"
    if field.kind == "timestamp":
        return "times.EPOCH"
    if field.kind == "duration":
        return "times.ZERO"
    if field.kind == "wrapper":
        assert field.value is not None
        return _zero(field.value, names)
    return ZEROS.get(PYTHON_CLASSES.get(field.kind, ""), "None")


def _read_tag(lines: Lines) -> None:
    lines("start = position", "tag = data[position]", "position += 1")
    with lines.block("if tag > 127:"):
        lines("tag = 0", "tag, position = read_tag(data, start, end)")


def _read_field(lines: Lines, field: FieldSchema, tag: int, names: Names, entry: str) -> None:
    """Read the field if its tag is next, as often as it comes, and then the tag that follows."""
    many = field.repeated or field.kind == "map"
    with lines.block(f"{'while' if many else 'if'} tag == {tag}:"):
        if tag & 7 == LENGTH_DELIMITED:
            _read_stop(lines)
        if field.kind == "map":
            lines(f"key, value, is_known = {entry}(data, position, stop, depth - 1)")
            with lines.block("if is_known:"):
                lines(f"{_local(field)}[key] = value")
            with lines.block("else:"):
                lines("unknown.append(data[start:stop])")
        elif field.packs and tag & 7 == LENGTH_DELIMITED:
            _read_packed(lines, field, names)
        elif field.repeated:
            _read_value(lines, field, names, "value", before="None")
            _refuse_beyond(lines, "position > end")
            lines(f"{_local(field)}.append(value)")
        else:
            _read_value(lines, field, names, _local(field), before=_local(field))
            lines(*(f"field_{sibling} = None" for sibling in field.siblings))
        if tag & 7 == LENGTH_DELIMITED:
            lines("position = stop")
        with lines.block("if position >= end:"):
            _refuse_beyond(lines, "position > end")
            lines(*(["tag = -1"] if many else []), "break")
        _read_tag(lines)
    if many:
        with lines.block("if tag < 0:"):
            lines("break")


def _read_unexpected(lines: Lines, known: str) -> None:
    """Handle a tag that no field took: one that comes out of order, or one that the contract lacks."""
    with lines.block(f"if tag in {known}:"):
        lines("position = start", "continue")
    with lines.block("if tag < 8:"):
        lines("raise DecodeError(errors.BAD_TAG)")
    lines("position = skip(data, position, end, tag, depth)", "unknown.append(data[start:position])")


def _read_stop(lines: Lines) -> None:
    lines("length = data[position]", "position += 1")
    with lines.block("if length > 127:"):
        lines("length, position = read_length(data, position - 1, end)")
    lines("stop = position + length")
    _refuse_beyond(lines, "stop > end")


def _refuse_beyond(lines: Lines, condition: str) -> None:
    with lines.block(f"if {condition}:"):
        lines("raise DecodeError(errors.TRUNCATED)")


def _read_packed(lines: Lines, field: FieldSchema, names: Names) -> None:
    if field.kind in FIXED_CODES:
        code = FIXED_CODES[field.kind]
        lines(f"{_local(field)}.extend(read_packed_fixed(data, position, stop, {code!r}))")
        return
    with lines.block("for value in read_packed_varints(data, position, stop):"):
        if field.enum_type is not None:
            lines(f"value = {CONVERSIONS['enum'].format('value')}")
            _read_enum(lines, field.enum_type, names, "value", "value")
        elif field.kind == "bool":
            lines("value = value != 0")
        else:
            lines(f"value = {CONVERSIONS[field.kind].format('value')}")
        lines(f"{_local(field)}.append(value)")


def _read_value(lines: Lines, field: FieldSchema, names: Names, target: str, before: str) -> None:
    """Read one value to `target`; `before` is its earlier value, or None, into which a message is merged."""
    if field.kind == "string":
        lines(f"{target} = data[position:stop].decode()")
    elif field.kind == "bytes":
        lines(f"{target} = data[position:stop]")
    elif field.kind == "message":
        assert field.message_type is not None
        decode = names.of("decode", field.message_type)
        lines(f"{target} = {decode}(data, position, stop, depth - 1, {before})")
    elif field.kind in ("timestamp", "duration"):
        lines(f"{target} = read_{field.kind}(data, position, stop, depth - 1, {before})")
    elif field.kind == "wrapper":
        assert field.value is not None
        zero = _zero(field.value, names)
        earlier = zero if before == "None" else f"{zero} if {before} is None else {before}"
        lines(f"{target} = read_wrapped_{field.value.kind}(data, position, stop, depth - 1, {earlier})")
    elif field.kind in FIXED_CODES:
        width = struct.calcsize("<" + FIXED_CODES[field.kind])
        lines(f"({target},) = unpack_{field.kind}(data, position)", f"position += {width}")
    elif field.enum_type is not None:
        _read_varint(lines, "number", CONVERSIONS["enum"])
        _read_enum(lines, field.enum_type, names, target, "number")
    elif field.kind == "bool":
        _read_varint(lines, "number", "{}")
        lines(f"{target} = number != 0")
    elif field.kind in ("sint32", "sint64"):
        _read_varint(lines, "number", "{}")
        lines(f"{target} = {CONVERSIONS[field.kind].format('number')}")
    else:
        _read_varint(lines, target, CONVERSIONS[field.kind])


def _read_varint(lines: Lines, target: str, convert: str) -> None:
    """Read a varint to `target`; a single byte means the same in every type but those of zigzag."""
    lines(f"{target} = data[position]", "position += 1")
    with lines.block(f"if {target} > 127:"):
        lines("number, position = read_varint(data, position - 1, end)")
        lines(f"{target} = {convert.format('number')}")


def _read_enum(lines: Lines, enum_type: type[IntEnum], names: Names, target: str, number: str) -> None:
    cls, members = names.enum(enum_type)
    lines(f"member = {members}.get({number})")
    lines(f"{target} = {cls}({number}) if member is None else member")


def _define_map_entry(lines: Lines, field: FieldSchema, names: Names, entry: str) -> None:
    assert field.key is not None
    assert field.value is not None
    with lines.block(f"def {entry}(data, position, end, depth):"):
        lines(f"key, value = {_zero(field.key, names)}, None")
        _read_pairs(lines, (("key", field.key), ("value", field.value)), names)
        if field.value.message_type is not None:
            absent = f"{names.of('decode', field.value.message_type)}(b'', 0, 0, depth - 1)"
        else:
            absent = _zero(field.value, names)
        lines(f"return key, {absent} if value is None else value, is_known")


def _read_pairs(lines: Lines, pairs: Iterable[tuple[str, FieldSchema]], names: Names) -> None:
    """Read a small message into one variable a field: a map's entry, or a wrapper.

    After it `is_known` says whether nothing else was in it.
    """
    lines("is_known = True")
    with lines.block("if depth < 0:"):
        lines("raise DecodeError(errors.TOO_DEEP)")
    with lines.block("while position < end:"):
        lines("tag, position = read_tag(data, position, end)")
        with lines.block("if tag < 8:"):
            lines("raise DecodeError(errors.BAD_TAG)")
        for target, field in pairs:
            with lines.block(f"if tag == {field.number << 3 | field.wire_type}:"):
                if field.wire_type == LENGTH_DELIMITED:
                    _read_stop(lines)
                _read_value(lines, field, names, target, before=target)
                if field.wire_type == LENGTH_DELIMITED:
                    lines("position = stop")
                lines("continue")
        lines("position = skip(data, position, end, tag, depth)", "is_known = False")
    _refuse_beyond(lines, "position > end")
