"""What happens around every call of the contract, whichever it is.

The caller's request id and trace become the request context and go back in the trailers; bytes become a
message and the answer becomes bytes; a call is refused while the engine does not serve; every exception
becomes a status, here and nowhere else; a failed call leaves one line in the log.
"""

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import aclosing, asynccontextmanager
from typing import Any, TypeAlias

import grpc
import grpc.aio

from markethall_common import request_context
from markethall_common.logs import logger
from markethall_common.request_context import RequestContext
from markethall_engine.rpc.errors import DeadlineExceeded, MalformedMessage
from markethall_engine.rpc.lifecycle import Lifecycle
from markethall_engine.rpc.status import STATUS_DETAILS, Failure, failure_of
from markethall_protos.codec import DecodeError

Context = grpc.aio.ServicerContext[Any, Any]
Handler: TypeAlias = "grpc.RpcMethodHandler[Any, Any]"
Continuation: TypeAlias = (
    "Callable[[grpc.HandlerCallDetails], Awaitable[grpc.RpcMethodHandler[Any, Any] | None]]"
)

_OURS = "/markethall."
_ALWAYS_ANSWERED = frozenset(
    {"/markethall.v1.CoreEngineService/HealthCheck", "/markethall.v1.CoreEngineService/GetStatus"}
)
"""Calls that ask about the engine's life, in every state of it."""

_OVERLOAD = frozenset({grpc.StatusCode.UNAVAILABLE, grpc.StatusCode.RESOURCE_EXHAUSTED})


class CallInterceptor(grpc.aio.ServerInterceptor):
    """Wraps the handlers of our own services; health and reflection pass by untouched."""

    def __init__(self, lifecycle: Lifecycle, *, call_timeout_s: float) -> None:
        """Give a unary call without a deadline of its own `call_timeout_s` seconds."""
        self._lifecycle = lifecycle
        self._call_timeout_s = call_timeout_s
        self._wrapped: dict[str, Handler] = {}
        self._under_way = 0
        self._idle = asyncio.Event()
        self._idle.set()

    @property
    def under_way(self) -> int:
        """How many calls are being answered, streams included."""
        return self._under_way

    async def idle(self) -> None:
        """Wait until no call is under way."""
        await self._idle.wait()

    async def intercept_service(
        self, continuation: Continuation, handler_call_details: grpc.HandlerCallDetails
    ) -> "Handler | None":
        method = handler_call_details.method
        wrapped = self._wrapped.get(method)
        if wrapped is None:
            handler = await continuation(handler_call_details)
            if handler is None or not method.startswith(_OURS):
                return handler
            wrapped = self._wrapped[method] = self._wrap(method, handler)
        return wrapped

    def _wrap(self, method: str, handler: Any) -> Handler:
        decode, encode = handler.request_deserializer, handler.response_serializer

        async def unary_unary(data: bytes, context: Context) -> bytes:
            async with self._call(method, context):
                request = _decoded(decode, data)
                async with _time_limit(context, self._call_timeout_s):
                    response = await handler.unary_unary(request, context)
                answer: bytes = encode(response)
                return answer

        async def unary_stream(data: bytes, context: Context) -> None:
            async with self._call(method, context):
                request = _decoded(decode, data)
                async with aclosing(handler.unary_stream(request, context)) as responses:
                    async for response in responses:
                        await context.write(encode(response))

        async def stream_stream(messages: AsyncIterator[bytes], context: Context) -> None:
            async with self._call(method, context):
                requests = (_decoded(decode, data) async for data in messages)
                async with aclosing(handler.stream_stream(requests, context)) as responses:
                    async for response in responses:
                        await context.write(encode(response))

        if handler.request_streaming:
            return grpc.stream_stream_rpc_method_handler(stream_stream)
        if handler.response_streaming:
            return grpc.unary_stream_rpc_method_handler(unary_stream)
        return grpc.unary_unary_rpc_method_handler(unary_unary)

    @asynccontextmanager
    async def _call(self, method: str, context: Context) -> AsyncIterator[None]:
        """Be the one place that catches every exception of a call."""
        started = time.perf_counter()
        self._under_way += 1
        self._idle.clear()
        with request_context.entered(RequestContext.receive(context.invocation_metadata() or ())) as request:
            trailers = request.headers()
            context.set_trailing_metadata(trailers)
            try:
                if method not in _ALWAYS_ANSWERED:
                    self._lifecycle.check_running()
                yield
            except grpc.aio.AbortError:
                logger.info("call_failed", method=method, code=context.code(), reason="NOT_IMPLEMENTED")
                raise
            except asyncio.CancelledError:
                logger.debug("call_canceled", method=method, duration_ms=_milliseconds_since(started))
                raise
            except Exception as error:
                failure = failure_of(error)
                _log_failure(method, context, failure, _milliseconds_since(started))
                await context.abort(
                    failure.code, failure.message, (*trailers, (STATUS_DETAILS, failure.details()))
                )
            else:
                logger.debug("call_answered", method=method, duration_ms=_milliseconds_since(started))
            finally:
                self._under_way -= 1
                if not self._under_way:
                    self._idle.set()


def _decoded(decode: Callable[[bytes], Any], data: bytes) -> Any:
    try:
        return decode(data)
    except DecodeError as error:
        raise MalformedMessage(str(error)) from error


@asynccontextmanager
async def _time_limit(context: Context, timeout_s: float) -> AsyncIterator[None]:
    """Refuse what comes too late; gRPC itself cancels a call whose deadline passes later."""
    remaining_s = context.time_remaining()
    if remaining_s is None:
        try:
            async with asyncio.timeout(timeout_s):
                yield
        except TimeoutError as error:
            raise DeadlineExceeded from error
    elif remaining_s <= 0:
        raise DeadlineExceeded
    else:
        yield


def _log_failure(method: str, context: Context, failure: Failure, duration_ms: float) -> None:
    fields: dict[str, object] = {
        "method": method,
        "code": failure.code.name,
        "reason": failure.reason,
        "detail": failure.message,
        "peer": context.peer(),
        "duration_ms": duration_ms,
    }
    if failure.code is grpc.StatusCode.INTERNAL:
        logger.exception("call_failed", **fields)
    elif failure.code in _OVERLOAD:
        logger.warning("call_failed", **fields)
    else:
        logger.info("call_failed", **fields)


def _milliseconds_since(started: float) -> float:
    return round((time.perf_counter() - started) * 1e3, 3)
