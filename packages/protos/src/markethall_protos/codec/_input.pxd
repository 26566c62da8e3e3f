# Reading the wire format from memory: every function looks before it reads, and returns a `Fault`.
#
# What is accepted is exactly what Google's upb accepts; `wire` is the same in Python.

from libc.stdint cimport uint8_t, uint32_t, uint64_t
from libc.string cimport memcpy


cdef enum Fault:
    FAULT_NONE
    FAULT_TRUNCATED
    FAULT_VARINT_TOO_LONG
    FAULT_BAD_TAG
    FAULT_BAD_LENGTH
    FAULT_BAD_WIRE_TYPE
    FAULT_BAD_GROUP
    FAULT_TOO_DEEP
    FAULT_BAD_TIMESTAMP
    FAULT_BAD_DURATION


cdef struct Input:
    const uint8_t* position
    const uint8_t* end


cdef inline Fault read_long_varint(Input* data, uint64_t* value) noexcept nogil:
    cdef uint64_t result = 0
    cdef int shift = 0
    cdef uint8_t byte
    while shift < 70:
        if data.position >= data.end:
            return FAULT_TRUNCATED
        byte = data.position[0]
        data.position += 1
        result |= <uint64_t>(byte & 127) << shift
        if byte < 128:
            value[0] = result
            return FAULT_NONE
        shift += 7
    return FAULT_VARINT_TOO_LONG


cdef inline Fault read_varint(Input* data, uint64_t* value) noexcept nogil:
    """Read up to 10 bytes; bits beyond the 64th are dropped, as by every protobuf reader."""
    if data.position < data.end and data.position[0] < 128:
        value[0] = data.position[0]
        data.position += 1
        return FAULT_NONE
    return read_long_varint(data, value)


cdef inline Fault read_short_varint(Input* data, uint64_t limit, Fault fault, uint32_t* value) noexcept nogil:
    """Read up to 5 bytes whose value is below `limit`, else `fault`."""
    cdef uint64_t result = 0
    cdef int shift = 0
    cdef uint8_t byte
    while shift < 35:
        if data.position >= data.end:
            return FAULT_TRUNCATED
        byte = data.position[0]
        data.position += 1
        result |= <uint64_t>(byte & 127) << shift
        if byte < 128:
            if result >= limit:
                return fault
            value[0] = <uint32_t>result
            return FAULT_NONE
        shift += 7
    return fault


cdef inline Fault read_tag(Input* data, uint32_t* tag) noexcept nogil:
    """Read a field's number and wire type; the field number may turn out to be 0."""
    return read_short_varint(data, <uint64_t>1 << 32, FAULT_BAD_TAG, tag)


cdef inline Fault read_body(Input* data, Input* body) noexcept nogil:
    """Step over a length-delimited value, leaving its extent in `body`."""
    cdef uint32_t length = 0
    cdef Fault fault
    body.position = body.end = data.end
    if data.position < data.end and data.position[0] < 128:
        length = data.position[0]
        data.position += 1
    else:
        fault = read_short_varint(data, <uint64_t>1 << 31, FAULT_BAD_LENGTH, &length)
        if fault:
            return fault
    if <Py_ssize_t>length > data.end - data.position:
        return FAULT_TRUNCATED
    body.position = data.position
    data.position += length
    body.end = data.position
    return FAULT_NONE


cdef inline Fault read_raw(Input* data, void* value, Py_ssize_t width) noexcept nogil:
    """Copy `width` bytes to `value`."""
    if data.end - data.position < width:
        return FAULT_TRUNCATED
    memcpy(value, data.position, width)
    data.position += width
    return FAULT_NONE


cdef inline Fault skip(Input* data, uint32_t tag, int depth) noexcept nogil:
    """Step over the value of a field that the contract does not know.

    `depth` is how many levels of groups may still begin. Groups are followed by a stack of their
    numbers rather than by recursion.
    """
    cdef uint32_t groups[101]
    cdef int open_groups = 0
    cdef uint64_t ignored
    cdef Input body
    cdef Fault fault
    while True:
        fault = FAULT_NONE
        if tag & 7 == 0:
            fault = read_varint(data, &ignored)
        elif tag & 7 == 1:
            fault = read_raw(data, &ignored, 8)
        elif tag & 7 == 2:
            fault = read_body(data, &body)
        elif tag & 7 == 3:
            if open_groups >= depth:
                return FAULT_TOO_DEEP
            groups[open_groups] = tag >> 3
            open_groups += 1
        elif tag & 7 == 4:
            if open_groups == 0 or groups[open_groups - 1] != tag >> 3:
                return FAULT_BAD_GROUP
            open_groups -= 1
        elif tag & 7 == 5:
            fault = read_raw(data, &ignored, 4)
        else:
            return FAULT_BAD_WIRE_TYPE
        if fault or not open_groups:
            return fault
        fault = read_tag(data, &tag)
        if fault:
            return fault
