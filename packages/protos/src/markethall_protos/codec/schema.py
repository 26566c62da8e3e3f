"""What the codec knows of a message type, read once from its betterproto2 dataclass.

This is the only module that knows how betterproto2 describes fields. The compiled codec, the generated
Python and the JSON readers and writers all work from `MessageSchema`, so they cannot disagree about
what a message looks like.
"""

import dataclasses
import keyword
import sys
import typing
from enum import IntEnum
from functools import cache
from typing import Any

import betterproto2

VARINT, FIXED64, LENGTH_DELIMITED, FIXED32 = 0, 1, 2, 5
"""Wire types: https://protobuf.dev/programming-guides/encoding/#structure."""

WIRE_TYPES = {
    "int32": VARINT,
    "int64": VARINT,
    "uint32": VARINT,
    "uint64": VARINT,
    "sint32": VARINT,
    "sint64": VARINT,
    "bool": VARINT,
    "enum": VARINT,
    "fixed64": FIXED64,
    "sfixed64": FIXED64,
    "double": FIXED64,
    "fixed32": FIXED32,
    "sfixed32": FIXED32,
    "float": FIXED32,
    "string": LENGTH_DELIMITED,
    "bytes": LENGTH_DELIMITED,
    "message": LENGTH_DELIMITED,
    "timestamp": LENGTH_DELIMITED,
    "duration": LENGTH_DELIMITED,
    "wrapper": LENGTH_DELIMITED,
    "map": LENGTH_DELIMITED,
}

INTEGER_RANGES = {
    "int32": (-(2**31), 2**31 - 1),
    "sint32": (-(2**31), 2**31 - 1),
    "sfixed32": (-(2**31), 2**31 - 1),
    "enum": (-(2**31), 2**31 - 1),
    "int64": (-(2**63), 2**63 - 1),
    "sint64": (-(2**63), 2**63 - 1),
    "sfixed64": (-(2**63), 2**63 - 1),
    "uint32": (0, 2**32 - 1),
    "fixed32": (0, 2**32 - 1),
    "uint64": (0, 2**64 - 1),
    "fixed64": (0, 2**64 - 1),
}
"""The smallest and the largest value of each integer type; enums are open and travel as int32."""

MAX_DEPTH = 100
"""Levels of messages, map entries and groups below the outermost message, as Google's own codecs limit."""


@dataclasses.dataclass(frozen=True, slots=True)
class FieldSchema:
    """One field of a message, or the key or value of a map.

    `kind` is a proto scalar type, `enum`, `message`, `map`, or one of the types that betterproto2 shows
    as a Python value: `timestamp` (aware `datetime`), `duration` (`timedelta`), `wrapper` (the value of
    a google.protobuf.StringValue and its like).
    """

    attribute: str
    """Its name in Python."""
    name: str
    """Its name in the contract; differs where that is a Python keyword (`from`, in Python `from_`)."""
    number: int
    kind: str
    repeated: bool = False
    has_presence: bool = False
    """Whether unset, `None`, differs from its type's default."""
    siblings: tuple[str, ...] = ()
    """Attributes of the other members of its oneof."""
    message_type: type[betterproto2.Message] | None = None
    """Of a `message` field, its class."""
    enum_type: type[IntEnum] | None = None
    """Of an `enum` field, its class."""
    key: "FieldSchema | None" = None
    """Of a `map`, its key."""
    value: "FieldSchema | None" = None
    """Of a `map`, its value; of a `wrapper`, what it wraps."""

    @property
    def wire_type(self) -> int:
        """The wire type of one value of it."""
        return WIRE_TYPES[self.kind]

    @property
    def packs(self) -> bool:
        """Whether repeated values of it travel in one length-delimited run, as proto3 does by default."""
        return self.repeated and self.wire_type != LENGTH_DELIMITED

    @property
    def json_name(self) -> str:
        """Its lowerCamelCase name, made as protoc makes it."""
        head, *words = self.name.split("_")
        return head + "".join(word[:1].upper() + word[1:] for word in words)


