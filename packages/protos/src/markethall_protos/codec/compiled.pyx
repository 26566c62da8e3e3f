# cython: language_level=3, boundscheck=False, wraparound=False, cdivision=True, initializedcheck=False
"""The codec, compiled: loops over tables of fields, for every message type.

It keeps the promises of `binary` and of `json`, and reads and writes the very dataclasses of betterproto2. A
message's fields are taken from its `__dict__` and put there whole, so neither side pays for Python's
attributes or `__init__`. Whatever cannot be written fails in any way it likes, for `faults` to explain; what cannot be
read is a `DecodeError` with the path to it, gathered on the way out.

Nothing here trusts the data: each read is bounded by `_input`, recursion by `MAX_DEPTH`.
"""

import threading
from json.encoder import encode_basestring as quote
from struct import error as StructError

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
from cpython.mem cimport PyMem_Free
from cpython.unicode cimport PyUnicode_DecodeUTF8
from libc.math cimport isfinite, isnan, signbit
from libc.stdint cimport INT32_MAX, INT32_MIN, UINT32_MAX, int32_t, int64_t, uint8_t, uint32_t, uint64_t
from libc.string cimport memcpy, strlen

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
from .errors import DecodeError, EncodeError
from .faults import encode_error
from .schema import MAX_DEPTH, schema_of

cdef extern from "Python.h":
    ctypedef struct PyTypeObject
    int Py_DTSF_ADD_DOT_0
    char* PyOS_double_to_string(double, char, int, int, int*)
    object PyObject_GenericGetDict(object, void*)
    object PyType_GenericAlloc(PyTypeObject*, Py_ssize_t)
    bint PyUnicode_IS_ASCII(object)
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
    cdef bytes json_start
    cdef bint json_quoted
    cdef dict json_names
    cdef list small_names
    cdef object write_rare
    cdef object read_rare
    cdef bint takes_null
    cdef dict members_by_name
    cdef MessageCodec message
    cdef FieldCodec key
    cdef FieldCodec value


@cython.final
cdef class MessageCodec:
    """The table of a message type's fields."""

    cdef object cls
    cdef Py_ssize_t attribute_count
    cdef list fields
    cdef list declared_fields
    cdef list small_numbers
    cdef dict by_number
    cdef dict blank
    cdef list containers
    cdef bint has_oneofs
    cdef object write_special
    cdef object read_special
    cdef dict by_json_name

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
    def encode_json(self, message):
        """Turn a message into JSON; raises `EncodeError`."""
        cdef uint8_t room[1024]
        cdef Output out
        open_output(&out, room, sizeof(room))
        try:
            write_json_message(&out, self, message, DEPTH)
            return PyBytes_FromStringAndSize(<const char*>out.data, out.size)
        except EncodeError:  # from what JSON alone cannot say
            raise
        except (ValueError, TypeError, KeyError, OverflowError, AttributeError, StructError) as error:
            raise encode_error(self.cls, message) from error
        finally:
            close_output(&out)

    @cython.binding(False)
    def decode_json_value(self, value):
        """Turn the Python value of JSON into a message; raises `JsonError`."""
        try:
            return read_json_message(self, value, DEPTH)
        except ValueError:
            from .json.reader import message_reader

            return message_reader(self.cls)(value, DEPTH)

    @cython.binding(False)
    def decode(self, data):
        """Turn bytes into a message; raises `DecodeError`."""
        cdef Input source
        if not PyBytes_Check(data):
            raise TypeError(f"expected bytes, found {type(data).__name__}")
        source.position = <const uint8_t*>PyBytes_AS_STRING(data)
        source.end = source.position + PyBytes_GET_SIZE(data)
        return read_message(&source, self, None, DEPTH)


@cython.final
@cython.freelist(512)
@cython.no_gc
cdef class Composed:
    """Stands for a message of `composed_type`: see `binary.composer`."""

    cdef readonly object composed_type
    cdef readonly bytes data


@cython.final
cdef class Composer:
    """Writes the values of some fields of a message type, in the order given."""

    cdef object cls
    cdef tuple names
    cdef list fields

    def __call__(self, *values):
        cdef uint8_t room[1024]
        cdef Output out
        cdef Composed composed
        cdef Py_ssize_t index
        cdef Py_ssize_t count = len(self.fields)
        if len(values) != count:
            raise TypeError(f"expected {count} values, found {len(values)}")
        open_output(&out, room, sizeof(room))
        try:
            for index in range(count):
                write_content(&out, <FieldCodec>self.fields[index], <object>values[index], DEPTH)
            composed = Composed.__new__(Composed)
            composed.composed_type = self.cls
            composed.data = PyBytes_FromStringAndSize(<const char*>out.data, out.size)
            return composed
        except (ValueError, TypeError, KeyError, OverflowError, AttributeError) as error:
            raise encode_error(self.cls, self.cls(**dict(zip(self.names, values)))) from error
        finally:
            close_output(&out)


include "_writing.pxi"
include "_json_writing.pxi"
include "_reading.pxi"
include "_json_reading.pxi"


# Building the tables.

cdef dict _codecs = {}
_building = threading.RLock()


def encoder(cls):
    """Return the function that turns a message of `cls` into bytes."""
    return codec_of(cls).encode


def decoder(cls):
    """Return the function that turns bytes into a message of `cls`."""
    return codec_of(cls).decode


def json_encoder(cls):
    """Return the function that turns a message of `cls` into JSON."""
    return codec_of(cls).encode_json


def json_value_decoder(cls):
    """Return the function that turns the Python value of JSON into a message of `cls`."""
    return codec_of(cls).decode_json_value


def composer(cls, names):
    """Return the function that turns the values of these fields into what stands for a message of `cls`."""
    cdef FieldCodec field
    cdef dict by_attribute = {field.attribute: field for field in codec_of(cls).fields}
    cdef Composer composer = Composer()
    composer.cls = cls
    composer.names = names
    composer.fields = [by_attribute[name] for name in names]
    return composer


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
    from .json.well_known import READERS, WRITERS  # which imports the codec in use

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
    codec.declared_fields = [codec.by_number[field_schema.number] for field_schema in schema.fields]
    codec.by_json_name = {
        name: codec.by_number[field_schema.number] for name, field_schema in schema.fields_by_json_name.items()
    }
    codec.blank = schema.blank_state()
    if schema.full_name in WRITERS:
        codec.write_special = WRITERS[schema.full_name](schema)
        codec.read_special = READERS[schema.full_name](schema)
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
    build_json(field, schema)
    return field


cdef int build_json(FieldCodec field, schema) except -1:
    from .json import reader, scalars, writer  # which import the codec in use

    field.json_start = writer.member_start(schema).encode()
    field.json_quoted = writer.is_quoted(schema.kind)
    field.read_rare = reader.field_reader(schema) if field.kind == MAP else reader.value_reader(schema)
    field.takes_null = reader.takes_null(schema)
    if field.kind in (BYTES, FLOAT, TIMESTAMP, DURATION):
        field.write_rare = writer.value_writer(schema)
    if field.kind == ENUM:
        field.members_by_name = scalars.enum_names(schema.enum_type)
        field.json_names = {
            number: text.encode() for number, text in writer.enum_texts(schema.enum_type).items()
        }
        field.small_names = [field.json_names.get(number) for number in range(SMALL)]
    return 0


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
