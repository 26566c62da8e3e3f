"""Every fault of a JSON value at once, where the codec stops at the first.

Used only after the codec has refused a value, so it may take its time: each member is given to the codec
alone, and objects and lists of objects are entered.
"""

from typing import Any

import betterproto2

from markethall_gateway.engine_client import Violation
from markethall_gateway.transcoding.fields import fields_by_name, is_single_value
from markethall_protos.codec import JsonError, from_json_value
from markethall_protos.codec.schema import FieldSchema

MAX_FAULTS = 100
"""No more are looked for: who sends a thousand bad orders learns enough from the first hundred faults."""


def faults_of(cls: type[betterproto2.Message], value: Any, at: str = "") -> list[Violation]:
    """Say what keeps `value` from being a message of `cls`. `at` is its place in the request."""
    found: list[Violation] = []
    if isinstance(value, dict):
        for name, member in value.items():
            if len(found) >= MAX_FAULTS:
                return found[:MAX_FAULTS]
            found += _faults_of_member(cls, name, member, at)
    return found or _refusal(cls, value, at)


def _faults_of_member(cls: type[betterproto2.Message], name: str, member: Any, at: str) -> list[Violation]:
    field = fields_by_name(cls).get(name)
    if field is None or not _is_entered(field):
        return _refusal(cls, {name: member}, at)
    assert field.message_type is not None
    place = f"{at}.{field.name}" if at else field.name
    if not field.repeated:
        return (
            faults_of(field.message_type, member, place)
            if isinstance(member, dict)
            else _refusal(cls, {name: member}, at)
        )
    if not isinstance(member, list):
        return _refusal(cls, {name: member}, at)
    found: list[Violation] = []
    for index, item in enumerate(member):
        if len(found) >= MAX_FAULTS:
            break
        found += faults_of(field.message_type, item, f"{place}[{index}]")
    return found


def _is_entered(field: FieldSchema) -> bool:
    return field.message_type is not None and not is_single_value(field)


def _refusal(cls: type[betterproto2.Message], value: Any, at: str) -> list[Violation]:
    try:
        from_json_value(cls, value)
    except JsonError as error:
        separator = "." if at and error.path and not error.path.startswith("[") else ""
        return [Violation(f"{at}{separator}{error.path}", error.reason)]
    return []
