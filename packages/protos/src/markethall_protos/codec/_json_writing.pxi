# Writing a message as JSON: a part of `compiled.pyx`.
#
# It makes the text that `json.writer` makes, byte for byte. What is rare (bytes, floats of 32 bits, spans,
# times in other zones, google.protobuf's special types) is written by the functions of `json.writer`
# itself. Whatever cannot be written raises, in any way it likes; `EncodeError` is for what JSON alone
# cannot say, with the path to it gathered on the way out.
#
# Members and items are written with a comma in front, the first of which `close_json` makes a bracket.

cdef struct Escape:
    uint8_t length
    uint8_t text[6]

cdef Escape ESCAPES[256]  # of length 0 for bytes that stand for themselves


cdef int fill_escapes() except -1:
    cdef bytes text
    cdef int code
    for code in range(128):
        text = quote(chr(code)).encode()
        if len(text) > 3:  # quotes included
            ESCAPES[code].length = <uint8_t>(len(text) - 2)
            memcpy(ESCAPES[code].text, PyBytes_AS_STRING(text) + 1, len(text) - 2)
    return 0

fill_escapes()


cdef int write_json_message(Output* out, MessageCodec codec, object message, int depth) except -1:
    cdef FieldCodec field = None
    cdef Py_ssize_t start = out.size
    cdef dict state
    cdef object value
    if codec.write_special is not None:
        return write_json_text(out, codec.write_special(message, depth))
    state = state_of(codec, message, depth)
    try:
        for field in codec.declared_fields:
            value = state[field.attribute]
            if value is not None or not field.has_presence:
                put_bytes(out, field.json_start)
                write_json_content(out, field, value, depth)
    except EncodeError as error:
        raise error.within(field.name) from None
    return close_json(out, start, b"{", b"}")


cdef inline int close_json(Output* out, Py_ssize_t start, uint8_t opening, uint8_t closing) except -1:
    """Put brackets around all written since `start`, the first in place of the comma there."""
    reserve(out, 2)
    if out.size == start:
        put_byte(out, opening)
    else:
        out.data[start] = opening
    put_byte(out, closing)
    return 0


cdef inline int write_json_content(Output* out, FieldCodec field, object value, int depth) except -1:
    if field.kind == MAP:
        return write_json_map(out, field, value, depth)
    if field.repeated:
        return write_json_list(out, field, value, depth)
    return write_json_value(out, field, value, depth)


cdef int write_json_list(Output* out, FieldCodec field, object values, int depth) except -1:
    cdef Py_ssize_t start = out.size
    cdef Py_ssize_t index = -1
    if not isinstance(values, (list, tuple)):
        raise TypeError
    try:
        for index, value in enumerate(values):
            reserve(out, 1)
            put_byte(out, b",")
            write_json_value(out, field, value, depth)
    except EncodeError as error:
        raise error.within(f"[{index}]") from None
    return close_json(out, start, b"[", b"]")


cdef int write_json_map(Output* out, FieldCodec field, object entries, int depth) except -1:
    cdef Py_ssize_t start = out.size
    cdef object key = None
    if not isinstance(entries, dict) or (entries and depth < 1):
        raise TypeError
    try:
        for key, value in (<dict>entries).items():
            write_json_key(out, field.key, key)
            reserve(out, 1)
            put_byte(out, b":")
            write_json_value(out, field.value, value, depth - 1)
    except EncodeError as error:
        raise error.within(errors.key_segment(key)) from None
    return close_json(out, start, b"{", b"}")


cdef int write_json_key(Output* out, FieldCodec field, object key) except -1:
    """Write a comma and a key, in quotes also where it is not as a value."""
    cdef bint is_bare = field.kind != STRING and not field.json_quoted
    reserve(out, 2)
    put_byte(out, b",")
    if is_bare:
        put_byte(out, b'"')
    write_json_value(out, field, key, 0)
    if is_bare:
        reserve(out, 1)
        put_byte(out, b'"')
    return 0


cdef int write_json_value(Output* out, FieldCodec field, object value, int depth) except -1:
    cdef Kind kind = field.kind
    if kind == STRING:
        return write_json_string(out, value)
    if kind == MESSAGE:
        return write_json_message(out, field.message, value, depth - 1)
    if kind == WRAPPER:
        return write_json_value(out, field.value, value, depth)
    if kind == TIMESTAMP and PyDateTime_Check(value) and (<datetime>value).tzinfo is UTC:
        return write_json_datetime(out, value)
    if field.write_rare is not None:
        return write_json_text(out, field.write_rare(value, depth))
    reserve(out, 32)
    if kind == BOOL:
        return write_json_bool(out, value)
    if kind == DOUBLE:
        return write_json_double(out, as_real(value))
    if not PyLong_Check(value):
        raise TypeError
    if kind == UINT64 or kind == FIXED64:
        put_json_integer(out, PyLong_AsUnsignedLongLong(value), False, True)
        return 0
    return write_json_signed(out, field, PyLong_AsLongLong(value))


