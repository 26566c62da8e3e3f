"""Messages to bytes and back: exact, or refused.

What is promised, by the compiled codec and by the pure-Python one alike, with Google's own as the judge:

- `decode(type(m), encode(m)) == m`, and other implementations read the same message from the same bytes;
- unknown fields and unknown enum values are kept and written again;
- of a oneof the last member on the wire counts, submessages that occur twice are merged;
- truncated or corrupt data, invalid UTF-8 and nesting beyond 100 levels are refused with `DecodeError`;
- a value that its field cannot carry is refused with `EncodeError`, never cut to fit: a number out of
  range, another type, a time zone missing, two members of a oneof, an attribute that is no field.

Timestamps and durations hold microseconds in Python, and only what the contract's types allow; see
`times`. Unknown fields inside of them and of wrappers are dropped, as there is no place to keep them. An
entry of a map that holds unknown fields is an unknown field itself.
"""

import os
from collections.abc import Callable
from functools import cache
from importlib import import_module
from types import ModuleType
from typing import Any, Literal, TypeVar, cast

import betterproto2

from .schema import schema_of

M = TypeVar("M", bound=betterproto2.Message)

CHOICES = ("auto", "compiled", "python")
"""What the environment variable MARKETHALL_CODEC may ask for; `auto` prefers the compiled one."""


def _load(choice: str) -> ModuleType:
    if choice not in CHOICES:
        raise ImportError(f"MARKETHALL_CODEC: expected one of {', '.join(CHOICES)}, found {choice!r}")
    if choice != "python":
        try:
            return import_module(f"{__package__}.compiled")
        except ImportError:
            if choice == "compiled":
                raise
    return import_module(f"{__package__}.generated")


_codec = _load(os.environ.get("MARKETHALL_CODEC", "auto"))


def implementation() -> Literal["compiled", "python"]:
    """Say which codec is in use in this process."""
    return "compiled" if _codec.__name__.endswith(".compiled") else "python"


@cache
def _encoder(cls: type[betterproto2.Message]) -> Callable[[Any], bytes]:
    return cast("Callable[[Any], bytes]", _codec.encoder(cls))


@cache
def _decoder(cls: type[betterproto2.Message]) -> Callable[[bytes], Any]:
    return cast("Callable[[bytes], Any]", _codec.decoder(cls))


def encoder(cls: type[M]) -> Callable[[M], bytes]:
    """Return the function that turns a message of `cls` into bytes; hold on to it where speed matters."""
    return _encoder(cls)


def decoder(cls: type[M]) -> Callable[[bytes], M]:
    """Return the function that turns bytes into a message of `cls`; hold on to it where speed matters."""
    return _decoder(cls)


def composer(cls: type[M], *names: str) -> Callable[..., M]:
    """Return a function that takes the values of the fields `names`, by position, and encodes them at once.

    For messages that are written and never read, as a server's replies are: making a dataclass, taking it
    apart and freeing it is most of the work otherwise. Without `names` it takes all fields, in their order;
    fields that are not named have their defaults. What the function returns stands for a message of `cls`,
    and the type checker takes it for one: the encoder of `cls` takes it, and the encoder or composer of a
    message with a field of `cls`. Nothing else may be done with it.

    The function raises `EncodeError` as the encoder does, and `composer` raises `ValueError` for names that
    are no fields of one message.
    """
    schema = schema_of(cls)
    siblings = {field.attribute: field.siblings for field in schema.fields}
    chosen = names or tuple(siblings)
    for name in chosen:
        if name not in siblings:
            raise ValueError(f"{schema.full_name} has no field {name!r}")
        for rival in siblings[name]:
            if rival in chosen:
                raise ValueError(f"{schema.full_name} has only one of {name!r} and {rival!r}")
    return cast("Callable[..., M]", _codec.composer(cls, chosen))


def encode(message: betterproto2.Message) -> bytes:
    """Turn `message` into bytes; raises `EncodeError` naming the field that cannot be written."""
    return _encoder(type(message))(message)


def decode(cls: type[M], data: bytes) -> M:
    """Turn `data` into a message of `cls`; raises `DecodeError` saying where and why it is none."""
    message: M = _decoder(cls)(data)
    return message
