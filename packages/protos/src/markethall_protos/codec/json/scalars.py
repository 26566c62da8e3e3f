"""Reads JSON values as the scalars of the contract: numbers, text, bytes and enums.

Each function takes a JSON value as `text` parses it, or as plain Python holds it, and returns the field's
value, or raises `JsonError` with what was expected and what was found.
"""

import binascii
import re
import struct
from collections.abc import Callable
from decimal import Decimal
from enum import IntEnum
from math import isinf
from typing import Any

from markethall_protos.codec.errors import JsonError
from markethall_protos.codec.schema import INTEGER_RANGES, contract_name

_NUMBER = re.compile(r"-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]{1,9})?", re.ASCII)
_SHORT_INTEGER = re.compile(r"0|-?[1-9][0-9]{0,19}", re.ASCII)
_SPECIAL_REALS = {"NaN": float("nan"), "Infinity": float("inf"), "-Infinity": float("-inf")}
_TO_PLAIN_BASE64 = str.maketrans("-_", "+/")

LONGEST_INTEGER = 20
"""Decimal digits of the largest integer of any type."""


def describe(value: object) -> str:
    """Say what a JSON value is, and what it holds if that is short."""
    if value is None:
        return "null"
    if value is True or value is False:
        return str(value).lower()
    if isinstance(value, str):
        return f'"{value}"' if len(value) <= 64 else f'"{value[:64]}…"'
    if isinstance(value, int | float | Decimal):
        return f"{value}" if not isinstance(value, int) or abs(value) < 10**40 else "a very long number"
    if isinstance(value, dict):
        return "an object"
    return "a list" if isinstance(value, list) else type(value).__name__


def text(value: Any) -> str:
    """Read a string."""
    if value.__class__ is not str:
        raise JsonError(f"expected a string, found {describe(value)}")
    if not value.isascii():
        try:
            value.encode()
        except UnicodeEncodeError:
            raise JsonError("expected text, found half of a surrogate pair") from None
    checked: str = value
    return checked


def octets(value: Any) -> bytes:
    """Read bytes from base64, of the standard or the URL-safe alphabet, padded or not."""
    encoded = text(value).translate(_TO_PLAIN_BASE64).rstrip("=")
    try:
        return binascii.a2b_base64(encoded + "=" * (-len(encoded) % 4), strict_mode=True)
    except ValueError:
        raise JsonError(f"expected base64, found {describe(value)}") from None


def boolean(value: Any) -> bool:
    """Read `true` or `false`."""
    if value is True or value is False:
        return bool(value)
    raise JsonError(f"expected true or false, found {describe(value)}")


def integer(kind: str) -> Callable[[Any], int]:
    """Return the reader of an integer type: from a number or a string, `1e3` and `1.0` included, exactly."""
    smallest, largest = INTEGER_RANGES[kind]
    type_name = "int32" if kind == "enum" else kind

    def read(value: Any) -> int:
        number = value if value.__class__ is int else _whole_number(value, type_name)
        if smallest <= number <= largest:
            return int(number)
        raise JsonError(f"expected {type_name}, {smallest} to {largest}, found {describe(value)}")

    return read


def _whole_number(value: Any, type_name: str) -> int:
    number: Any = value
    if isinstance(value, str):
        if _SHORT_INTEGER.fullmatch(value):
            return int(value)
        if len(value) <= 64 and _NUMBER.fullmatch(value):
            number = Decimal(value)
    elif isinstance(value, float) and value.is_integer():
        number = Decimal(value)
    if isinstance(number, Decimal) and number.is_finite() and number.adjusted() <= LONGEST_INTEGER:
        whole = number.to_integral_value()
        if whole == number:
            return int(whole)
    raise JsonError(f"expected a whole number ({type_name}), found {describe(value)}")


def double(value: Any) -> float:
    """Read a double: a number, or a string with a number, `NaN`, `Infinity` or `-Infinity`."""
    if value.__class__ is float:
        return float(value)
    if isinstance(value, str):
        if value in _SPECIAL_REALS:
            return _SPECIAL_REALS[value]
        if not _NUMBER.fullmatch(value):
            raise JsonError(f"expected a number, found {describe(value)}")
    elif isinstance(value, bool) or not isinstance(value, int | Decimal):
        raise JsonError(f"expected a number, found {describe(value)}")
    try:
        number = float(value)
    except OverflowError:
        number = float("inf")
    if isinf(number):
        raise JsonError(f"expected a number within the range of double, found {describe(value)}")
    return number


def single(value: Any) -> float:
    """Read a float: a double rounded to the nearest number of 32 bits."""
    number = double(value)
    try:
        rounded: float = struct.unpack("<f", struct.pack("<f", number))[0]
    except OverflowError:
        raise JsonError(f"expected a number within the range of float, found {describe(value)}") from None
    return rounded


def enum(enum_type: type[IntEnum]) -> Callable[[Any], IntEnum]:
    """Return the reader of an enum: by its short name (`BUY`), its full name (`SIDE_BUY`) or its number."""
    members = enum_names(enum_type)
    read_number = integer("enum")

    def read(value: Any) -> IntEnum:
        if isinstance(value, str):
            member = members.get(value)
            if member is None:
                names = ", ".join(short_names(enum_type).values())
                raise JsonError(f"expected one of {names}, found {describe(value)}")
            return member
        if isinstance(value, bool) or not isinstance(value, int | float | Decimal):
            raise JsonError(f"expected the name of an enum value, found {describe(value)}")
        return enum_type(read_number(value))

    return read


def short_names(enum_type: type[IntEnum]) -> dict[int, str]:
    """Return the name under which each number of an enum is written, such as `BUY`.

    It is the contract's name without the enum's own in front, which betterproto2 has stripped.
    """
    return {member.value: contract_name(member.name) for member in enum_type}


def enum_names(enum_type: type[IntEnum]) -> dict[str, IntEnum]:
    """Return the members of an enum by every name under which they are read, aliases included."""
    names = {contract_name(name): member for name, member in enum_type.__members__.items()}
    full_names: dict[str, int] = enum_type.betterproto_renamed_proto_names_to_value()  # type: ignore[attr-defined]
    return names | {name: enum_type(number) for name, number in full_names.items()}
