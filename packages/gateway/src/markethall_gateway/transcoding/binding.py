"""Builds the request of a call from an HTTP request: path, query and body, as the contract maps them.

With the body `*` the body has every field that the path does not give, and there is no query. With a field's
name the body is that field and the query has the rest. Without a body the query has everything. A name that
is unknown or in the wrong place is refused, and all that is wrong with a request is said at once.
"""

from collections.abc import Mapping
from typing import Any, Final

import betterproto2

from markethall_gateway.engine_client import Violation
from markethall_gateway.transcoding.fields import FieldPath, fields_by_name, find_field
from markethall_gateway.transcoding.json_faults import faults_of
from markethall_gateway.transcoding.path_template import PathTemplate
from markethall_gateway.transcoding.problems import invalid_request
from markethall_gateway.transcoding.query import QueryReader, json_value
from markethall_protos.codec import JsonError, from_json, from_json_value
from markethall_protos.codec.json.text import parse
from markethall_protos.routes import HttpRoute

WHOLE: Final = "*"


class Binding:
    """Builds the requests of one route."""

    def __init__(self, route: HttpRoute) -> None:
        """Raises `ValueError` where the route names a field that the request does not have."""
        self._type = route.rpc.request_type
        self._body = route.body
        self._path: dict[str, FieldPath] = {}
        for variable in PathTemplate.parse(route.path).variables:
            found = find_field(self._type, variable.field)
            if found is None:
                raise ValueError(f"{route.path} names {variable.field}, which {self._type.__name__} has not")
            self._path[variable.field] = found
        elsewhere = {str(found): "path" for found in self._path.values()}
        self._body_field = ""
        if route.body and route.body != WHOLE:
            self._body_field = fields_by_name(self._type)[route.body].name
            elsewhere[self._body_field] = "body"
        self._query = QueryReader(self._type, elsewhere)

    @property
    def takes_body(self) -> bool:
        return bool(self._body)

    @property
    def path_names(self) -> tuple[str, ...]:
        """The fields that the path gives."""
        return tuple(self._path)

    def bind(self, path_values: Mapping[str, str], query: bytes, body: bytes) -> betterproto2.Message:
        """Build the request. Raises `ProblemError` with everything that is wrong with it."""
        if self._body == WHOLE and not path_values and not query:
            try:
                return from_json(self._type, body or b"{}")
            except JsonError as error:
                raise invalid_request(*self._faults_of_body(body, error)) from None
        values: dict[str, Any] = {}
        violations: list[Violation] = []
        if self._body:
            violations += self._read_body(body, values)
        for name, text in path_values.items():
            violations += _put_path_value(values, self._path[name], text)
        if query:
            violations += self._read_query(query, values)
        try:
            message = from_json_value(self._type, values)
        except JsonError:
            violations += faults_of(self._type, values)
        if violations:
            raise invalid_request(*violations)
        return message

    def _read_body(self, body: bytes, values: dict[str, Any]) -> list[Violation]:
        try:
            value = parse(body) if body else {}
        except JsonError as error:
            return [Violation(error.path, error.reason)]
        if self._body_field:
            values[self._body_field] = value
        elif isinstance(value, dict):
            values.update(value)
        else:
            return faults_of(self._type, value)
        return []

    def _read_query(self, query: bytes, values: dict[str, Any]) -> list[Violation]:
        if self._body == WHOLE:
            return [Violation("", "expected no query, as the body has every field")]
        return self._query.read(query, values)

    def _faults_of_body(self, body: bytes, first: JsonError) -> list[Violation]:
        try:
            return faults_of(self._type, parse(body))
        except JsonError:
            return [Violation(first.path, first.reason)]


def _put_path_value(values: dict[str, Any], found: FieldPath, text: str) -> list[Violation]:
    """Put a field that the path gives into `values`; the body may say the same, and nothing else."""
    *outer, name = found.names
    for part in outer:
        inner = values.setdefault(part, {})
        if not isinstance(inner, dict):
            return []  # The codec will say what is wrong with it.
        values = inner
    value = json_value(found, text)
    for spelling in (name, found.field.json_name):
        if spelling in values and values.pop(spelling) != value:
            return [
                Violation(str(found), f"expected {text!r} as in the path, or nothing, found another value")
            ]
    values[name] = value
    return []
