"""Messages to JSON and back: see `writer` for the form written, `reader` for what is read."""

import json
import struct
from typing import Any, TypeVar

import betterproto2

from markethall_protos.codec.errors import EncodeError
from markethall_protos.codec.faults import encode_error
from markethall_protos.codec.schema import MAX_DEPTH

from . import text
from .reader import message_reader
from .writer import message_writer

M = TypeVar("M", bound=betterproto2.Message)


def to_json(message: betterproto2.Message) -> bytes:
    """Turn `message` into compact UTF-8 JSON; raises `EncodeError` naming what cannot be written."""
    cls = type(message)
    try:
        return message_writer(cls)(message, MAX_DEPTH).encode()
    except EncodeError:  # from what JSON alone cannot say
        raise
    except (ValueError, TypeError, KeyError, AttributeError, OverflowError, struct.error) as error:
        raise encode_error(cls, message) from error


def from_json(cls: type[M], data: bytes | str) -> M:
    """Turn JSON into a message of `cls`; raises `JsonError` saying where and why it is none."""
    return from_json_value(cls, text.parse(data))


def to_json_value(message: betterproto2.Message) -> Any:
    """Turn `message` into the Python value of its JSON, a dict for all but a few types of google.protobuf."""
    return json.loads(to_json(message))


def from_json_value(cls: type[M], value: Any) -> M:
    """Turn the Python value of JSON into a message of `cls`; raises `JsonError` as `from_json` does."""
    message: M = message_reader(cls)(value, MAX_DEPTH)
    return message
