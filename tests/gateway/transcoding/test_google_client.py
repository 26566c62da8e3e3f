"""The other side of the same mapping: what Google's own client makes of a request, we must bind back to it.

google-api-core turns a request into an HTTP request by the rules of google.api.http, as a client does, and
was written without us. Whatever it sends for a random request of any route must become that request again.
"""

from datetime import UTC, datetime
from importlib.resources import files
from typing import Any
from urllib.parse import urlencode

import pytest
from google.api_core.rest_helpers import flatten_query_params, transcode_request
from google.protobuf import descriptor_pb2, descriptor_pool, message_factory
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from markethall_gateway.transcoding.binding import Binding
from markethall_gateway.transcoding.fields import is_single_value
from markethall_gateway.transcoding.path_template import PathTemplate
from markethall_gateway.transcoding.routes import RouteTable
from markethall_protos.codec import encode
from markethall_protos.codec.schema import FieldSchema, schema_of
from markethall_protos.google.protobuf import FieldMask
from markethall_protos.routes import HttpRoute
from markethall_protos.v1 import ROUTES

POOL = descriptor_pool.DescriptorPool()
for file in descriptor_pb2.FileDescriptorSet.FromString(
    files("markethall_protos.v1").joinpath("descriptor_set.binpb").read_bytes()
).file:
    POOL.Add(file)

TABLE: RouteTable[HttpRoute] = RouteTable()
for _route in ROUTES:
    TABLE.add(_route.method, _route.path, _route)

TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=8)
# Google's client does not escape a slash and refuses to send one, as it does `.` and `..`, which mean other
# directories to HTTP clients. test_routes.py has what we make of an escaped slash.
SEGMENTS = st.text(
    st.characters(exclude_categories=["Cs"], exclude_characters="/"), min_size=1, max_size=8
).filter(lambda text: text not in {".", ".."})
SCALARS: dict[str, st.SearchStrategy[Any]] = {
    "string": TEXT,
    "bool": st.booleans(),
    "int32": st.integers(-(2**31), 2**31 - 1),
    "int64": st.integers(-(2**63), 2**63 - 1),
    "timestamp": st.datetimes(datetime(1, 1, 1), datetime(9999, 12, 31), timezones=st.just(UTC)),
}
MASKS = st.builds(FieldMask, paths=st.lists(st.sampled_from(["status", "maker_fee"]), max_size=2))


def values(field: FieldSchema, depth: int) -> st.SearchStrategy[Any]:
    if field.kind == "map":
        assert field.value is not None
        return st.dictionaries(TEXT, values(field.value, depth - 1), max_size=2) if depth else st.just({})
    if field.message_type is FieldMask:
        one: st.SearchStrategy[Any] = MASKS
    elif field.message_type is not None:
        one = messages(field.message_type, depth - 1) if depth else st.none()
    elif field.enum_type is not None:
        one = st.sampled_from(list(field.enum_type))
    else:
        one = SCALARS[field.kind]
    if field.repeated:
        return st.lists(one, max_size=2) if depth or is_single_value(field) else st.just([])
    return st.one_of(st.none(), one) if field.has_presence else one


def messages(cls: type[Any], depth: int = 2, **fixed: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    fields = {
        field.attribute: values(field, depth) for field in schema_of(cls).fields if not field.siblings
    } | fixed
    return st.builds(cls, **fields)


def requests(route: HttpRoute) -> st.SearchStrategy[Any]:
    in_path = {variable.field: SEGMENTS for variable in PathTemplate.parse(route.path).variables}
    body = {}
    if route.body and route.body != "*":
        # Google's client sends `{}` for a body that is unset, which is a message that is set.
        [field] = [field for field in schema_of(route.rpc.request_type).fields if field.name == route.body]
        body = {route.body: messages(field.message_type, 2)}
    return messages(route.rpc.request_type, 3, **in_path, **body)


@pytest.mark.parametrize("route", ROUTES, ids=lambda route: f"{route.method} {route.path}")
def test_what_googles_client_sends_is_bound_to_what_it_was_given(route: HttpRoute) -> None:
    binding = Binding(route)
    google = message_factory.GetMessageClass(
        POOL.FindMessageTypeByName(f"markethall.v1.{route.rpc.request_type.__name__}")
    )
    option = {"method": route.method.lower(), "uri": route.path} | (
        {"body": route.body} if route.body else {}
    )

    @settings(max_examples=15, suppress_health_check=[HealthCheck.too_slow], deadline=None)
    @given(requests(route))
    def bind_what_is_sent(request: Any) -> None:
        sent, body, query = transcode_request([option], google.FromString(encode(request)))
        parameters = urlencode(flatten_query_params(query, strict=True))
        found = TABLE.find(route.method, sent["uri"])
        assert found is not None
        assert found.endpoint is route
        assert binding.bind(found.values, parameters.encode(), (body or "").encode()) == request

    bind_what_is_sent()
