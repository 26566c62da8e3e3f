"""The binary codec in pure Python: code written for each message type when it is first asked for.

It does all that the compiled codec does, several times slower, where no compiler was to be had.
"""

import struct
import threading
from collections.abc import Callable
from math import copysign
from typing import Any, TypeVar

import betterproto2

from . import errors, wire
from .decoder_source import decoder_source, wrapped_source
from .encoder_source import encoder_source
from .errors import DecodeError
from .faults import encode_error
from .schema import MAX_DEPTH, FieldSchema, MessageSchema, schema_of
from .source import FIXED_CODES, Names

M = TypeVar("M", bound=betterproto2.Message)


def encoder(cls: type[M]) -> Callable[[M], bytes]:
    """Return the function that turns a message of `cls` into bytes."""
    write = _CODE.function("encode", cls)

    def encode(message: M) -> bytes:
        try:
            encoded: bytes = write(message, MAX_DEPTH)
        except (ValueError, TypeError, KeyError, OverflowError, AttributeError, struct.error) as error:
            raise encode_error(cls, message) from error
        return encoded

    return encode


def decoder(cls: type[M]) -> Callable[[bytes], M]:
    """Return the function that turns bytes into a message of `cls`."""
    read = _CODE.function("decode", cls)

    def decode(data: bytes) -> M:
        if not isinstance(data, bytes):
            raise TypeError(f"expected bytes, found {type(data).__name__}")
        message: M = read(data, 0, len(data), MAX_DEPTH)
        return message

    return decode


class Composed:
    """Stands for a message of `composed_type`: see `binary.composer`."""

    __slots__ = ("composed_type", "data")

    def __init__(self, composed_type: type[betterproto2.Message], data: bytes) -> None:
        self.composed_type = composed_type
        self.data = data


def composer(cls: type[betterproto2.Message], names: tuple[str, ...]) -> Callable[..., Composed]:
    """Return the function that turns the values of these fields into what stands for a message of `cls`."""
    encode = encoder(cls)

    def compose(*values: Any) -> Composed:
        if len(values) != len(names):
            raise TypeError(f"expected {len(names)} values, found {len(values)}")
        return Composed(cls, encode(cls(**dict(zip(names, values, strict=True)))))

    return compose


class _Code:
    """Generated functions, all in one namespace, since message types refer to each other."""

    def __init__(self) -> None:
        self._names = Names()
        self._lock = threading.Lock()
        self._done: set[type] = set()
        # All that `wire` knows may be called by its bare name, which is faster than through the module.
        self._namespace: dict[str, Any] = vars(wire) | {
            "Composed": Composed,
            "StructError": struct.error,
            "copysign": copysign,
            "locate": _locate,
        }
        for kind, code in FIXED_CODES.items():
            form = struct.Struct("<" + code)
            self._namespace |= {f"pack_{kind}": form.pack, f"unpack_{kind}": form.unpack_from}
        for kind in ("string", "bytes", "bool", "double", "float", "int32", "int64", "uint32", "uint64"):
            self._run(f"a wrapped {kind}", wrapped_source(kind))

    def function(self, prefix: str, cls: type[betterproto2.Message]) -> Callable[..., Any]:
        """Return `encode_<n>` or `decode_<n>` of `cls`, writing it and what it calls if need be."""
        with self._lock:
            waiting = [cls]
            while waiting:
                schema = schema_of(waiting.pop())
                if schema.cls not in self._done:
                    self._done.add(schema.cls)
                    self._run(schema.full_name, encoder_source(schema, self._names))
                    self._run(schema.full_name, decoder_source(schema, self._names))
                    waiting += _message_types(schema)
            function: Callable[..., Any] = self._namespace[self._names.of(prefix, cls)]
            return function

    def _run(self, title: str, source: str) -> None:
        exec(compile(source, f"<codec of {title}>", "exec"), self._namespace)  # noqa: S102 - our own text
        self._namespace |= self._names.values


def _message_types(schema: MessageSchema) -> list[type[betterproto2.Message]]:
    values = [field.value if field.kind == "map" and field.value else field for field in schema.fields]
    return [value.message_type for value in values if value.message_type is not None]


def _locate(
    error: Exception, tag: int, known: dict[int, FieldSchema], lists: dict[str, list[Any]]
) -> DecodeError:
    """Return what went wrong as a `DecodeError` that names the field at which the reader stood."""
    if isinstance(error, IndexError | struct.error):
        error = DecodeError(errors.TRUNCATED)
    elif isinstance(error, UnicodeDecodeError):
        error = DecodeError(errors.BAD_UTF8)
    assert isinstance(error, DecodeError), error
    field = known.get(tag)
    if field is None:
        return error
    single = field.repeated and tag & 7 == field.wire_type
    return error.within(f"{field.name}[{len(lists[field.attribute])}]" if single else field.name)


_CODE = _Code()
