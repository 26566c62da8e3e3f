# cython: language_level=3, boundscheck=False, wraparound=False, cdivision=True, initializedcheck=False
"""The binary codec, compiled: one pair of loops over tables of fields, for every message type.

It keeps the promises of `binary` and reads and writes the very dataclasses of betterproto2. A message's
fields are taken from its `__dict__` and put there whole, so neither side pays for Python's attributes or
`__init__`. Whatever cannot be written fails in any way it likes, for `faults` to explain; what cannot be
read is a `DecodeError` with the path to it, gathered on the way out.

Nothing here trusts the data: each read is bounded by `_input`, recursion by `MAX_DEPTH`.
"""

import threading

cimport cython
from cpython.bytes cimport PyBytes_AS_STRING, PyBytes_Check, PyBytes_FromStringAndSize, PyBytes_GET_SIZE
from cpython.datetime cimport (
    PyDateTime_Check,
    PyDateTime_DATE_GET_HOUR,
    PyDateTime_DATE_GET_MICROSECOND,
    PyDateTime_DATE_GET_MINUTE,
    PyDateTime_DATE_GET_SECOND,
    PyDateTime_GET_DAY,
    PyDateTime_GET_MONTH,
    PyDateTime_GET_YEAR,
    PyDateTimeAPI,
    datetime,
    import_datetime,
)
from cpython.dict cimport PyDict_Copy
from cpython.float cimport PyFloat_AsDouble, PyFloat_Check
from cpython.long cimport PyLong_AsLongLong, PyLong_AsUnsignedLongLong, PyLong_Check
from cpython.unicode cimport PyUnicode_DecodeUTF8
from libc.math cimport INFINITY, isfinite, signbit
from libc.stdint cimport INT32_MAX, INT32_MIN, UINT32_MAX, int32_t, int64_t, uint8_t, uint32_t, uint64_t

from ._calendar cimport Date, date_from_days, days_from_date
from ._input cimport (
    FAULT_BAD_DURATION,
    FAULT_BAD_TAG,
    FAULT_BAD_TIMESTAMP,
    FAULT_TOO_DEEP,
    Fault,
    Input,
    read_body,
    read_raw,
    read_tag,
    read_varint,
    skip,
)
from ._output cimport (
    Output,
    close_length,
    close_output,
    open_length,
    open_output,
    put_byte,
    put_raw,
    put_varint,
    reserve,
)

from . import errors, times
from .errors import DecodeError
from .faults import encode_error
from .schema import MAX_DEPTH, schema_of

cdef extern from "Python.h":
    ctypedef struct PyTypeObject
    object PyObject_GenericGetDict(object, void*)
    object PyType_GenericAlloc(PyTypeObject*, Py_ssize_t)
    const char* PyUnicode_AsUTF8AndSize(object, Py_ssize_t*) except NULL

import_datetime()

cdef object UTC = times.UTC
cdef int64_t FIRST_SECOND = times.FIRST_SECOND
cdef int64_t LAST_SECOND = times.LAST_SECOND
cdef int DEPTH = MAX_DEPTH

cdef tuple REASONS = (  # in the order of `Fault`
    None,
    errors.TRUNCATED,
    errors.VARINT_TOO_LONG,
    errors.BAD_TAG,
    errors.BAD_LENGTH,
    errors.BAD_WIRE_TYPE,
    errors.BAD_GROUP,
    errors.TOO_DEEP,
    errors.BAD_TIMESTAMP,
    errors.BAD_DURATION,
)

cdef enum Kind:
    STRING
    BYTES
    BOOL
    ENUM
    INT32
    INT64
    UINT32
    UINT64
    SINT32
    SINT64
    FIXED32
    FIXED64
    SFIXED32
    SFIXED64
    FLOAT
    DOUBLE
    MESSAGE
    TIMESTAMP
    DURATION
    WRAPPER
    MAP

