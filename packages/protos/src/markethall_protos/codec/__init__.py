"""Messages to bytes and back, exact and fast.

`binary` states what is promised; `implementation()` tells whether the compiled codec or the one in pure
Python is in use.
"""

from .binary import decode, decoder, encode, encoder, implementation
from .errors import CodecError, DecodeError, EncodeError, JsonError

__all__ = [
    "CodecError",
    "DecodeError",
    "EncodeError",
    "JsonError",
    "decode",
    "decoder",
    "encode",
    "encoder",
    "implementation",
]
