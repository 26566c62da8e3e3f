"""Calls of the engine by the contract's table: commands over the shared stream, the rest as they are."""

import asyncio
from collections.abc import AsyncGenerator, Iterable
from typing import Any, Final

import betterproto2
import grpc.aio

from markethall_common.request_context import RequestContext
from markethall_gateway.engine_client.command_stream import CommandStream
from markethall_gateway.engine_client.connection import keep_connected
from markethall_gateway.engine_client.errors import EngineError
from markethall_protos.codec import decoder, encoder
from markethall_protos.commands import COMMANDS
from markethall_protos.routes import Rpc

NOT_THE_ENGINES: Final = frozenset({"markethall.v1.IdentityService"})
"""Services of the contract that are the gateway's own; the engine is not asked for them."""


class EngineClient:
    """The engine, as the rest of the gateway sees it. Every failure is an `EngineError`."""

    def __init__(self, channel: grpc.aio.Channel, rpcs: Iterable[Rpc], *, command_capacity: int) -> None:
        rpcs = [rpc for rpc in rpcs if rpc.service not in NOT_THE_ENGINES]
        self._channel = channel
        self._connection: asyncio.Task[None] | None = None
        self._command_fields = {rpc.path: name for name, rpc in COMMANDS.items()}
        self._commands = CommandStream(channel, capacity=command_capacity)
        self._unary: dict[str, grpc.aio.UnaryUnaryMultiCallable[Any, Any]] = {}
        self._streaming: dict[str, grpc.aio.UnaryStreamMultiCallable[Any, Any]] = {}
        for rpc in rpcs:
            if rpc.client_streaming or rpc.path in self._command_fields:
                continue
            codec = encoder(rpc.request_type), decoder(rpc.response_type)
            if rpc.server_streaming:
                self._streaming[rpc.path] = channel.unary_stream(rpc.path, *codec)
            else:
                self._unary[rpc.path] = channel.unary_unary(rpc.path, *codec)

    async def call(
        self, rpc: Rpc, request: betterproto2.Message, *, timeout_s: float, context: RequestContext
    ) -> Any:
        """Make the unary call `rpc` and return its response, after at most `timeout_s`."""
        field = self._command_fields.get(rpc.path)
        if field is not None:
            return await self._commands.carry(field, request, timeout_s=timeout_s, context=context)
        method = self._unary.get(rpc.path)
        if method is None:
            raise _not_built(rpc)
        try:
            return await method(request, timeout=timeout_s, metadata=context.headers())
        except grpc.aio.AioRpcError as error:
            raise EngineError.from_call(error) from None

    async def stream(
        self, rpc: Rpc, request: betterproto2.Message, *, timeout_s: float, context: RequestContext
    ) -> AsyncGenerator[Any, None]:
        """Make the server-streaming call `rpc` and give its messages; closing the iterator cancels it."""
        method = self._streaming.get(rpc.path)
        if method is None:
            raise _not_built(rpc)
        call = method(request, timeout=timeout_s, metadata=context.headers())
        try:
            async for message in call:
                yield message
        except grpc.aio.AioRpcError as error:
            raise EngineError.from_call(error) from None
        finally:
            call.cancel()

    def keep_connected(self) -> None:
        """Connect now, and from now on whenever the connection is lost; otherwise calls do."""
        self._connection = asyncio.create_task(keep_connected(self._channel), name="engine-connection")

    async def close(self) -> None:
        """End the command stream and the channel."""
        if self._connection is not None:
            self._connection.cancel()
            await asyncio.wait([self._connection])
        await self._commands.close()
        await self._channel.close()


def _not_built(rpc: Rpc) -> EngineError:
    return EngineError(
        grpc.StatusCode.UNIMPLEMENTED,
        f"{rpc.service}/{rpc.name} is not built yet",
        reason="NOT_IMPLEMENTED",
        is_for_caller=True,
    )