cdef dict KINDS = {
    "string": STRING,
    "bytes": BYTES,
    "bool": BOOL,
    "enum": ENUM,
    "int32": INT32,
    "int64": INT64,
    "uint32": UINT32,
    "uint64": UINT64,
    "sint32": SINT32,
    "sint64": SINT64,
    "fixed32": FIXED32,
    "fixed64": FIXED64,
    "sfixed32": SFIXED32,
    "sfixed64": SFIXED64,
    "float": FLOAT,
    "double": DOUBLE,
    "message": MESSAGE,
    "timestamp": TIMESTAMP,
    "duration": DURATION,
    "wrapper": WRAPPER,
    "map": MAP,
}

cdef enum:
    SMALL = 64  # field numbers and enum values below this are found by position


@cython.final
cdef class FieldCodec:
    """A field's row in the table of its message; or the key or value of a map, or what a wrapper wraps."""

    cdef Kind kind
    cdef int wire_type
    cdef uint32_t number
    cdef bint repeated
    cdef bint packs
    cdef bint has_presence
    cdef int oneof
    cdef uint8_t tag[5]
    cdef int tag_length
    cdef str attribute
    cdef str name
    cdef object default
    cdef tuple siblings
    cdef object enum_type
    cdef dict members
    cdef list small_members
    cdef MessageCodec message
    cdef FieldCodec key
    cdef FieldCodec value


@cython.final
cdef class MessageCodec:
    """The table of a message type's fields."""

    cdef object cls
    cdef Py_ssize_t attribute_count
    cdef list fields
    cdef list small_numbers
    cdef dict by_number
    cdef dict blank
    cdef list containers
    cdef bint has_oneofs

    @cython.binding(False)
    def encode(self, message):
        """Turn a message into bytes; raises `EncodeError`."""
        cdef uint8_t room[1024]
        cdef Output out
        open_output(&out, room, sizeof(room))
        try:
            write_message(&out, self, message, DEPTH)
            return PyBytes_FromStringAndSize(<const char*>out.data, out.size)
        except (ValueError, TypeError, KeyError, OverflowError, AttributeError) as error:
            raise encode_error(self.cls, message) from error
        finally:
            close_output(&out)

    @cython.binding(False)
    def decode(self, data):
        """Turn bytes into a message; raises `DecodeError`."""
        cdef Input source
        if not PyBytes_Check(data):
            raise TypeError(f"expected bytes, found {type(data).__name__}")
        source.position = <const uint8_t*>PyBytes_AS_STRING(data)
        source.end = source.position + PyBytes_GET_SIZE(data)
        return read_message(&source, self, None, DEPTH)


# Writing. `depth` is always how many levels of messages may still follow.

cdef int write_message(Output* out, MessageCodec codec, object message, int depth) except -1:
    cdef FieldCodec field
    cdef dict state
    cdef object value
    cdef bytes unknown
    if type(message) is not codec.cls and not isinstance(message, codec.cls):
        raise TypeError
    state = <dict>PyObject_GenericGetDict(message, NULL)
    if depth < 0 or len(state) != codec.attribute_count:
        raise ValueError
    if codec.has_oneofs:
        check_oneofs(codec, state)
    for field in codec.fields:
        value = state[field.attribute]
        if field.kind == MAP:
            write_map(out, field, value, depth)
        elif field.repeated:
            write_repeated(out, field, value, depth)
        elif not field.has_presence:
            write_unless_default(out, field, value)
        elif value is not None:
            write_field(out, field, value, depth)
    unknown = state["_unknown_fields"]
    if unknown is None:
        raise TypeError
    if unknown:
        reserve(out, len(unknown))
        put_raw(out, PyBytes_AS_STRING(unknown), len(unknown))
    return 0


cdef int check_oneofs(MessageCodec codec, dict state) except -1:
    cdef FieldCodec field
    cdef str sibling
    for field in codec.fields:
        if field.siblings and state[field.attribute] is not None:
            for sibling in field.siblings:
                if state[sibling] is not None:
                    raise ValueError
    return 0


