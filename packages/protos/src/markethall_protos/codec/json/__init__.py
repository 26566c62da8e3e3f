"""Messages to JSON and back: see `writer` for the form written, `reader` for what is read."""

import json
from collections.abc import Callable
from functools import cache
from typing import Any, TypeVar

import betterproto2

from markethall_protos.codec.binary import implementation

from . import text

if implementation() == "compiled":
    from markethall_protos.codec.compiled import json_encoder, json_value_decoder
else:
    from .reader import json_value_decoder
    from .writer import json_encoder

M = TypeVar("M", bound=betterproto2.Message)


@cache
def _encoder(cls: type[betterproto2.Message]) -> Callable[[Any], bytes]:
    return json_encoder(cls)


@cache
def _value_decoder(cls: type[betterproto2.Message]) -> Callable[[Any], Any]:
    return json_value_decoder(cls)


def to_json(message: betterproto2.Message) -> bytes:
    """Turn `message` into compact UTF-8 JSON; raises `EncodeError` naming what cannot be written."""
    return _encoder(type(message))(message)


def from_json(cls: type[M], data: bytes | str) -> M:
    """Turn JSON into a message of `cls`; raises `JsonError` saying where and why it is none."""
    return from_json_value(cls, text.parse(data))


def to_json_value(message: betterproto2.Message) -> Any:
    """Turn `message` into the Python value of its JSON, a dict for all but a few types of google.protobuf."""
    return json.loads(to_json(message))


def from_json_value(cls: type[M], value: Any) -> M:
    """Turn the Python value of JSON into a message of `cls`; raises `JsonError` as `from_json` does."""
    message: M = _value_decoder(cls)(value)
    return message
