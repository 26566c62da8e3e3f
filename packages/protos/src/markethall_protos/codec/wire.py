"""The wire format's values in plain Python, as the generated codecs use them.

Readers take the data, a position and the end of the message, and return the value and the position
after it. What they accept is exactly what Google's upb accepts: at most 10 bytes of varint, 5 of tag or
length, 100 levels. A reader that looks past the end of all data raises `IndexError` or `struct.error`;
a value that crosses the end of its own message is noticed by comparing positions.
"""

import struct
from datetime import datetime, timedelta

from . import errors, times
from .errors import DecodeError

SMALL_VARINTS = tuple(bytes((value,)) for value in range(128))

_64_BITS = 2**64 - 1


def varint(value: int) -> bytes:
    """Encode a value of 0 to 2**64 - 1."""
    if value < 128:
        return SMALL_VARINTS[value]
    encoded = bytearray()
    while value > 127:
        encoded.append(value & 127 | 128)
        value >>= 7
    encoded.append(value)
    return bytes(encoded)


def unsigned(value: int, largest: int) -> bytes:
    """Encode a uint32 or uint64; raises `ValueError` when it is negative or beyond `largest`."""
    if not 0 <= value <= largest:
        raise ValueError
    return varint(value)


def signed(value: int, largest: int) -> bytes:
    """Encode an int32, int64 or enum, negative values in 10 bytes; raises `ValueError` out of range."""
    if not ~largest <= value <= largest:
        raise ValueError
    return varint(value & _64_BITS)


def zigzag(value: int, largest: int) -> bytes:
    """Encode a sint32 or sint64; raises `ValueError` out of range."""
    if not ~largest <= value <= largest:
        raise ValueError
    return varint(value << 1 if value >= 0 else ~(value << 1))


def timestamp(value: datetime) -> bytes:
    """Encode the body of a google.protobuf.Timestamp."""
    return _seconds_and_nanos(*times.timestamp_parts(value))


def duration(value: timedelta) -> bytes:
    """Encode the body of a google.protobuf.Duration."""
    return _seconds_and_nanos(*times.duration_parts(value))


def _seconds_and_nanos(seconds: int, nanos: int) -> bytes:
    encoded = b"\x08" + varint(seconds & _64_BITS) if seconds else b""
    return encoded + b"\x10" + varint(nanos & _64_BITS) if nanos else encoded


def read_varint(data: bytes, position: int, end: int) -> tuple[int, int]:
    """Read a varint of 1 to 10 bytes; bits beyond the 64th are dropped, as by every protobuf reader."""
    # The upper bit of each byte but the last is taken away with the byte that follows it. Written out
    # for up to 5 bytes, the lengths that are common, in a third less time than a loop.
    value = data[position]
    if value < 128:
        after = position + 1
    elif (value := value + (data[position + 1] - 1 << 7)) < 1 << 14:
        after = position + 2
    elif (value := value + (data[position + 2] - 1 << 14)) < 1 << 21:
        after = position + 3
    elif (value := value + (data[position + 3] - 1 << 21)) < 1 << 28:
        after = position + 4
    elif (value := value + (data[position + 4] - 1 << 28)) < 1 << 35:
        after = position + 5
    else:
        return _read_long_varint(data, position, end)
    if after > end:
        raise DecodeError(errors.TRUNCATED)
    return value, after


def _read_long_varint(data: bytes, position: int, end: int) -> tuple[int, int]:
    value = shift = 0
    for here in range(position, min(position + 10, end)):
        byte = data[here]
        value |= (byte & 127) << shift
        if byte < 128:
            return value & _64_BITS, here + 1
        shift += 7
    raise DecodeError(errors.VARINT_TOO_LONG if position + 10 <= end else errors.TRUNCATED)


def read_tag(data: bytes, position: int, end: int) -> tuple[int, int]:
    """Read a field's number and wire type, up to 5 bytes and 32 bits."""
    return _read_short_varint(data, position, end, 2**32, errors.BAD_TAG)


def read_length(data: bytes, position: int, end: int) -> tuple[int, int]:
    """Read the length of a length-delimited value, up to 5 bytes and 31 bits."""
    return _read_short_varint(data, position, end, 2**31, errors.BAD_LENGTH)


def _read_short_varint(data: bytes, position: int, end: int, limit: int, reason: str) -> tuple[int, int]:
    value = shift = 0
    for here in range(position, min(position + 5, end)):
        byte = data[here]
        value |= (byte & 127) << shift
        if byte < 128:
            if value >= limit:
                break
            return value, here + 1
        shift += 7
    else:
        if position + 5 > end:
            raise DecodeError(errors.TRUNCATED)
    raise DecodeError(reason)