@dataclasses.dataclass(frozen=True, slots=True, eq=False)
class MessageSchema:
    """A message type: its class and its fields, in the order in which the contract declares them."""

    cls: type[betterproto2.Message]
    full_name: str
    """Its name in the contract, such as `markethall.v1.Order`."""
    fields: tuple[FieldSchema, ...]

    @property
    def fields_by_number(self) -> tuple[FieldSchema, ...]:
        """The fields in the order in which they are written to the wire."""
        return tuple(sorted(self.fields, key=lambda field: field.number))

    @property
    def fields_by_json_name(self) -> dict[str, FieldSchema]:
        """The fields by both names that they go by in JSON: the contract's and its lowerCamelCase."""
        return {name: field for field in self.fields for name in (field.name, field.json_name)}

    def blank_state(self) -> dict[str, Any]:
        """Return what the `__dict__` of a message of defaults holds, as a plain dict.

        A copy of it, unlike one of an instance's own `__dict__`, makes messages whose attributes Python
        reads twice as fast.
        """
        # Not from an instance: the `__init__` of deprecated messages warns.
        fields: tuple[Any, ...] = dataclasses.fields(self.cls)  # type: ignore[arg-type]
        return {field.name: field.default_factory() for field in fields} | {"_unknown_fields": b""}


@cache
def schema_of(cls: type[betterproto2.Message]) -> MessageSchema:
    """Return the schema of the betterproto2 dataclass `cls`.

    Nested types are named, not entered, so recursive types are no matter. Raises `TypeError` for
    anything that is no betterproto2 message.
    """
    if not (
        isinstance(cls, type) and issubclass(cls, betterproto2.Message) and dataclasses.is_dataclass(cls)
    ):
        raise TypeError(f"expected a betterproto2 message class, found {cls!r}")
    # The class's own namespace must not hide a type behind a field of the same name.
    hints = typing.get_type_hints(cls, vars(sys.modules[cls.__module__]), {})
    fields = dataclasses.fields(cls)
    metadata = {field.name: betterproto2.FieldMetadata.get(field) for field in fields}
    oneofs: dict[str, list[str]] = {}
    for attribute, meta in metadata.items():
        if meta.group:
            oneofs.setdefault(meta.group, []).append(attribute)
    return MessageSchema(
        cls=cls,
        full_name=full_name_of(cls),
        fields=tuple(
            _field(
                attribute,
                meta,
                hints[attribute],
                tuple(other for other in oneofs.get(meta.group or "", ()) if other != attribute),
            )
            for attribute, meta in metadata.items()
        ),
    )


def contract_name(name: str) -> str:
    """Return the contract's name for a field or enum value, undoing what made it a name in Python.

    betterproto2 turns the keyword `from` into `from_`, and `1M` into `_1M`.
    """
    if name.endswith("_") and keyword.iskeyword(name[:-1]):
        return name[:-1]
    if name.startswith("_") and not name[1:].isidentifier():
        return name[1:]
    return name


def full_name_of(cls: type[betterproto2.Message]) -> str:
    """Return the name of `cls` in its contract, such as `google.protobuf.Timestamp`."""
    pool = message_pool_of(cls)
    url = pool.type_to_url.get(cls) if pool is not None else None
    return url.rpartition("/")[2] if url else cls.__name__


def message_pool_of(cls: type[betterproto2.Message]) -> betterproto2.MessagePool | None:
    """Return the pool in which the generated module of `cls` registers its messages."""
    pool = getattr(sys.modules[cls.__module__], "default_message_pool", None)
    return pool if isinstance(pool, betterproto2.MessagePool) else None


def _field(
    attribute: str, meta: betterproto2.FieldMetadata, hint: Any, siblings: tuple[str, ...]
) -> FieldSchema:
    name = contract_name(attribute)
    arguments = typing.get_args(hint)
    if meta.map_meta is not None:
        key, value = meta.map_meta
        return FieldSchema(
            attribute,
            name,
            meta.number,
            kind="map",
            key=_value("key", key, arguments[0]),
            value=_value("value", value, arguments[1]),
        )
    return dataclasses.replace(
        _value(attribute, meta, arguments[0] if arguments else hint),
        name=name,
        repeated=bool(meta.repeated),
        has_presence=bool(meta.optional or meta.group),
        siblings=siblings,
    )


def _value(attribute: str, meta: betterproto2.FieldMetadata, value_type: Any) -> FieldSchema:
    """Describe one value of a field, without regard to how many there are."""
    field = FieldSchema(attribute, attribute, meta.number, kind=meta.proto_type)
    if meta.unwrap is not None:
        wrapping = meta.unwrap()
        if wrapping.__name__ in ("Timestamp", "Duration"):
            return dataclasses.replace(field, kind=wrapping.__name__.lower())
        return dataclasses.replace(field, kind="wrapper", value=schema_of(wrapping).fields[0])
    if meta.proto_type == "message":
        return dataclasses.replace(field, message_type=value_type)
    if meta.proto_type == "enum":
        return dataclasses.replace(field, enum_type=value_type)
    return field
