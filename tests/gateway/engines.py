"""Small engines for the gateway's tests: real gRPC servers over the contract's servicer bases."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Any

import grpc
import grpc.aio

from markethall_protos.codec import encode
from markethall_protos.google.protobuf import Any as AnyMessage
from markethall_protos.google.rpc import BadRequest, BadRequestFieldViolation, ErrorInfo, RetryInfo, Status
from markethall_protos.v1 import (
    CoreEngineServiceServicer,
    GetInstrumentRequest,
    GetInstrumentResponse,
    HealthCheckRequest,
    HealthCheckResponse,
    Instrument,
    MarketDataServiceServicer,
    MessageError,
    MessageOutcome,
    Order,
    OrderServiceServicer,
    PlaceOrderResponse,
    ProcessMessagesRequest,
    ProcessMessagesResponse,
    StreamTradesRequest,
    StreamTradesResponse,
    Trade,
    add_core_engine_service_servicer,
    add_market_data_service_servicer,
    add_order_service_servicer,
)

Context = Any


class Core(CoreEngineServiceServicer):
    """Accepts every order. Notes the batches that it received; holds answers back while `gate` is closed."""

    def __init__(self) -> None:
        self.batches: list[ProcessMessagesRequest] = []
        self.status = "healthy"
        self.streams = 0
        self.answered_commands = 0
        self.received = asyncio.Event()
        self.gate = asyncio.Event()
        self.gate.set()
        self.health_checks: list[Any] = []
        self.refusal: tuple[grpc.StatusCode, str, Status | None] | None = None
        self.answers_a_stream = 0  # as many as are asked for

    async def health_check(self, request: HealthCheckRequest, context: Context) -> HealthCheckResponse:
        self.health_checks.append(request)
        await self.gate.wait()
        return HealthCheckResponse(
            healthy=self.status == "healthy",
            status=self.status,
            version="0.1.0",
            details={"service": "core-engine", "port": "50052", "processors": "4", "journal": "memory"},
        )

    async def process_messages(
        self, requests: AsyncIterator[ProcessMessagesRequest], context: Context
    ) -> AsyncIterator[ProcessMessagesResponse]:
        self.streams += 1
        if self.refusal is not None:
            await fail(context, *self.refusal)
        answered = 0
        async for request in requests:
            self.batches.append(request)
            self.received.set()
            await self.gate.wait()
            yield ProcessMessagesResponse(outcomes=[self.outcome(message) for message in request.messages])
            answered += 1
            self.answered_commands += len(request.messages)
            if answered == self.answers_a_stream:
                await fail(
                    context,
                    grpc.StatusCode.UNAVAILABLE,
                    "the engine is shutting down",
                    details("DRAINING", retry_after_s=1),
                )

    def outcome(self, message: Any) -> MessageOutcome:
        order = message.place_order
        if order is None:
            error = MessageError(code=12, reason="NOT_IMPLEMENTED", message="not supported by this version")
            return MessageOutcome(message_id=message.message_id, error=error)
        placed = Order(
            order_id=message.message_id, client_order_id=order.client_order_id, symbol=order.symbol
        )
        return MessageOutcome(message_id=message.message_id, place_order=PlaceOrderResponse(order=placed))


class MarketData(MarketDataServiceServicer):
    """Knows one instrument, fails as told, and streams what it is given."""

    def __init__(self) -> None:
        self.failure: tuple[grpc.StatusCode, str, Status | None] | None = None
        self.metadata: dict[str, str] = {}
        self.under_way = 0
        self.time_remaining: float | None = None
        self.trades: asyncio.Queue[str | tuple[grpc.StatusCode, str, Status] | None] = asyncio.Queue()
        self.stream_requests: list[StreamTradesRequest] = []
        self.called = asyncio.Event()
        self.canceled = asyncio.Event()
        self.gate = asyncio.Event()
        self.gate.set()

    async def get_instrument(self, request: GetInstrumentRequest, context: Context) -> GetInstrumentResponse:
        self.metadata = dict(context.invocation_metadata())
        self.time_remaining = context.time_remaining()
        self.called.set()
        self.under_way += 1
        try:
            await self.gate.wait()
        except asyncio.CancelledError:
            self.canceled.set()
            raise
        finally:
            self.under_way -= 1
        if self.failure is not None:
            await fail(context, *self.failure)
        return GetInstrumentResponse(instrument=Instrument(symbol=request.symbol, tick_size="0.01"))

    async def stream_trades(
        self, request: StreamTradesRequest, context: Context
    ) -> AsyncIterator[StreamTradesResponse]:
        """Give what is put into `trades`; None ends the stream, and a failure ends it so."""
        self.stream_requests.append(request)
        self.metadata = dict(context.invocation_metadata())
        self.called.set()
        try:
            while (trade_id := await self.trades.get()) is not None:
                if isinstance(trade_id, tuple):
                    await fail(context, *trade_id)
                yield StreamTradesResponse(trades=[Trade(trade_id=trade_id, symbol=request.symbol)])
        except asyncio.CancelledError:
            self.canceled.set()
            raise


async def fail(context: Context, code: grpc.StatusCode, message: str, details: Status | None) -> None:
    metadata = () if details is None else (("grpc-status-details-bin", encode(details)),)
    await context.abort(code, message, metadata)


def details(
    reason: str,
    *violations: tuple[str, str],
    domain: str = "markethall",
    retry_after_s: float | None = None,
) -> Status:
    """The details that the engine gives with a failure."""
    packed = [_packed("ErrorInfo", ErrorInfo(reason=reason, domain=domain))]
    if violations:
        bad = BadRequest(
            field_violations=[
                BadRequestFieldViolation(field=field, description=text) for field, text in violations
            ]
        )
        packed.append(_packed("BadRequest", bad))
    if retry_after_s is not None:
        packed.append(_packed("RetryInfo", RetryInfo(retry_delay=timedelta(seconds=retry_after_s))))
    return Status(details=packed)


def _packed(name: str, message: Any) -> AnyMessage:
    return AnyMessage(type_url=f"type.googleapis.com/google.rpc.{name}", value=encode(message))


class Engine:
    """A gRPC server with these servicers."""

    def __init__(self) -> None:
        self.core = Core()
        self.market_data = MarketData()
        self.orders = OrderServiceServicer()
        self.address = ""
        self.stop: Callable[[], Awaitable[None]]

    @asynccontextmanager
    async def serving(self, port: int = 0) -> AsyncIterator["Engine"]:
        server = grpc.aio.server(options=(("grpc.so_reuseport", 0),))
        add_core_engine_service_servicer(self.core, server)
        add_market_data_service_servicer(self.market_data, server)
        add_order_service_servicer(self.orders, server)
        self.address = f"127.0.0.1:{server.add_insecure_port(f'127.0.0.1:{port}')}"
        await server.start()
        self.stop = lambda: server.stop(None)
        try:
            yield self
        finally:
            await server.stop(None)
