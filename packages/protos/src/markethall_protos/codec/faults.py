"""Finds out why a message cannot be encoded, in words.

The encoders stop at the first value that they cannot write and spend nothing on explaining it. This walk
over the message then names the field, with what its type takes and what it holds, the same for both
implementations.
"""

from datetime import datetime, timedelta
from math import isfinite
from typing import Any

import betterproto2

from . import errors, times
from .errors import EncodeError
from .schema import INTEGER_RANGES, MAX_DEPTH, FieldSchema, MessageSchema, schema_of

LARGEST_FLOAT = (2 - 2**-24) * 2.0**127
"""Finite numbers from here on round to infinity as a float of 32 bits."""


def encode_error(cls: type[betterproto2.Message], message: object) -> EncodeError:
    """Return the error for a `message` that the encoder of `cls` refused."""
    try:
        _check_message(schema_of(cls), message, MAX_DEPTH)
    except EncodeError as error:
        return error
    return EncodeError("changed while it was being encoded")


def _check_message(schema: MessageSchema, message: object, depth: int) -> None:
    if getattr(message, "composed_type", None) is schema.cls:
        return  # what stands for a message is sound
    state = checked_state(schema, message, depth)
    for field in schema.fields_by_number:
        try:
            _check_field(field, state[field.attribute], depth)
        except EncodeError as error:
            raise error.within(field.name) from None


def checked_state(schema: MessageSchema, message: object, depth: int) -> dict[str, Any]:
    """Return the values of `message` by attribute, or raise `EncodeError` if it cannot be of `schema`.

    The values themselves are left to `check_value`. `depth` is how many levels may still follow.
    """
    if not isinstance(message, schema.cls):
        raise EncodeError(f"expected {schema.cls.__name__}, found {_describe(message)}")
    if depth < 0:
        raise EncodeError(errors.TOO_DEEP)
    state = vars(message)
    names = {field.attribute for field in schema.fields} | {"_unknown_fields"}
    for attribute in state.keys() - names:
        raise EncodeError(f"{schema.full_name} has no such field", attribute)
    for attribute in names - state.keys():
        raise EncodeError("expected a value, found that the attribute was deleted", attribute)
    if not isinstance(state["_unknown_fields"], bytes):
        raise EncodeError("expected bytes", "_unknown_fields")
    for field in schema.fields:
        rivals = [name for name in field.siblings if state[name] is not None]
        if rivals and state[field.attribute] is not None:
            raise EncodeError(f"expected one member of its oneof, found {rivals[0]} set too", field.name)
    return state


def _check_field(field: FieldSchema, value: Any, depth: int) -> None:
    if field.kind == "map":
        _check_map(field, value, depth)
    elif field.repeated:
        if not isinstance(value, list | tuple):
            raise EncodeError(f"expected a list, found {_describe(value)}")
        for index, item in enumerate(value):
            try:
                check_value(field, item, depth)
            except EncodeError as error:
                raise error.within(f"[{index}]") from None
    elif value is not None or not field.has_presence:
        check_value(field, value, depth)


def _check_map(field: FieldSchema, value: Any, depth: int) -> None:
    assert field.key is not None
    assert field.value is not None
    if not isinstance(value, dict):
        raise EncodeError(f"expected a dict, found {_describe(value)}")
    if value and depth < 1:
        raise EncodeError(errors.TOO_DEEP)
    for key, item in value.items():
        try:
            check_value(field.key, key, depth)
            check_value(field.value, item, depth - 1)
        except EncodeError as error:
            raise error.within(errors.key_segment(key)) from None


def check_value(field: FieldSchema, value: Any, depth: int) -> None:
    """Raise `EncodeError` if `value` cannot be one value of `field`, `depth` levels above the limit."""
    if field.kind == "message":
        assert field.message_type is not None
        _check_message(schema_of(field.message_type), value, depth - 1)
        return
    if field.kind in ("timestamp", "duration", "wrapper") and depth < 1:
        raise EncodeError(errors.TOO_DEEP)
    if field.kind == "wrapper":
        assert field.value is not None
        field = field.value
    if field.kind in INTEGER_RANGES:
        _check_integer(field.kind, value)
    elif field.kind in ("double", "float"):
        _check_real(field.kind, value)
    elif field.kind == "timestamp":
        _check_timestamp(value)
    elif field.kind == "duration":
        _check_duration(value)
    else:
        _check_plain(field.kind, value)


def _check_plain(kind: str, value: object) -> None:
    expected = {"string": str, "bytes": bytes, "bool": bool}[kind]
    if not isinstance(value, expected):
        raise EncodeError(f"expected {expected.__name__}, found {_describe(value)}")
    if isinstance(value, str):
        try:
            value.encode()
        except UnicodeEncodeError as error:
            raise EncodeError(
                f"expected text, found the unpaired surrogate {value[error.start]!r} at {error.start}"
            ) from None


def _check_integer(kind: str, value: object) -> None:
    smallest, largest = INTEGER_RANGES[kind]
    if not isinstance(value, int):
        raise EncodeError(f"expected int, found {_describe(value)}")
    if not smallest <= value <= largest:
        raise EncodeError(f"expected {kind}, {smallest} to {largest}, found {int(value)}")


def _check_real(kind: str, value: object) -> None:
    if not isinstance(value, float | int):
        raise EncodeError(f"expected float, found {_describe(value)}")
    try:
        number = float(value)
    except OverflowError:
        raise EncodeError("expected double, found an int beyond its range") from None
    if kind == "float" and isfinite(number) and abs(number) >= LARGEST_FLOAT:
        raise EncodeError(f"expected float of 32 bits, found {number!r}")


def _check_timestamp(value: object) -> None:
    if not isinstance(value, datetime):
        raise EncodeError(f"expected datetime, found {_describe(value)}")
    if value.utcoffset() is None:
        raise EncodeError("expected an aware datetime, found one without a time zone")
    try:
        times.timestamp_parts(value)
    except ValueError as error:
        raise EncodeError(f"expected a time in the years 1 to 9999 of UTC, found {value} ({error})") from None


def _check_duration(value: object) -> None:
    if not isinstance(value, timedelta):
        raise EncodeError(f"expected timedelta, found {_describe(value)}")
    try:
        times.duration_parts(value)
    except ValueError:
        raise EncodeError(f"expected at most 10,000 years, found {value}") from None


def _describe(value: object) -> str:
    return "None" if value is None else type(value).__name__
