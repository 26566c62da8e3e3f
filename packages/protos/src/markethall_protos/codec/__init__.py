"""Messages to bytes and to JSON, and back, exact and fast.

`binary` and `json` state what is promised; `implementation()` tells whether the compiled codec or the one
in pure Python is in use.
"""

from .binary import composer, decode, decoder, encode, encoder, implementation
from .errors import CodecError, DecodeError, EncodeError, JsonError
from .json import from_json, from_json_value, to_json, to_json_value

__all__ = [
    "CodecError",
    "DecodeError",
    "EncodeError",
    "JsonError",
    "composer",
    "decode",
    "decoder",
    "encode",
    "encoder",
    "from_json",
    "from_json_value",
    "implementation",
    "to_json",
    "to_json_value",
]
