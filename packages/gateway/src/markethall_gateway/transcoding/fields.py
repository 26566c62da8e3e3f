"""Finds the fields of a request by the names that a query or a path gives, such as `page_size` or `a.b`."""

from collections.abc import Iterator
from functools import cache
from typing import Final, NamedTuple

import betterproto2

from markethall_protos.codec.schema import FieldSchema, schema_of

_WELL_KNOWN: Final = "google.protobuf."
"""Messages of this package are single values in JSON, such as a field mask's `"status,maker_fee"`."""


class FieldPath(NamedTuple):
    """A field within a request: its names in the contract from the outside in, and what it is."""

    names: tuple[str, ...]
    field: FieldSchema

    def __str__(self) -> str:
        return ".".join(self.names)


@cache
def fields_by_name(cls: type[betterproto2.Message]) -> dict[str, FieldSchema]:
    """The fields of `cls` by each name that JSON may use: the contract's and lowerCamelCase."""
    fields = schema_of(cls).fields
    return {field.json_name: field for field in fields} | {field.name: field for field in fields}


def is_single_value(field: FieldSchema) -> bool:
    """Whether one value of the field is a plain JSON value, so that a line of text can give it."""
    if field.kind == "map":
        return False
    return field.message_type is None or schema_of(field.message_type).full_name.startswith(_WELL_KNOWN)


def find_field(cls: type[betterproto2.Message], path: str) -> FieldPath | None:
    """Find the field of `cls` that `path` names, if text can give it: a single value or a list of them."""
    names: list[str] = []
    *outer, last = path.split(".")
    for name in outer:
        field = fields_by_name(cls).get(name)
        if field is None or field.message_type is None or field.repeated or is_single_value(field):
            return None
        names.append(field.name)
        cls = field.message_type
    field = fields_by_name(cls).get(last)
    if field is None or not is_single_value(field):
        return None
    return FieldPath((*names, field.name), field)


def text_fields(cls: type[betterproto2.Message]) -> Iterator[FieldPath]:
    """Give every field that `find_field` finds, by its name in the contract."""
    for field in schema_of(cls).fields:
        if is_single_value(field):
            yield FieldPath((field.name,), field)
        elif field.message_type is not None and not field.repeated and field.message_type is not cls:
            for inner in text_fields(field.message_type):
                yield FieldPath((field.name, *inner.names), inner.field)
