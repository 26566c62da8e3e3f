"""Messages to bytes and back, through betterproto2's own codec."""

from collections.abc import Callable
from typing import TypeVar

import betterproto2

M = TypeVar("M", bound=betterproto2.Message)


def encode(message: betterproto2.Message) -> bytes:
    return message.SerializeToString()


def decode(cls: type[M], data: bytes) -> M:
    return cls.FromString(data)


def encoder(cls: type[M]) -> Callable[[M], bytes]:
    """The function that turns a message of `cls` into bytes."""
    return cls.SerializeToString


def decoder(cls: type[M]) -> Callable[[bytes], M]:
    """The function that turns bytes into a message of `cls`."""
    return cls.FromString