def skip(data: bytes, position: int, end: int, tag: int, depth: int) -> int:
    """Return the position after the value of a field that the contract does not know.

    `depth` is how many levels of groups may still begin.
    """
    wire_type = tag & 7
    if wire_type == 0:
        _, position = read_varint(data, position, end)
    elif wire_type == 1:
        position += 8
    elif wire_type == 2:
        length, position = read_length(data, position, end)
        position += length
    elif wire_type == 3:
        position = _skip_group(data, position, end, tag >> 3, depth)
    elif wire_type == 5:
        position += 4
    else:
        raise DecodeError(errors.BAD_GROUP if wire_type == 4 else errors.BAD_WIRE_TYPE)
    if position > end:
        raise DecodeError(errors.TRUNCATED)
    return position


def _skip_group(data: bytes, position: int, end: int, number: int, depth: int) -> int:
    if depth <= 0:
        raise DecodeError(errors.TOO_DEEP)
    while position < end:
        tag, position = read_tag(data, position, end)
        if tag & 7 == 4:
            if tag >> 3 != number:
                raise DecodeError(errors.BAD_GROUP)
            return position
        position = skip(data, position, end, tag, depth - 1)
    raise DecodeError(errors.TRUNCATED)


def int32(value: int) -> int:
    """Take the lower 32 bits of a varint as a signed number."""
    value &= 0xFFFFFFFF
    return value if value < 2**31 else value - 2**32


def sint32(value: int) -> int:
    """Undo the zigzag encoding of a sint32, of which only the lower 32 bits count."""
    return sint64(value & 0xFFFFFFFF)


def sint64(value: int) -> int:
    """Undo the zigzag encoding of a sint64."""
    return value >> 1 ^ -(value & 1)


def read_packed_varints(data: bytes, position: int, end: int) -> list[int]:
    """Read the varints of a packed field."""
    values = []
    while position < end:
        value = data[position]
        if value < 128:
            position += 1
        else:
            value, position = read_varint(data, position, end)
        values.append(value)
    return values


def read_packed_fixed(data: bytes, position: int, end: int, code: str) -> tuple[int | float, ...]:
    """Read the numbers of a packed field of fixed width; `code` is `struct`'s name of their type."""
    count, rest = divmod(end - position, struct.calcsize("<" + code))
    if rest:
        raise DecodeError(errors.TRUNCATED)
    return struct.unpack_from(f"<{count}{code}", data, position)


def read_timestamp(data: bytes, position: int, end: int, depth: int, before: datetime | None) -> datetime:
    """Read the body of a google.protobuf.Timestamp, on top of the field's earlier value if there is one."""
    seconds, nanos = times.timestamp_parts(before) if before is not None else (0, 0)
    seconds, nanos = _read_seconds_and_nanos(data, position, end, depth, seconds, nanos)
    try:
        return times.timestamp_from_parts(seconds, nanos)
    except ValueError:
        raise DecodeError(errors.BAD_TIMESTAMP) from None


def read_duration(data: bytes, position: int, end: int, depth: int, before: timedelta | None) -> timedelta:
    """Read the body of a google.protobuf.Duration, on top of the field's earlier value if there is one."""
    seconds, nanos = times.duration_parts(before) if before is not None else (0, 0)
    seconds, nanos = _read_seconds_and_nanos(data, position, end, depth, seconds, nanos)
    try:
        return times.duration_from_parts(seconds, nanos)
    except ValueError:
        raise DecodeError(errors.BAD_DURATION) from None


def _read_seconds_and_nanos(
    data: bytes, position: int, end: int, depth: int, seconds: int, nanos: int
) -> tuple[int, int]:
    if depth < 0:
        raise DecodeError(errors.TOO_DEEP)
    while position < end:
        tag = data[position]
        if tag > 127:
            tag, position = read_tag(data, position, end)
        else:
            position += 1
        if tag == 8:
            seconds, position = read_varint(data, position, end)
            if seconds >= 1 << 63:
                seconds -= 1 << 64
        elif tag == 16:
            nanos, position = read_varint(data, position, end)
            if nanos >= 1 << 31:
                nanos = int32(nanos)
        elif tag < 8:
            raise DecodeError(errors.BAD_TAG)
        else:
            position = skip(data, position, end, tag, depth)
    return seconds, nanos
