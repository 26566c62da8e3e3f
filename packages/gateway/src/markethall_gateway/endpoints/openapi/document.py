"""The whole OpenAPI document: the contract's operations, the gateway's own, and what they share."""

from collections.abc import Iterable
from typing import Any, Final

from markethall_gateway.endpoints.openapi.contract import PACKAGE, Contract
from markethall_gateway.endpoints.openapi.example_values import BY_FIELD
from markethall_gateway.endpoints.openapi.examples import Examples
from markethall_gateway.endpoints.openapi.gateway_paths import SCHEMAS, TAG, gateway_paths
from markethall_gateway.endpoints.openapi.operations import (
    Operations,
    problem_content,
    response_name,
    tag_of,
)
from markethall_gateway.endpoints.openapi.schemas import Schema, Schemas
from markethall_gateway.streams.resumption import LAST_EVENT_ID
from markethall_gateway.transcoding import problem_kinds as kinds
from markethall_gateway.transcoding.deadlines import REQUEST_TIMEOUT
from markethall_gateway.transcoding.problem_kinds import ProblemKind
from markethall_protos.routes import HttpRoute

_DESCRIPTION: Final = """\
A trading venue: orders, market data, portfolios, risk and administration.

Prices, quantities and amounts are decimal strings, and exact. Integers of 64 bits are strings. Times are
RFC 3339 in UTC. Enums are written by their short names, such as `BUY`. A name that a call does not know is
refused.

A refusal by the venue's rules is not an error: it is an order with the status `REJECTED` and a
`reject_reason`. Everything else that goes wrong is a problem document (RFC 9457), whose `type` is described
under [/problems](/problems).
"""


def openapi_document(routes: Iterable[HttpRoute], version: str) -> dict[str, Any]:
    """Write the document for `routes`, of the gateway's `version`."""
    routes = list(routes)
    contract = Contract.load()
    schemas = Schemas(
        contract,
        requests=[f"{PACKAGE}.{route.rpc.request_type.__name__}" for route in routes],
        responses=[f"{PACKAGE}.{route.rpc.response_type.__name__}" for route in routes],
    )
    paths = Operations(contract, schemas, Examples(contract)).paths(routes)
    services = dict.fromkeys(route.rpc.service for route in routes)
    tags = [{"name": tag_of(name), "description": contract.comment(name).text} for name in services]
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Markethall",
            "version": version,
            "summary": "A trading venue in a box.",
            "description": _DESCRIPTION,
            "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
        },
        "servers": [{"url": "/"}],
        "tags": [{"name": TAG, "description": "Is the gateway there, is the engine, are both well."}, *tags],
        "paths": {**gateway_paths(), **paths},
        "components": {
            "schemas": {**schemas.components(paths), **SCHEMAS, "Problem": _problem_schema()},
            "responses": _problem_responses(),
            "parameters": _PARAMETERS,
            "headers": {
                "RequestId": _header("Names this request in every log line.", BY_FIELD["correlation_id"])
            },
        },
    }


_PARAMETERS: Final[dict[str, Schema]] = {
    "RequestId": {
        "name": "x-request-id",
        "in": "header",
        "description": "Your name for this request; it comes back, and stands in every log line. "
        "1 to 128 of `A-Z a-z 0-9 . _ ~ : / + = @ -`.",
        "schema": {"type": "string", "maxLength": 128},
    },
    "RequestTimeout": {
        "name": REQUEST_TIMEOUT,
        "in": "header",
        "description": "Seconds that you will wait, if less than the gateway's own limit.",
        "schema": {"type": "number", "exclusiveMinimum": 0},
    },
    "LastEventId": {
        "name": LAST_EVENT_ID,
        "in": "header",
        "description": "The `id` of the last event that you have, where the stream can be resumed.",
        "schema": {"type": "string"},
    },
}


def _header(description: str, example: str) -> Schema:
    return {"description": description, "schema": {"type": "string"}, "example": example}


def _problem_schema() -> Schema:
    text: Schema = {"type": "string"}
    return {
        "type": "object",
        "description": "What went wrong (RFC 9457).",
        "properties": {
            "type": {**text, "format": "uri-reference", "enum": [kind.uri for kind in kinds.ALL.values()]},
            "title": {**text, "description": "The kind of problem, for people."},
            "status": {"type": "integer", "description": "The HTTP status."},
            "detail": {**text, "description": "This problem, for people."},
            "request_id": {**text, "description": "Names this request in the venue's log."},
            "reason": {**text, "pattern": "^[A-Z][A-Z0-9_]*$", "description": "This problem, for programs."},
            "errors": {
                "type": "array",
                "description": "The fields at fault.",
                "items": {
                    "type": "object",
                    "properties": {
                        "field": {
                            **text,
                            "description": "Its path in the request, such as `orders[2].price`.",
                        },
                        "description": {**text, "description": "What was expected and what was found."},
                    },
                    "required": ["field", "description"],
                },
            },
        },
        "required": ["type", "title", "status", "detail", "request_id", "reason", "errors"],
    }


def _problem_responses() -> dict[str, Schema]:
    responses: dict[str, Schema] = {
        "Problem": {"description": "Something else went wrong.", "content": problem_content()}
    }
    for kind in kinds.ALL.values():
        content = problem_content()
        content["application/problem+json"]["example"] = _problem_example(kind)
        response: Schema = {"description": f"{kind.title}. {kind.advice}", "content": content}
        if kind in (kinds.UNAVAILABLE, kinds.RESOURCE_EXHAUSTED):
            response["headers"] = {"retry-after": _header("Seconds to wait before trying again.", "1")}
        responses[response_name(kind)] = response
    return responses


def _problem_example(kind: ProblemKind) -> dict[str, Any]:
    errors = []
    detail = kind.title[0].lower() + kind.title[1:]
    if kind is kinds.INVALID_ARGUMENT:
        detail = BY_FIELD["message"]
        errors = [{"field": BY_FIELD["field"], "description": BY_FIELD["description"]}]
    return {
        "type": kind.uri,
        "title": kind.title,
        "status": kind.status,
        "detail": detail,
        "request_id": BY_FIELD["correlation_id"],
        "reason": kind.reason,
        "errors": errors,
    }
