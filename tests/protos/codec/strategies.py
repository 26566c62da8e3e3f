"""Hypothesis strategies for messages of Google's classes, derived from their descriptors."""

from typing import Any

from google.protobuf.descriptor import Descriptor, FieldDescriptor
from hypothesis import strategies as st

FIRST_SECOND, LAST_SECOND = -62135596800, 253402300799
LONGEST_SECONDS = 315_576_000_000
SNAKE_CASE_PATH = r"[a-z]{1,5}([_.][a-z]{1,5}){0,2}"


def integers(low: int, high: int) -> st.SearchStrategy[int]:
    """Integers with their extremes, and the lengths of varints, often among them."""
    edges = {low, high, 0, 1, -1, 127, 128, 16383, 16384, 2**31 - 1, 2**31, 2**32 - 1, 2**63 - 1}
    return st.one_of(st.sampled_from(sorted(n for n in edges if low <= n <= high)), st.integers(low, high))


INT32, UINT32 = integers(-(2**31), 2**31 - 1), integers(0, 2**32 - 1)
INT64, UINT64 = integers(-(2**63), 2**63 - 1), integers(0, 2**64 - 1)
TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=20) | st.just("ü" * 100)

SCALARS = {
    FieldDescriptor.TYPE_DOUBLE: st.floats(),
    FieldDescriptor.TYPE_FLOAT: st.floats(width=32),
    FieldDescriptor.TYPE_INT32: INT32,
    FieldDescriptor.TYPE_SINT32: INT32,
    FieldDescriptor.TYPE_SFIXED32: INT32,
    FieldDescriptor.TYPE_ENUM: st.sampled_from([0, 1, 2, 3]) | INT32,
    FieldDescriptor.TYPE_INT64: INT64,
    FieldDescriptor.TYPE_SINT64: INT64,
    FieldDescriptor.TYPE_SFIXED64: INT64,
    FieldDescriptor.TYPE_UINT32: UINT32,
    FieldDescriptor.TYPE_FIXED32: UINT32,
    FieldDescriptor.TYPE_UINT64: UINT64,
    FieldDescriptor.TYPE_FIXED64: UINT64,
    FieldDescriptor.TYPE_BOOL: st.booleans(),
    FieldDescriptor.TYPE_STRING: TEXT,
    FieldDescriptor.TYPE_BYTES: st.binary(max_size=20),
}


@st.composite
def messages(draw: Any, google_class: Any, depth: int = 3) -> Any:
    """Messages of `google_class` whose times Python can hold, nested at most `depth` deep."""
    message = google_class()
    _fill(draw, message, depth)
    return message


def _fill(draw: Any, message: Any, depth: int) -> None:
    descriptor: Descriptor = message.DESCRIPTOR
    if descriptor.full_name == "google.protobuf.Timestamp":
        message.seconds = draw(integers(FIRST_SECOND, LAST_SECOND))
        message.nanos = draw(st.integers(0, 999_999)) * 1000
    elif descriptor.full_name == "google.protobuf.Duration":
        sign = draw(st.sampled_from([1, -1]))
        message.seconds = sign * draw(st.integers(0, LONGEST_SECONDS))
        message.nanos = sign * draw(st.integers(0, 999_999)) * 1000
    elif descriptor.full_name == "google.protobuf.FieldMask":
        message.paths.extend(draw(st.lists(st.from_regex(SNAKE_CASE_PATH, fullmatch=True), max_size=2)))
    else:
        for field in descriptor.fields:
            if (field.message_type is None or depth > 0) and draw(st.booleans()):
                _set(draw, message, field, depth)


def _set(draw: Any, message: Any, field: FieldDescriptor, depth: int) -> None:
    value = getattr(message, field.name)
    if field.message_type is not None and field.message_type.GetOptions().map_entry:
        key_type, value_type = (
            field.message_type.fields_by_name["key"],
            field.message_type.fields_by_name["value"],
        )
        for key in draw(st.lists(SCALARS[key_type.type], max_size=2)):
            if value_type.message_type is not None:
                _fill(draw, value[key], depth - 1)
            else:
                value[key] = draw(SCALARS[value_type.type])
    elif field.is_repeated and field.message_type is not None:
        for _ in range(draw(st.integers(1, 2))):
            _fill(draw, value.add(), depth - 1)
    elif field.is_repeated:
        value.extend(draw(st.lists(SCALARS[field.type], max_size=4)))
    elif field.message_type is not None:
        value.SetInParent()
        _fill(draw, value, depth - 1)
    else:
        setattr(message, field.name, draw(SCALARS[field.type]))
