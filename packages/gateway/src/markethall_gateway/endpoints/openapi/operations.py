"""The contract's routes as operations of OpenAPI: parameters, bodies, answers and errors."""

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from typing import Any, Final

from google.protobuf.descriptor_pb2 import FieldDescriptorProto as Field
from grpc import StatusCode

from markethall_gateway.endpoints.openapi.contract import PACKAGE, Contract, is_required
from markethall_gateway.endpoints.openapi.examples import Examples
from markethall_gateway.endpoints.openapi.schemas import Schema, Schemas, reference, short
from markethall_gateway.streams.framing import FRAMINGS
from markethall_gateway.transcoding import problem_kinds as kinds
from markethall_gateway.transcoding.binding import WHOLE
from markethall_gateway.transcoding.fields import FieldPath, text_fields
from markethall_gateway.transcoding.path_template import PathTemplate
from markethall_gateway.transcoding.problem_kinds import ProblemKind
from markethall_protos.routes import HttpRoute

Operation = dict[str, Any]

_CODE: Final = re.compile(r"\b(" + "|".join(code.name for code in StatusCode) + r")\b")
_ALWAYS: Final = (kinds.RESOURCE_EXHAUSTED, kinds.UNIMPLEMENTED, kinds.UNAVAILABLE, kinds.DEADLINE_EXCEEDED)
_WITH_BODY: Final = (kinds.REQUEST_TIMEOUT, kinds.CONTENT_TOO_LARGE, kinds.UNSUPPORTED_MEDIA_TYPE)
_STREAM_NOTE: Final = (
    "A stream, as server-sent events (`Accept: text/event-stream`, the default) or one JSON document a line "
    "(`Accept: application/x-ndjson`), each as in the schema. A problem on the way ends it, as an event of "
    'the type `problem` or a line `{"problem": …}`.'
)