cdef inline void put_tag(Output* out, FieldCodec field) noexcept:
    cdef int index
    for index in range(field.tag_length):
        out.data[out.size + index] = field.tag[index]
    out.size += field.tag_length


cdef int write_field(Output* out, FieldCodec field, object value, int depth) except -1:
    """Write the tag and one value."""
    reserve(out, 32)
    put_tag(out, field)
    return write_value(out, field, value, depth)


cdef int write_repeated(Output* out, FieldCodec field, object values, int depth) except -1:
    cdef Py_ssize_t mark
    if not isinstance(values, (list, tuple)):
        raise TypeError
    if not values:
        return 0
    if field.packs:
        reserve(out, 32)
        put_tag(out, field)
        mark = open_length(out)
        for value in values:
            reserve(out, 32)
            write_value(out, field, value, depth)
        return close_length(out, mark)
    for value in values:
        write_field(out, field, value, depth)
    return 0


cdef int write_map(Output* out, FieldCodec field, object entries, int depth) except -1:
    cdef Py_ssize_t mark
    if not isinstance(entries, dict) or (entries and depth < 1):
        raise TypeError
    for key, value in (<dict>entries).items():
        reserve(out, 32)
        put_tag(out, field)
        mark = open_length(out)
        write_field(out, field.key, key, depth)
        write_field(out, field.value, value, depth - 1)
        close_length(out, mark)
    return 0


cdef int write_unless_default(Output* out, FieldCodec field, object value) except -1:
    """Write a scalar of a type without presence, which the wire lacks when it has its type's default."""
    cdef double real
    if field.kind == STRING:
        if isinstance(value, str):
            if not <str>value:
                return 0
    elif field.kind == BYTES:
        if isinstance(value, bytes) and not value:
            return 0
    elif field.kind == DOUBLE or field.kind == FLOAT:
        real = as_real(value)
        if real == 0 and not signbit(real):
            return 0
    elif field.kind == BOOL:
        if value is False:
            return 0
    elif PyLong_Check(value) and not value:
        return 0
    return write_field(out, field, value, 0)


cdef inline double as_real(object value) except? -1:
    if not PyFloat_Check(value) and not PyLong_Check(value):
        raise TypeError
    return PyFloat_AsDouble(value)


cdef int write_value(Output* out, FieldCodec field, object value, int depth) except -1:
    """Write one value behind its tag; there is room for a number, and more is reserved for the others."""
    cdef Kind kind = field.kind
    cdef const char* text
    cdef Py_ssize_t length, mark
    if kind == STRING:
        text = PyUnicode_AsUTF8AndSize(value, &length)
        return write_body(out, text, length)
    if kind == BYTES:
        if not PyBytes_Check(value):
            raise TypeError
        return write_body(out, PyBytes_AS_STRING(value), PyBytes_GET_SIZE(value))
    if kind < MESSAGE:
        return write_number(out, kind, value)
    mark = open_length(out)
    if kind == MESSAGE:
        write_message(out, field.message, value, depth - 1)
    elif depth < 1:
        raise ValueError
    elif kind == TIMESTAMP:
        write_timestamp(out, value)
    elif kind == DURATION:
        write_seconds_and_nanos(out, times.duration_parts(value))
    else:
        write_unless_default(out, field.value, value)
    return close_length(out, mark)


cdef int write_body(Output* out, const char* body, Py_ssize_t length) except -1:
    reserve(out, length + 10)
    put_varint(out, <uint64_t>length)
    put_raw(out, body, length)
    return 0


