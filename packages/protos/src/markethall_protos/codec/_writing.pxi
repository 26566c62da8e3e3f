# Writing a message: a part of `compiled.pyx`.
#
# `depth` is always how many levels of messages may still follow. Whatever cannot be written raises, in any
# way it likes.

cdef int write_message(Output* out, MessageCodec codec, object message, int depth) except -1:
    cdef FieldCodec field
    cdef dict state
    cdef bytes unknown
    if type(message) is Composed and (<Composed>message).composed_type is codec.cls:
        return put_bytes(out, (<Composed>message).data)
    state = state_of(codec, message, depth)
    for field in codec.fields:
        write_content(out, field, state[field.attribute], depth)
    unknown = state["_unknown_fields"]
    if unknown is None:
        raise TypeError
    return put_bytes(out, unknown)


cdef inline dict state_of(MessageCodec codec, object message, int depth):
    """The values of a message by attribute."""
    cdef dict state
    if type(message) is not codec.cls and not isinstance(message, codec.cls):
        raise TypeError
    state = <dict>PyObject_GenericGetDict(message, NULL)
    if depth < 0 or len(state) != codec.attribute_count:
        raise ValueError
    if codec.has_oneofs:
        check_oneofs(codec, state)
    return state


cdef int put_bytes(Output* out, bytes encoded) except -1:
    reserve(out, PyBytes_GET_SIZE(encoded))
    put_raw(out, PyBytes_AS_STRING(encoded), PyBytes_GET_SIZE(encoded))
    return 0


cdef inline int write_content(Output* out, FieldCodec field, object value, int depth) except -1:
    """Write all that a field holds, with its tag or tags, or nothing."""
    if field.kind == MAP:
        return write_map(out, field, value, depth)
    if field.repeated:
        return write_repeated(out, field, value, depth)
    if not field.has_presence:
        return write_unless_default(out, field, value)
    if value is not None:
        return write_field(out, field, value, depth)
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