cdef int write_json_text(Output* out, str text) except -1:
    """Write what is JSON already."""
    cdef Py_ssize_t length
    cdef const char* encoded = PyUnicode_AsUTF8AndSize(text, &length)
    reserve(out, length)
    put_raw(out, encoded, length)
    return 0


cdef int write_json_string(Output* out, object value) except -1:
    cdef Py_ssize_t length, index, written = 0
    cdef const uint8_t* text = <const uint8_t*>PyUnicode_AsUTF8AndSize(value, &length)
    cdef Escape* escape
    reserve(out, length + 2)
    put_byte(out, b'"')
    for index in range(length):
        escape = &ESCAPES[text[index]]
        if escape.length:
            put_raw(out, text + written, index - written)
            written = index + 1
            reserve(out, escape.length + length - written + 1)
            put_raw(out, escape.text, escape.length)
    put_raw(out, text + written, length - written)
    put_byte(out, b'"')
    return 0


# There is room for a number in all of these.

cdef int write_json_bool(Output* out, object value) except -1:
    if value is True:
        put_raw(out, b"true", 4)
    elif value is False:
        put_raw(out, b"false", 5)
    else:
        raise TypeError
    return 0


cdef int write_json_double(Output* out, double number) except -1:
    """Write what `repr` says of a float, at most 24 characters."""
    cdef char* digits
    if isnan(number):
        put_raw(out, b'"NaN"', 5)
    elif not isfinite(number):
        put_raw(out, b'"Infinity"' if number > 0 else b'"-Infinity"', 10 if number > 0 else 11)
    else:
        digits = PyOS_double_to_string(number, c"r", 0, Py_DTSF_ADD_DOT_0, NULL)
        if digits == NULL:
            raise MemoryError
        put_raw(out, digits, strlen(digits))
        PyMem_Free(digits)
    return 0


cdef int write_json_signed(Output* out, FieldCodec field, int64_t number) except -1:
    cdef object name = None
    if field.kind == UINT32 or field.kind == FIXED32:
        if number < 0 or number > UINT32_MAX:
            raise OverflowError
    elif not field.json_quoted and (number < INT32_MIN or number > INT32_MAX):
        raise OverflowError
    if field.kind == ENUM:
        if 0 <= number < SMALL:
            name = field.small_names[number]
        else:
            name = field.json_names.get(number)
        if name is not None:
            return put_bytes(out, name)
    put_json_integer(out, <uint64_t>-number if number < 0 else <uint64_t>number, number < 0, field.json_quoted)
    return 0


cdef inline void put_json_integer(Output* out, uint64_t size, bint is_negative, bint quoted) noexcept:
    """At most 22 bytes: 20 digits in quotes, or 19 with a sign."""
    cdef uint8_t digits[20]
    cdef int count = 0
    if quoted:
        put_byte(out, b'"')
    if is_negative:
        put_byte(out, b"-")
    while True:
        digits[count] = <uint8_t>(48 + size % 10)
        count += 1
        size //= 10
        if not size:
            break
    while count:
        count -= 1
        put_byte(out, digits[count])
    if quoted:
        put_byte(out, b'"')


cdef int write_json_datetime(Output* out, object value) except -1:
    """Write a time of UTC as RFC 3339, with no fraction or one of 3 or 6 digits: see `json.times`."""
    cdef int micros = PyDateTime_DATE_GET_MICROSECOND(value)
    reserve(out, 32)
    put_byte(out, b'"')
    put_json_digits(out, PyDateTime_GET_YEAR(value), 4)
    put_byte(out, b"-")
    put_json_digits(out, PyDateTime_GET_MONTH(value), 2)
    put_byte(out, b"-")
    put_json_digits(out, PyDateTime_GET_DAY(value), 2)
    put_byte(out, b"T")
    put_json_digits(out, PyDateTime_DATE_GET_HOUR(value), 2)
    put_byte(out, b":")
    put_json_digits(out, PyDateTime_DATE_GET_MINUTE(value), 2)
    put_byte(out, b":")
    put_json_digits(out, PyDateTime_DATE_GET_SECOND(value), 2)
    if micros:
        put_byte(out, b".")
        if micros % 1000:
            put_json_digits(out, micros, 6)
        else:
            put_json_digits(out, micros // 1000, 3)
    put_raw(out, b'Z"', 2)
    return 0


cdef inline void put_json_digits(Output* out, int number, int width) noexcept:
    """Put `number` in exactly `width` digits."""
    cdef int place
    for place in range(width - 1, -1, -1):
        out.data[out.size + place] = <uint8_t>(48 + number % 10)
        number //= 10
    out.size += width
