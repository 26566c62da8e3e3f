# A growing buffer and the wire format's way of writing into it.
#
# The first bytes go into room that the caller lends, usually on its stack, so that an ordinary message
# costs no allocation. `reserve` before `put_…`: the latter do not look at the room left.

from cpython.mem cimport PyMem_Free, PyMem_Malloc, PyMem_Realloc
from libc.stdint cimport uint8_t, uint64_t
from libc.string cimport memcpy, memmove


cdef struct Output:
    uint8_t* data
    Py_ssize_t size
    Py_ssize_t capacity
    bint on_heap


cdef inline void open_output(Output* out, uint8_t* room, Py_ssize_t capacity) noexcept:
    out.data = room
    out.size = 0
    out.capacity = capacity
    out.on_heap = False


cdef inline void close_output(Output* out) noexcept:
    if out.on_heap:
        PyMem_Free(out.data)


cdef inline int grow(Output* out, Py_ssize_t more) except -1:
    cdef Py_ssize_t capacity = out.capacity * 2
    cdef uint8_t* data
    while capacity - out.size < more:
        capacity *= 2
    if out.on_heap:
        data = <uint8_t*>PyMem_Realloc(out.data, capacity)
    else:
        data = <uint8_t*>PyMem_Malloc(capacity)
        if data != NULL:
            memcpy(data, out.data, out.size)
    if data == NULL:
        raise MemoryError
    out.data = data
    out.capacity = capacity
    out.on_heap = True
    return 0


cdef inline int reserve(Output* out, Py_ssize_t more) except -1:
    """Make room for `more` bytes."""
    if out.capacity - out.size < more:
        return grow(out, more)
    return 0


cdef inline void put_byte(Output* out, uint8_t value) noexcept:
    out.data[out.size] = value
    out.size += 1


cdef inline void put_varint(Output* out, uint64_t value) noexcept:
    """At most 10 bytes."""
    while value > 127:
        put_byte(out, <uint8_t>(value | 128))
        value >>= 7
    put_byte(out, <uint8_t>value)


cdef inline void put_raw(Output* out, const void* value, Py_ssize_t length) noexcept:
    memcpy(out.data + out.size, value, length)
    out.size += length


cdef inline Py_ssize_t open_length(Output* out) noexcept:
    """Leave one byte for the length of what follows, and return where it is for `close_length`."""
    out.size += 1
    return out.size - 1


cdef inline int close_length(Output* out, Py_ssize_t mark) except -1:
    """Put the length of all written since `open_length` at `mark`, moving it if a byte is too few."""
    cdef Py_ssize_t length = out.size - mark - 1
    cdef uint64_t rest = <uint64_t>length >> 7
    cdef Py_ssize_t more = 0
    if rest:
        while rest:
            more += 1
            rest >>= 7
        reserve(out, more)
        memmove(out.data + mark + 1 + more, out.data + mark + 1, length)
    out.size = mark
    put_varint(out, <uint64_t>length)
    out.size += length
    return 0