cdef int write_number(Output* out, Kind kind, object value) except -1:
    cdef double real
    cdef float single
    if kind == BOOL:
        if value is not True and value is not False:
            raise TypeError
        put_byte(out, value is True)
    elif kind == DOUBLE:
        real = as_real(value)
        put_raw(out, &real, 8)
    elif kind == FLOAT:
        real = as_real(value)
        single = <float>real
        if isfinite(real) and not isfinite(single):
            raise OverflowError
        put_raw(out, &single, 4)
    elif not PyLong_Check(value):
        raise TypeError
    elif kind == UINT32 or kind == UINT64 or kind == FIXED32 or kind == FIXED64:
        write_unsigned(out, kind, PyLong_AsUnsignedLongLong(value))
    else:
        write_signed(out, kind, PyLong_AsLongLong(value))
    return 0


cdef int write_unsigned(Output* out, Kind kind, uint64_t number) except -1:
    cdef uint32_t half = <uint32_t>number
    if (kind == UINT32 or kind == FIXED32) and number > UINT32_MAX:
        raise OverflowError
    if kind == FIXED32:
        put_raw(out, &half, 4)
    elif kind == FIXED64:
        put_raw(out, &number, 8)
    else:
        put_varint(out, number)
    return 0


cdef int write_signed(Output* out, Kind kind, int64_t number) except -1:
    cdef int32_t half = <int32_t>number
    if kind != INT64 and kind != SINT64 and kind != SFIXED64 and half != number:
        raise OverflowError
    if kind == SFIXED32:
        put_raw(out, &half, 4)
    elif kind == SFIXED64:
        put_raw(out, &number, 8)
    elif kind == SINT32 or kind == SINT64:
        put_varint(out, (<uint64_t>number << 1) ^ <uint64_t>(number >> 63))
    else:
        put_varint(out, <uint64_t>number)
    return 0


cdef int write_timestamp(Output* out, object value) except -1:
    cdef int64_t seconds
    if not PyDateTime_Check(value) or (<datetime>value).tzinfo is not UTC:
        return write_seconds_and_nanos(out, times.timestamp_parts(value))
    seconds = days_from_date(PyDateTime_GET_YEAR(value), PyDateTime_GET_MONTH(value), PyDateTime_GET_DAY(value))
    seconds = seconds * 86400 + PyDateTime_DATE_GET_HOUR(value) * 3600
    seconds += PyDateTime_DATE_GET_MINUTE(value) * 60 + PyDateTime_DATE_GET_SECOND(value)
    put_seconds_and_nanos(out, seconds, PyDateTime_DATE_GET_MICROSECOND(value) * 1000)
    return 0


cdef int write_seconds_and_nanos(Output* out, tuple parts) except -1:
    put_seconds_and_nanos(out, parts[0], parts[1])
    return 0


cdef inline void put_seconds_and_nanos(Output* out, int64_t seconds, int64_t nanos) noexcept:
    if seconds:
        put_byte(out, 1 << 3)
        put_varint(out, <uint64_t>seconds)
    if nanos:
        put_byte(out, 2 << 3)
        put_varint(out, <uint64_t>nanos)


# Reading. Each function leaves `data` after what it has read, or raises.

cdef int refuse(Fault fault) except -1:
    raise DecodeError(REASONS[<int>fault])


cdef object read_message(Input* data, MessageCodec codec, object message, int depth):
    """Read up to the end of `data`, into `message` if there is one, else into a new one."""
    cdef FieldCodec field = None
    cdef list unknown = None
    cdef dict state
    cdef const uint8_t* start
    cdef uint32_t tag = 0
    cdef bint single = True, is_known
    if depth < 0:
        refuse(FAULT_TOO_DEEP)
    if message is None:
        message = PyType_GenericAlloc(<PyTypeObject*>codec.cls, 0)
        state = new_state(codec)
        message.__dict__ = state
    else:
        state = <dict>PyObject_GenericGetDict(message, NULL)
    try:
        while data.position < data.end:
            field = None
            start = data.position
            check(read_tag(data, &tag))
            if tag < 8:
                refuse(FAULT_BAD_TAG)
            field = find_field(codec, tag >> 3)
            if field is not None and <int>(tag & 7) == field.wire_type:
                single = True
                is_known = read_field(data, field, state, depth)
            elif field is not None and field.packs and tag & 7 == 2:
                single = False
                read_packed(data, field, <list>state[field.attribute])
                is_known = True
            else:
                field = None
                check(skip(data, tag, depth))
                is_known = False
            if not is_known:
                if unknown is None:
                    unknown = [state["_unknown_fields"]]
                unknown.append(PyBytes_FromStringAndSize(<const char*>start, data.position - start))
    except ValueError as error:
        raise located(error, field, state, single) from None
    if unknown is not None:
        state["_unknown_fields"] = b"".join(unknown)
    return message


