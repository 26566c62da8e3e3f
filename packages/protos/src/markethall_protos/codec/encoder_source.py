"""Writes the Python source of a message type's encoder; `generated` runs it."""

from collections.abc import Iterator
from contextlib import contextmanager

from .schema import INTEGER_RANGES, LENGTH_DELIMITED, FieldSchema, MessageSchema
from .source import FIXED_CODES, PYTHON_CLASSES, Lines, Names, open_message, refuse_if
from .wire import varint


def encoder_source(schema: MessageSchema, names: Names) -> str:
    """Write `encode_<n>(message, depth) -> bytes`.

    It raises some `ValueError`, `TypeError` or the like for a message that cannot be encoded and leaves
    it to `faults` to say why. `depth` is how many levels of messages may still follow.
    """
    cls = names.of("class", schema.cls, schema.cls)
    lines = Lines()
    with lines.block(f"def {names.of('encode', schema.cls)}(message, depth):"):
        with lines.block(f"if message.__class__ is Composed and message.composed_type is {cls}:"):
            lines("return message.data")
        open_message(lines, schema, cls)
        lines("parts = []")
        for field in schema.fields_by_number:
            lines(f"value = state[{field.attribute!r}]")
            _write_field(lines, field, names)
        lines("parts.append(state['_unknown_fields'])", "return b''.join(parts)")
    return str(lines)


def _write_field(lines: Lines, field: FieldSchema, names: Names) -> None:
    tag = varint(field.number << 3 | (LENGTH_DELIMITED if field.packs else field.wire_type))
    if field.kind == "map":
        refuse_if(lines, "not isinstance(value, dict) or value and depth < 1")
        with lines.block("for key, content in value.items():"), _body(lines, tag):
            _write_map_entry(lines, field, names)
    elif field.packs:
        refuse_if(lines, "not isinstance(value, (list, tuple))")
        with lines.block("if value:"), _body(lines, tag), lines.block("for value in value:"):
            _write_value(lines, field, names, b"")
    elif field.repeated:
        refuse_if(lines, "not isinstance(value, (list, tuple))")
        with lines.block("for value in value:"):
            _write_value(lines, field, names, tag)
    elif field.has_presence:
        with lines.block("if value is not None:"):
            _write_value(lines, field, names, tag)
    else:
        _write_unless_default(lines, field, names, tag)


def _write_map_entry(lines: Lines, field: FieldSchema, names: Names) -> None:
    assert field.key is not None
    assert field.value is not None
    lines("value = key")
    _write_value(lines, field.key, names, varint(1 << 3 | field.key.wire_type))
    lines("value = content")
    _write_value(lines, field.value, names, varint(2 << 3 | field.value.wire_type), depth="depth - 1")


@contextmanager
def _body(lines: Lines, tag: bytes) -> Iterator[None]:
    """Let the code written inside add to `parts` what then goes behind `tag` and its length."""
    outer = lines.fresh_name("outer")
    lines(f"{outer}, parts = parts, []")
    yield
    lines(f"body, parts = b''.join(parts), {outer}")
    _write_body(lines, tag)


def _write_body(lines: Lines, tag: bytes) -> None:
    lines("length = len(body)")
    lines(f"parts += ({tag!r}, SMALL_VARINTS[length] if length < 128 else varint(length), body)")


def _write_unless_default(lines: Lines, field: FieldSchema, names: Names, tag: bytes) -> None:
    cls = _check_class(lines, field, names)
    # A negative zero equals zero and is none: it has a sign to keep.
    default = "value == 0 and copysign(1.0, value) > 0" if cls == "float" else "not value"
    with lines.block(f"if not ({default}):" if cls == "float" else "if value:"):
        _write_checked(lines, field, names, tag, "depth")


def _write_value(lines: Lines, field: FieldSchema, names: Names, tag: bytes, depth: str = "depth") -> None:
    _check_class(lines, field, names)
    _write_checked(lines, field, names, tag, depth)


def _check_class(lines: Lines, field: FieldSchema, names: Names) -> str:
    """Refuse a `value` of a class that the field does not take; what is exactly right passes fastest."""
    cls = PYTHON_CLASSES.get(field.kind, "")
    exact = names.of("class", field.enum_type, field.enum_type) if field.enum_type is not None else cls
    if cls:
        accepted = "(float, int)" if cls == "float" else cls
        refuse_if(lines, f"value.__class__ is not {exact} and not isinstance(value, {accepted})")
    return cls


def _write_checked(lines: Lines, field: FieldSchema, names: Names, tag: bytes, depth: str) -> None:
    if field.kind in ("string", "bytes"):
        lines("body = value.encode()" if field.kind == "string" else "body = value")
        _write_body(lines, tag)
    elif field.kind == "message":
        assert field.message_type is not None
        lines(f"body = {names.of('encode', field.message_type)}(value, {depth} - 1)")
        _write_body(lines, tag)
    elif field.kind in ("timestamp", "duration"):
        refuse_if(lines, f"{depth} < 1")
        lines(f"body = {field.kind}(value)")
        _write_body(lines, tag)
    elif field.kind == "wrapper":
        assert field.value is not None
        refuse_if(lines, f"{depth} < 1")
        with _body(lines, tag):
            _write_unless_default(lines, field.value, names, varint(1 << 3 | field.value.wire_type))
    elif field.kind == "bool":
        lines(f"parts += ({tag!r}, SMALL_VARINTS[value])")
    elif field.kind in FIXED_CODES:
        lines(f"parts += ({tag!r}, pack_{field.kind}(value))")
    else:
        _, largest = INTEGER_RANGES[field.kind]
        write = {"s": "zigzag", "u": "unsigned"}.get(field.kind[0], "signed")
        small = "" if write == "zigzag" else "SMALL_VARINTS[value] if 0 <= value < 128 else "
        lines(f"parts += ({tag!r}, {small}{write}(value, {largest}))")
