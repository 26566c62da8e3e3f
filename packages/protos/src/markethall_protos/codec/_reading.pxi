# Reading a message: a part of `compiled.pyx`.
#
# Each function leaves `data` after what it has read, or raises `DecodeError`. `depth` is always how many
# levels of messages may still follow.

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
        state = new_state(codec)
        message = new_message(codec, state)
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


cdef object new_message(MessageCodec codec, dict state):
    cdef object message = PyType_GenericAlloc(<PyTypeObject*>codec.cls, 0)
    message.__dict__ = state
    return message


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