cdef inline int check(Fault fault) except -1:
    if fault:
        refuse(fault)
    return 0


cdef object located(error, FieldCodec field, dict state, bint single):
    """The error as seen from the message whose `field` was being read."""
    if isinstance(error, UnicodeDecodeError):
        error = DecodeError(errors.BAD_UTF8)
    if field is None:
        return error
    if field.repeated and single:
        return error.within(f"{field.name}[{len(state[field.attribute])}]")
    return error.within(field.name)


cdef dict new_state(MessageCodec codec):
    cdef FieldCodec field
    cdef dict state = PyDict_Copy(codec.blank)
    for field in codec.containers:
        state[field.attribute] = {} if field.kind == MAP else []
    return state


cdef inline FieldCodec find_field(MessageCodec codec, uint32_t number):
    if number < SMALL:
        return <FieldCodec>codec.small_numbers[number]
    return <FieldCodec>codec.by_number.get(number)


cdef bint read_field(Input* data, FieldCodec field, dict state, int depth) except -1:
    """Read one value, and return whether it is in `state` now or must be kept as an unknown field."""
    cdef object value
    cdef str sibling
    cdef Input body
    if field.kind == MAP:
        check(read_body(data, &body))
        return read_map_entry(&body, field, <dict>state[field.attribute], depth - 1)
    if field.repeated:
        (<list>state[field.attribute]).append(read_value(data, field, None, depth))
        return True
    value = read_value(data, field, state[field.attribute] if field.kind >= MESSAGE else None, depth)
    if field.siblings is not None:
        for sibling in field.siblings:
            state[sibling] = None
    state[field.attribute] = value
    return True


cdef int read_packed(Input* data, FieldCodec field, list values) except -1:
    cdef Input body
    cdef list read = []
    check(read_body(data, &body))
    while body.position < body.end:
        read.append(read_number(&body, field))
    values.extend(read)
    return 0


cdef bint read_map_entry(Input* data, FieldCodec field, dict entries, int depth) except -1:
    """Read an entry, and return whether it is in `entries` now: one with unknown fields is not."""
    cdef FieldCodec key_field = field.key, value_field = field.value
    cdef object key = None, value = None
    cdef bint is_known = True
    cdef uint32_t tag = 0
    if depth < 0:
        refuse(FAULT_TOO_DEEP)
    while data.position < data.end:
        check(read_tag(data, &tag))
        if tag < 8:
            refuse(FAULT_BAD_TAG)
        if tag == <uint32_t>(1 << 3 | key_field.wire_type):
            key = read_value(data, key_field, None, depth)
        elif tag == <uint32_t>(2 << 3 | value_field.wire_type):
            value = read_value(data, value_field, value, depth)
        else:
            check(skip(data, tag, depth))
            is_known = False
    if value is None:
        value = default_value(value_field, depth)
    if is_known:
        entries[key_field.default if key is None else key] = value
    return is_known


cdef object default_value(FieldCodec field, int depth):
    cdef Input nothing
    if field.kind != MESSAGE:
        return field.default
    nothing.position = nothing.end = NULL
    return read_message(&nothing, field.message, None, depth - 1)


