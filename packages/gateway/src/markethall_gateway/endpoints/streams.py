"""The contract's server streams over HTTP."""

from collections.abc import Mapping

from starlette.types import Receive, Scope, Send

from markethall_common import request_context
from markethall_common.shutdown import Shutdown
from markethall_gateway.engine_client import EngineClient
from markethall_gateway.streams.delivery import Delivery
from markethall_gateway.streams.framing import choose_framing
from markethall_gateway.streams.resumption import Resumption
from markethall_gateway.transcoding.binding import Binding
from markethall_gateway.transcoding.requests import read_request
from markethall_protos.routes import HttpRoute


class StreamCall:
    """Serves one route whose call answers with a stream."""

    def __init__(
        self,
        route: HttpRoute,
        engine: EngineClient,
        *,
        lifetime_s: float,
        heartbeat_s: float,
        shutdown: Shutdown,
    ) -> None:
        self._rpc = route.rpc
        self._binding = Binding(route)
        self._resumption = Resumption(route.rpc)
        self._engine = engine
        self._lifetime_s = lifetime_s
        self._heartbeat_s = heartbeat_s
        self._shutdown = shutdown

    async def __call__(self, values: Mapping[str, str], scope: Scope, receive: Receive, send: Send) -> None:
        framing = choose_framing(scope["headers"])
        request = await read_request(self._binding, values, scope, receive)
        position = self._resumption.begin(request, scope["headers"])
        context = request_context.current()
        assert context is not None
        messages = self._engine.stream(self._rpc, request, timeout_s=self._lifetime_s, context=context)
        delivery = Delivery(framing, position, receive, send, heartbeat_s=self._heartbeat_s)
        await delivery.run(messages, self._shutdown)
