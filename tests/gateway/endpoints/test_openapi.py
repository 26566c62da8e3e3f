"""The OpenAPI document: valid, complete, and true of what the gateway does."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
from jsonschema import Draft202012Validator
from openapi_spec_validator import OpenAPIV31SpecValidator

from markethall_gateway.endpoints.openapi.document import openapi_document
from markethall_gateway.transcoding import problem_kinds as kinds
from markethall_gateway.transcoding.binding import Binding
from markethall_gateway.transcoding.problem_kinds import ProblemKind
from markethall_gateway.transcoding.problems import Problem
from markethall_protos.codec import from_json_value, to_json_value
from markethall_protos.codec.schema import schema_of
from markethall_protos.routes import HttpRoute
from markethall_protos.v1 import ROUTES
from tests.gateway.engines import Engine
from tests.gateway.gateways import running_gateway
from tools.loopback import free_port

DOCUMENT = openapi_document(ROUTES, "0.1.0")
COMPONENTS = DOCUMENT["components"]
EVERY_ROUTE = pytest.mark.parametrize("route", ROUTES, ids=lambda route: f"{route.method} {route.path}")


def operation(route: HttpRoute) -> dict[str, Any]:
    found: dict[str, Any] = DOCUMENT["paths"][route.path][route.method.lower()]
    return found


def check(value: Any, schema: dict[str, Any]) -> None:
    """Hold a value against a schema of the document."""
    whole = {**schema, "components": COMPONENTS}
    Draft202012Validator(whole, format_checker=Draft202012Validator.FORMAT_CHECKER).validate(value)


def within(value: Any) -> Iterator[dict[str, Any]]:
    """Every object in the document."""
    if isinstance(value, dict):
        yield value
        value = list(value.values())
    if isinstance(value, list):
        for inner in value:
            yield from within(inner)


def test_the_document_is_valid_openapi_3_1() -> None:
    assert DOCUMENT["openapi"] == "3.1.0"
    assert list(OpenAPIV31SpecValidator(DOCUMENT).iter_errors()) == []


def test_every_route_has_its_operation_and_there_are_no_others() -> None:
    own = {("GET", path) for path in ("/health", "/ping", "/ping/core-engine")}
    documented = {
        (method.upper(), path) for path, operations in DOCUMENT["paths"].items() for method in operations
    }
    assert documented == {(route.method, route.path) for route in ROUTES} | own


def test_every_operation_has_an_id_of_its_own() -> None:
    ids = [each["operationId"] for path in DOCUMENT["paths"].values() for each in path.values()]
    assert len(ids) == len(set(ids))


@EVERY_ROUTE
def test_an_operation_says_what_the_contract_says(route: HttpRoute) -> None:
    found = operation(route)
    assert found["summary"]
    assert found["description"].startswith(found["summary"])
    assert found.get("x-scope", "") == route.rpc.scope


@EVERY_ROUTE
def test_the_parameters_are_those_that_the_gateway_takes(route: HttpRoute) -> None:
    binding = Binding(route)
    places: dict[str, dict[str, Any]] = {"path": {}, "query": {}, "header": {}}
    for named in operation(route)["parameters"]:
        parameter = COMPONENTS["parameters"].get(named.get("$ref", "").rpartition("/")[2], named)
        places[parameter["in"]][parameter["name"]] = parameter["schema"]
    path = dict.fromkeys(places["path"], "1")
    for name, schema in places["query"].items():
        binding.bind(path, f"{name}={sample(schema)}".encode(), b"{}" if binding.takes_body else b"")
    assert tuple(places["path"]) == binding.path_names


def sample(schema: dict[str, Any]) -> str:
    """Some value of a parameter, as text."""
    if "$ref" in schema:
        schema = COMPONENTS["schemas"][schema["$ref"].rpartition("/")[2]]
    if "enum" in schema:
        return str(schema["enum"][1])
    match schema["type"], schema.get("format"):
        case "array", _:
            return sample(schema["items"])
        case "string", "date-time":
            return "2026-11-23T13:30:00Z"
        case ("integer", _) | ("string", "int64"):
            return "7"
        case "boolean", _:
            return "true"
        case _:
            return "x"


@EVERY_ROUTE
def test_the_example_of_a_body_is_a_request_that_the_gateway_takes(route: HttpRoute) -> None:
    if not route.body:
        assert "requestBody" not in operation(route)
        return
    content = operation(route)["requestBody"]["content"]["application/json"]
    check(content["example"], content["schema"])
    path = dict.fromkeys(Binding(route).path_names, "1042")
    Binding(route).bind(path, b"", json.dumps(content["example"]).encode())


@EVERY_ROUTE
def test_the_example_of_an_answer_is_what_the_gateway_would_write(route: HttpRoute) -> None:
    cls = route.rpc.response_type
    if route.response_body:
        [cls] = [
            field.message_type
            for field in schema_of(cls).fields
            if field.name == route.response_body and field.message_type is not None
        ]
    contents = operation(route)["responses"]["200"]["content"]
    streaming = {"text/event-stream", "application/x-ndjson"}
    assert set(contents) == (streaming if route.rpc.server_streaming else {"application/json"})
    for content in contents.values():
        check(content["example"], content["schema"])
        assert to_json_value(from_json_value(cls, content["example"])) == content["example"]


@EVERY_ROUTE
def test_an_empty_answer_keeps_to_its_schema(route: HttpRoute) -> None:
    """Fields without presence are written even when they hold their defaults, and the schema says so."""
    if not route.response_body:
        name = route.rpc.response_type.__name__
        check(to_json_value(route.rpc.response_type()), {"$ref": f"#/components/schemas/{name}"})


def test_a_request_with_an_unknown_name_breaks_its_schema() -> None:
    assert COMPONENTS["schemas"]["PlaceOrderRequest"]["additionalProperties"] is False
    assert COMPONENTS["schemas"]["PlaceOrderRequest"]["required"] == ["symbol", "side", "quantity"]


def test_an_answer_may_gain_fields() -> None:
    assert "additionalProperties" not in COMPONENTS["schemas"]["Order"]
    assert "filled_quantity" in COMPONENTS["schemas"]["Order"]["required"]
    assert "expire_time" not in COMPONENTS["schemas"]["Order"]["required"]


def test_enums_go_by_their_short_names_with_what_they_mean() -> None:
    side = COMPONENTS["schemas"]["Side"]
    assert side["enum"] == ["UNSPECIFIED", "BUY", "SELL"]
    assert "- `BUY`: Buys the base asset, pays the quote asset." in side["description"]


def test_units_stand_in_the_descriptions() -> None:
    price = COMPONENTS["schemas"]["PlaceOrderRequest"]["properties"]["price"]
    assert price["description"].startswith("Limit price, in quote per one base")


def test_every_schema_is_used() -> None:
    used = {each["$ref"] for each in within(DOCUMENT) if isinstance(each.get("$ref"), str)}
    for kind, components in COMPONENTS.items():
        named = {f"#/components/{kind}/{name}" for name in components}
        if kind in ("schemas", "parameters", "headers"):
            assert named <= used


@pytest.mark.parametrize("kind", kinds.ALL.values(), ids=lambda kind: kind.name)
def test_every_kind_of_problem_has_its_response_with_a_true_example(kind: ProblemKind) -> None:
    [response] = [
        each for name, each in COMPONENTS["responses"].items() if name.lower() == kind.name.replace("-", "")
    ]
    content = response["content"]["application/problem+json"]
    check(content["example"], content["schema"])
    written = json.loads(Problem(kind, "…").document("r-1"))
    check(written, content["schema"])
    assert set(written) == set(content["example"])
    assert {name: written[name] for name in ("type", "title", "status", "reason")} == {
        name: content["example"][name] for name in ("type", "title", "status", "reason")
    }


def test_an_error_that_the_contract_names_is_documented() -> None:
    responses = DOCUMENT["paths"]["/v1/orders"]["post"]["responses"]
    assert {"200", "400", "404", "409", "429", "503", "504"} <= set(responses)
    assert responses["409"] == {"$ref": "#/components/responses/AlreadyExists"}


@pytest.mark.parametrize("is_there", [True, False])
async def test_health_and_pings_keep_to_their_schemas(is_there: bool) -> None:
    engine = Engine()
    async with (
        engine.serving(),
        running_gateway(engine.address if is_there else f"127.0.0.1:{free_port()}") as gateway,
    ):
        for path in ("/health", "/ping", "/ping/core-engine"):
            response = await gateway.http.get(path)
            documented = DOCUMENT["paths"][path]["get"]["responses"][str(response.status_code)]
            content = documented["content"]["application/json"]
            check(response.json(), content["schema"])
            assert set(response.json()) == set(content["example"])


async def test_the_gateway_serves_the_document() -> None:
    async with running_gateway(f"127.0.0.1:{free_port()}") as gateway:
        response = await gateway.http.get("/openapi.json")
    assert response.headers["content-type"] == "application/json"
    assert response.json() == DOCUMENT