cdef object read_value(Input* data, FieldCodec field, object before, int depth):
    """Read one value; a message is merged into `before`, its field's earlier value, if that is not None."""
    cdef Kind kind = field.kind
    cdef Input body
    if field.wire_type != 2:
        return read_number(data, field)
    check(read_body(data, &body))
    if kind == STRING:
        return PyUnicode_DecodeUTF8(<const char*>body.position, body.end - body.position, NULL)
    if kind == BYTES:
        return PyBytes_FromStringAndSize(<const char*>body.position, body.end - body.position)
    if kind == MESSAGE:
        return read_message(&body, field.message, before, depth - 1)
    if kind == WRAPPER:
        return read_wrapped(&body, field.value, before, depth - 1)
    return read_time(&body, kind, before, depth - 1)


cdef object read_number(Input* data, FieldCodec field):
    cdef uint64_t number = 0
    cdef uint32_t half = 0
    cdef double real = 0
    cdef float single = 0
    cdef Kind kind = field.kind
    if field.wire_type == 0:
        check(read_varint(data, &number))
        if kind == INT64:
            return <int64_t>number
        if kind == ENUM:
            return enum_member(field, <int32_t>number)
        if kind == INT32:
            return <int32_t>number
        if kind == BOOL:
            return number != 0
        if kind == UINT64:
            return number
        if kind == UINT32:
            return <uint32_t>number
        if kind == SINT32:
            number = <uint32_t>number
        return <int64_t>(number >> 1) ^ -<int64_t>(number & 1)
    if kind == DOUBLE:
        check(read_raw(data, &real, 8))
        return real
    if kind == FLOAT:
        check(read_raw(data, &single, 4))
        return <double>single
    if field.wire_type == 1:
        check(read_raw(data, &number, 8))
        return number if kind == FIXED64 else <object><int64_t>number
    check(read_raw(data, &half, 4))
    return half if kind == FIXED32 else <object><int32_t>half


cdef object enum_member(FieldCodec field, int32_t number):
    cdef object member
    if 0 <= number < SMALL:
        member = field.small_members[number]
    else:
        member = field.members.get(number)
    return field.enum_type(number) if member is None else member


cdef object read_wrapped(Input* data, FieldCodec field, object before, int depth):
    """Read the body of a wrapper: a message whose one field, of number 1, is its value."""
    cdef object value = field.default if before is None else before
    cdef uint32_t tag = 0
    if depth < 0:
        refuse(FAULT_TOO_DEEP)
    while data.position < data.end:
        check(read_tag(data, &tag))
        if tag < 8:
            refuse(FAULT_BAD_TAG)
        if tag == <uint32_t>(1 << 3 | field.wire_type):
            value = read_value(data, field, None, depth)
        else:
            check(skip(data, tag, depth))
    return value


cdef object read_time(Input* data, Kind kind, object before, int depth):
    """Read the body of a Timestamp or a Duration."""
    cdef int64_t seconds = 0, nanos = 0
    cdef uint64_t number = 0
    cdef uint32_t tag = 0
    if depth < 0:
        refuse(FAULT_TOO_DEEP)
    if before is not None:
        seconds, nanos = times.timestamp_parts(before) if kind == TIMESTAMP else times.duration_parts(before)
    while data.position < data.end:
        check(read_tag(data, &tag))
        if tag == 8:
            check(read_varint(data, &number))
            seconds = <int64_t>number
        elif tag == 16:
            check(read_varint(data, &number))
            nanos = <int32_t>number
        elif tag < 8:
            refuse(FAULT_BAD_TAG)
        else:
            check(skip(data, tag, depth))
    if kind == TIMESTAMP:
        return new_datetime(seconds, nanos)
    try:
        return times.duration_from_parts(seconds, nanos)
    except ValueError:
        refuse(FAULT_BAD_DURATION)


