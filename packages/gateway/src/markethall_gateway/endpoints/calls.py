"""The contract's unary calls over HTTP."""

from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import Any

from starlette.types import Receive, Scope, Send

from markethall_common import request_context
from markethall_gateway.endpoints.disconnects import ClientGone, DisconnectWatch
from markethall_gateway.engine_client import EngineClient
from markethall_gateway.transcoding.binding import Binding
from markethall_gateway.transcoding.deadlines import timeout_s
from markethall_gateway.transcoding.requests import read_request
from markethall_gateway.transcoding.responses import send_json
from markethall_protos.codec import to_json
from markethall_protos.codec.schema import schema_of
from markethall_protos.routes import HttpRoute


class UnaryCall:
    """Serves one route whose call has one request and one response."""

    def __init__(self, route: HttpRoute, engine: EngineClient, *, longest_s: float) -> None:
        self._rpc = route.rpc
        self._binding = Binding(route)
        self._write = response_writer(route)
        self._engine = engine
        self._longest_s = longest_s

    async def __call__(self, values: Mapping[str, str], scope: Scope, receive: Receive, send: Send) -> None:
        seconds = timeout_s(scope["headers"], self._longest_s)
        request = await read_request(self._binding, values, scope, receive)
        context = request_context.current()
        assert context is not None
        with suppress(ClientGone):
            async with DisconnectWatch(receive):
                response = await self._engine.call(self._rpc, request, timeout_s=seconds, context=context)
            await send_json(send, 200, self._write(response))


def response_writer(route: HttpRoute) -> Callable[[Any], bytes]:
    """Return what turns the call's response into the HTTP body.

    Raises `ValueError` where the route's `response_body` is no message within the response.
    """
    name = route.response_body
    if not name:
        return to_json
    field = {field.name: field for field in schema_of(route.rpc.response_type).fields}.get(name)
    if field is None or field.message_type is None or field.repeated:
        raise ValueError(f"{route.path} answers with {name}, which is no message of the response")
    attribute, empty = field.attribute, field.message_type()

    def write(response: Any) -> bytes:
        inner = getattr(response, attribute)
        return to_json(empty if inner is None else inner)

    return write
