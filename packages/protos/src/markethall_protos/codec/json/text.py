"""JSON text to Python values, losing nothing.

The standard library's parser is used because it can be told what others decide for themselves: numbers
with a point or exponent become `Decimal`, so that no integer is rounded on its way through a float, and
a name given twice in an object is refused where most parsers keep the last. Text that is no JSON by
RFC 8259 is refused, `NaN` and `Infinity` outside of quotes included.
"""

import json
from decimal import Decimal, InvalidOperation
from typing import Any, NoReturn

from markethall_protos.codec.errors import JsonError


def parse(data: bytes | str) -> Any:
    """Parse UTF-8 JSON; raises `JsonError` with the line and column of what is wrong."""
    try:
        text = data.decode() if isinstance(data, bytes) else data
        return _decoder.decode(text)
    except UnicodeDecodeError as error:
        raise JsonError(f"expected UTF-8, found the byte 0x{error.object[error.start]:02x}") from None
    except json.JSONDecodeError as error:
        raise JsonError(f"not JSON: {error.msg} at line {error.lineno}, column {error.colno}") from None
    except RecursionError:
        raise JsonError("nested too deep") from None
    except JsonError:
        raise
    except ValueError as error:  # Python's limit on the digits of an integer
        raise JsonError(f"a number is too long: {error}") from None


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    members = dict(pairs)
    if len(members) < len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for name in names if names.count(name) > 1)
        raise JsonError(f'expected each name once, found "{twice}" twice in an object')
    return members


def _real(digits: str) -> Decimal:
    try:
        return Decimal(digits)
    except InvalidOperation:
        raise JsonError(f"expected a number, found the exponent of {digits} beyond all bounds") from None


def _constant(name: str) -> NoReturn:
    raise JsonError(f'not JSON: {name} is written "{name}", in quotes')


_decoder = json.JSONDecoder(object_pairs_hook=_object, parse_float=_real, parse_constant=_constant)