class Operations:
    """Writes the operations of all routes."""

    def __init__(self, contract: Contract, schemas: Schemas, examples: Examples) -> None:
        self._contract = contract
        self._schemas = schemas
        self._examples = examples

    def paths(self, routes: Iterable[HttpRoute]) -> dict[str, dict[str, Operation]]:
        """Every path with its operations by method, in the contract's order."""
        routes = list(routes)
        bindings: Counter[str] = Counter()
        paths: dict[str, dict[str, Operation]] = {}
        for route in routes:
            bindings[route.rpc.path] += 1
            operation = self._operation(route, binding=bindings[route.rpc.path])
            paths.setdefault(route.path, {})[route.method.lower()] = operation
        return paths

    def _operation(self, route: HttpRoute, *, binding: int) -> Operation:
        rpc = route.rpc
        comment = self._contract.comment(f"{rpc.service}.{rpc.name}")
        description = f"{comment.text}\n\n{_STREAM_NOTE}" if rpc.server_streaming else comment.text
        operation: Operation = {
            "operationId": rpc.name if binding == 1 else f"{rpc.name}_{binding}",
            "tags": [tag_of(rpc.service)],
            "summary": comment.summary,
            "description": description,
        }
        if rpc.scope:
            operation["x-scope"] = rpc.scope
        parameters = [*self._path_parameters(route), *self._query_parameters(route)]
        parameters.append({"$ref": "#/components/parameters/RequestId"})
        last = "LastEventId" if rpc.server_streaming else "RequestTimeout"
        operation["parameters"] = [*parameters, {"$ref": f"#/components/parameters/{last}"}]
        if route.body:
            operation["requestBody"] = self._request_body(route)
        operation["responses"] = {"200": self._answer(route), **self._errors(route, comment.text)}
        return operation

    def _path_parameters(self, route: HttpRoute) -> Iterator[Schema]:
        message = _full_name(route.rpc.request_type)
        for variable in PathTemplate.parse(route.path).variables:
            field = self._field(message, variable.field)
            yield self._parameter(message, field, place="path", name=variable.field)

    def _query_parameters(self, route: HttpRoute) -> Iterator[Schema]:
        if route.body == WHOLE:
            return
        elsewhere = {variable.field for variable in PathTemplate.parse(route.path).variables} | {route.body}
        for path in text_fields(route.rpc.request_type):
            if path.names[0] not in elsewhere:
                message, field = self._within(_full_name(route.rpc.request_type), path)
                yield self._parameter(message, field, place="query", name=str(path))

    def _parameter(self, message: str, field: Field, *, place: str, name: str) -> Schema:
        parameter: Schema = {"name": name, "in": place}
        if place == "path" or is_required(field):
            parameter["required"] = True
        schema = self._schemas.of_field(message, field)
        if description := schema.pop("description", ""):
            parameter["description"] = description
        parameter["schema"] = schema
        if place == "path":
            parameter["example"] = self._examples.of_field(message, field)
        return parameter

    def _request_body(self, route: HttpRoute) -> Schema:
        message = _full_name(route.rpc.request_type)
        if route.body == WHOLE:
            in_path = [variable.field for variable in PathTemplate.parse(route.path).variables]
            example = self._examples.request(message)
            if in_path:
                schema = self._schemas.of_message(message, without=in_path)
                example = {name: value for name, value in example.items() if name not in in_path}
            else:
                schema = {"$ref": reference(message)}
        else:
            field = self._field(message, route.body)
            schema = {"$ref": reference(field.type_name)}
            example = self._examples.patch(field.type_name.removeprefix("."))
        return {"required": True, "content": {"application/json": {"schema": schema, "example": example}}}

    def _answer(self, route: HttpRoute) -> Schema:
        message = _full_name(route.rpc.response_type)
        if route.response_body:
            message = self._field(message, route.response_body).type_name.removeprefix(".")
        schema = {"$ref": reference(message)}
        example = self._examples.response(message)
        description = self._contract.comment(message).summary
        headers = {"x-request-id": {"$ref": "#/components/headers/RequestId"}}
        if route.rpc.server_streaming:
            content = {framing.media_type: {"schema": schema, "example": example} for framing in FRAMINGS}
        else:
            content = {"application/json": {"schema": schema, "example": example}}
        return {"description": description, "headers": headers, "content": content}

    def _errors(self, route: HttpRoute, comment: str) -> dict[str, Schema]:
        """The problems to expect: those that the comment names, and those of every call."""
        found = [kinds.OF_STATUS[StatusCode[name]] for name in _CODE.findall(comment)]
        found += [kinds.INVALID_ARGUMENT, *_ALWAYS]
        if route.body:
            found += _WITH_BODY
        if route.rpc.server_streaming:
            found.append(kinds.NOT_ACCEPTABLE)
        by_status: dict[int, list[ProblemKind]] = {}
        for kind in dict.fromkeys(found):
            by_status.setdefault(kind.status, []).append(kind)
        errors = {str(status): _problem(by_status[status]) for status in sorted(by_status)}
        return {**errors, "default": {"$ref": "#/components/responses/Problem"}}

    def _field(self, message: str, name: str) -> Field:
        return next(field for field in self._contract.fields(message) if field.name == name)

    def _within(self, message: str, path: FieldPath) -> tuple[str, Field]:
        """The message that holds the last name of `path`, and the field."""
        for name in path.names[:-1]:
            message = self._field(message, name).type_name.removeprefix(".")
        return message, self._field(message, path.names[-1])


def tag_of(service: str) -> str:
    """What the documentation groups a service's calls under."""
    words = re.findall(r"[A-Z][a-z]+", short(service).removesuffix("Service"))
    return " ".join([words[0], *(word.lower() for word in words[1:])])


def response_name(kind: ProblemKind) -> str:
    """The name of a kind among the components."""
    return "".join(word.capitalize() for word in kind.name.split("-"))


def _problem(alternatives: list[ProblemKind]) -> Schema:
    """Refer to the one kind of a status, or describe all that share it."""
    if len(alternatives) == 1:
        return {"$ref": f"#/components/responses/{response_name(alternatives[0])}"}
    description = "; or ".join(f"{kind.title} (`{kind.uri}`)" for kind in alternatives)
    return {"description": description, "content": problem_content()}


def problem_content() -> Schema:
    """The content of every problem document."""
    return {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}}


def _full_name(message: type) -> str:
    return f"{PACKAGE}.{message.__name__}"
