"""The three ways a message can be refused, each saying where and why.

Every error carries `path`, the way to the fault from the outermost message in the contract's own
names (`orders[2].price`, empty for the message itself), and `reason`, what was expected and found.
Both implementations of the binary codec raise the same errors with the same texts.
"""

from typing import Self


class CodecError(ValueError):
    """Data or a message that cannot be converted; raised only as one of its subclasses."""

    def __init__(self, reason: str, path: str = "") -> None:
        super().__init__(reason, path)
        self.reason = reason
        self.path = path

    def __str__(self) -> str:
        return f"{self.path}: {self.reason}" if self.path else self.reason

    def within(self, segment: str) -> Self:
        """Return this error as seen from one level further out, where the fault lies in `segment`."""
        if not self.path:
            path = segment
        elif self.path.startswith("["):
            path = segment + self.path
        else:
            path = f"{segment}.{self.path}"
        return type(self)(self.reason, path)


def key_segment(key: object) -> str:
    """Return the segment of a path for a map's value under `key`, such as `["BTC-USD"]` or `[7]`."""
    return f'["{key}"]' if isinstance(key, str) else f"[{key}]"


class DecodeError(CodecError):
    """The bytes are no message of the wanted type: truncated, corrupt, or beyond what Python can hold."""


class EncodeError(CodecError):
    """A field of the message holds a value that its type in the contract cannot carry."""


class JsonError(CodecError):
    """The JSON does not describe a message of the wanted type."""


TRUNCATED = "the data ends in the middle of a value"
VARINT_TOO_LONG = "a varint is longer than 10 bytes"
BAD_TAG = "a tag names field 0, is longer than 5 bytes or is beyond 32 bits"
BAD_LENGTH = "a length is longer than 5 bytes or is beyond 31 bits"
BAD_WIRE_TYPE = "wire types 6 and 7 do not exist"
BAD_GROUP = "the end of a group that has not begun, or of another than the innermost"
BAD_UTF8 = "a string is not valid UTF-8"
TOO_DEEP = "messages are nested more than 100 deep"
BAD_TIMESTAMP = "a timestamp lies outside 0001-01-01T00:00:00Z to 9999-12-31T23:59:59.999999999Z"
BAD_DURATION = "a duration lies outside 10,000 years, or its seconds and nanoseconds differ in sign"