cdef object new_datetime(int64_t seconds, int64_t nanos):
    cdef int64_t days, second_of_day
    cdef Date date
    if seconds < FIRST_SECOND or seconds > LAST_SECOND or nanos < 0 or nanos > 999_999_999:
        refuse(FAULT_BAD_TIMESTAMP)
    days = (seconds - FIRST_SECOND) // 86400 + FIRST_SECOND // 86400
    second_of_day = seconds - days * 86400
    date = date_from_days(days)
    return PyDateTimeAPI.DateTime_FromDateAndTime(
        date.year,
        date.month,
        date.day,
        <int>(second_of_day // 3600),
        <int>(second_of_day // 60 % 60),
        <int>(second_of_day % 60),
        <int>(nanos // 1000),
        UTC,
        PyDateTimeAPI.DateTimeType,
    )


# Building the tables.

cdef dict _codecs = {}
_building = threading.RLock()


def encoder(cls):
    """Return the function that turns a message of `cls` into bytes."""
    return codec_of(cls).encode


def decoder(cls):
    """Return the function that turns bytes into a message of `cls`."""
    return codec_of(cls).decode


cdef MessageCodec codec_of(cls):
    cdef dict building
    with _building:
        if cls not in _codecs:
            # Types refer to each other, so none is published before all are complete.
            building = {}
            build_message(cls, building)
            _codecs.update(building)
        return <MessageCodec>_codecs[cls]


cdef MessageCodec build_message(cls, dict building):
    cdef MessageCodec codec
    cdef FieldCodec field
    if cls in _codecs:
        return <MessageCodec>_codecs[cls]
    if cls in building:
        return <MessageCodec>building[cls]
    schema = schema_of(cls)
    codec = MessageCodec()
    building[cls] = codec
    codec.cls = cls
    codec.fields = [build_field(field_schema, building) for field_schema in schema.fields_by_number]
    codec.attribute_count = len(codec.fields) + 1
    codec.by_number = {}
    codec.small_numbers = [None] * SMALL
    codec.containers = []
    codec.has_oneofs = False
    for field in codec.fields:
        codec.by_number[field.number] = field
        if field.number < SMALL:
            codec.small_numbers[field.number] = field
        if field.repeated or field.kind == MAP:
            codec.containers.append(field)
        if field.siblings is not None:
            codec.has_oneofs = True
    codec.blank = schema.blank_state()
    return codec


cdef FieldCodec build_field(schema, dict building):
    cdef FieldCodec field = FieldCodec()
    cdef uint32_t tag
    cdef bytes encoded
    field.kind = KINDS[schema.kind]
    field.wire_type = schema.wire_type
    field.number = schema.number
    field.repeated = schema.repeated
    field.packs = schema.packs
    field.has_presence = schema.has_presence
    field.attribute = schema.attribute
    field.name = schema.name
    field.siblings = schema.siblings or None
    write_tag(field)
    if schema.enum_type is not None:
        field.enum_type = schema.enum_type
        field.members = {member.value: member for member in schema.enum_type}
        field.small_members = [field.members.get(number) for number in range(SMALL)]
    if schema.message_type is not None:
        field.message = build_message(schema.message_type, building)
    if schema.key is not None:
        field.key = build_field(schema.key, building)
    if schema.value is not None:
        field.value = build_field(schema.value, building)
    field.default = default_of(field)
    return field


cdef int write_tag(FieldCodec field) except -1:
    cdef Output out
    open_output(&out, field.tag, sizeof(field.tag))
    put_varint(&out, field.number << 3 | (2 if field.packs else field.wire_type))
    field.tag_length = <int>out.size
    return 0


cdef object default_of(FieldCodec field):
    """What one value is that the wire lacks; None for a message, which must be a new one each time."""
    if field.kind == STRING:
        return ""
    if field.kind == BYTES:
        return b""
    if field.kind == BOOL:
        return False
    if field.kind == ENUM:
        return enum_member(field, 0)
    if field.kind == FLOAT or field.kind == DOUBLE:
        return 0.0
    if field.kind == TIMESTAMP:
        return times.EPOCH
    if field.kind == DURATION:
        return times.ZERO
    if field.kind == WRAPPER:
        return field.value.default
    return None if field.kind == MESSAGE or field.kind == MAP else 0
