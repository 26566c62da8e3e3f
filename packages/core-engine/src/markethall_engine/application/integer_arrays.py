"""Arrays of integers as bytes, the same on every machine."""

import sys
from array import array


def packed(integers: "array[int]") -> bytes:
    return _little_endian(integers).tobytes()


def unpacked(typecode: str, data: bytes) -> "array[int]":
    return _little_endian(array(typecode, data))


def _little_endian(integers: "array[int]") -> "array[int]":
    """The same array on most machines, a swapped copy on the others."""
    if sys.byteorder == "big":
        integers = integers[:]
        integers.byteswap()
    return integers
