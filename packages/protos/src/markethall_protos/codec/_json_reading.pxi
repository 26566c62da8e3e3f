# Making a message of the values of its JSON: a part of `compiled.pyx`.
#
# It reads what `json.reader` reads. What is frequent is read here: strings, enums by name, booleans, lists
# and messages; the rest by the functions of `json.reader`. What cannot be placed raises `ValueError` without
# a reason: `json.reader` then reads all of it again, and its word counts.

cdef object read_json_message(MessageCodec codec, object value, int depth):
    cdef FieldCodec field
    cdef dict state
    cdef str sibling
    if codec.read_special is not None:
        return codec.read_special(value, depth)
    if depth < 0 or not isinstance(value, dict):
        raise ValueError
    state = new_state(codec)
    for name, item in (<dict>value).items():
        field = <FieldCodec>codec.by_json_name.get(name)
        if field is None or (name != field.name and field.name in <dict>value):
            raise ValueError
        if item is None and not field.takes_null:
            continue
        if field.siblings is not None:
            for sibling in field.siblings:
                if state[sibling] is not None:
                    raise ValueError
        state[field.attribute] = read_json_content(field, item, depth)
    return new_message(codec, state)


cdef object read_json_content(FieldCodec field, object value, int depth):
    cdef list items
    if field.kind == MAP:
        return field.read_rare(value, depth)
    if not field.repeated:
        return read_json_value(field, value, depth)
    if not isinstance(value, list):
        raise ValueError
    items = []
    for item in <list>value:
        items.append(read_json_value(field, item, depth))
    return items


cdef object read_json_value(FieldCodec field, object value, int depth):
    cdef object member
    if field.kind == MESSAGE:
        return read_json_message(field.message, value, depth - 1)
    if field.kind == STRING:
        if type(value) is str and PyUnicode_IS_ASCII(value):
            return value
    elif field.kind == ENUM:
        if type(value) is str:
            member = field.members_by_name.get(value)
            if member is not None:
                return member
    elif field.kind == BOOL:
        if value is True or value is False:
            return value
    return field.read_rare(value, depth)
