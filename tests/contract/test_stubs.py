"""The generated stubs and servicer bases of the contract, against a real server on a free port."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from importlib.resources import files

import grpc
import grpc.aio
import pytest
from google.protobuf.descriptor_pb2 import FileDescriptorSet

import markethall_protos.v1 as v1
from markethall_protos.codec import decoder, encode, encoder
from markethall_protos.error_details import STATUS_DETAILS_KEY, error_detail, error_status
from markethall_protos.google.protobuf import Any
from markethall_protos.google.rpc import BadRequest, BadRequestFieldViolation, ErrorInfo, RetryInfo, Status

DECIDED = datetime(2026, 11, 23, 13, 30, tzinfo=UTC)
NO_PRICE = BadRequestFieldViolation(field="price", description="expected a decimal, found nothing")


class EchoOrders(v1.OrderServiceServicer):
    """Accepts every order with a price, and refuses the others as the contract says."""

    async def place_order(
        self,
        request: v1.PlaceOrderRequest,
        context: grpc.aio.ServicerContext[v1.PlaceOrderRequest, v1.PlaceOrderResponse],
    ) -> v1.PlaceOrderResponse:
        if not request.price:
            violation = BadRequestFieldViolation(
                field="price", description="expected a decimal, found nothing"
            )
            details = [
                Any.pack(BadRequest(field_violations=[violation])),
                Any.pack(ErrorInfo(reason="PRICE_REQUIRED", domain="markethall")),
            ]
            status = Status(code=3, message="a limit order needs a price", details=details)
            await context.abort(
                grpc.StatusCode.INVALID_ARGUMENT, status.message, ((STATUS_DETAILS_KEY, encode(status)),)
            )
        order = v1.Order(
            order_id="17",
            symbol=request.symbol,
            side=request.side,
            quantity=request.quantity,
            price=request.price,
            status=v1.OrderStatus.NEW,
            create_time=DECIDED,
        )
        return v1.PlaceOrderResponse(order=order)

    async def stream_execution_reports(
        self,
        request: v1.StreamExecutionReportsRequest,
        context: grpc.aio.ServicerContext[
            v1.StreamExecutionReportsRequest, v1.StreamExecutionReportsResponse
        ],
    ) -> AsyncIterator[v1.StreamExecutionReportsResponse]:
        for sequence in range(request.after_sequence + 1, request.after_sequence + 4):
            yield v1.StreamExecutionReportsResponse(report=v1.ExecutionReport(sequence=sequence))


class EchoEngine(v1.CoreEngineServiceServicer):
    """Answers each message with an outcome that bears its id."""

    async def process_messages(
        self,
        requests: AsyncIterator[v1.ProcessMessagesRequest],
        context: grpc.aio.ServicerContext[v1.ProcessMessagesRequest, v1.ProcessMessagesResponse],
    ) -> AsyncIterator[v1.ProcessMessagesResponse]:
        async for request in requests:
            yield v1.ProcessMessagesResponse(
                outcomes=[v1.MessageOutcome(message_id=message.message_id) for message in request.messages]
            )


@asynccontextmanager
async def serve() -> AsyncIterator[grpc.aio.Channel]:
    server = grpc.aio.server()
    v1.add_order_service_servicer(EchoOrders(), server)
    v1.add_core_engine_service_servicer(EchoEngine(), server)
    port = server.add_insecure_port("127.0.0.1:0")
    await server.start()
    async with grpc.aio.insecure_channel(f"127.0.0.1:{port}") as channel:
        yield channel
    await server.stop(None)


async def test_an_order_is_placed_by_a_unary_call() -> None:
    async with serve() as channel:
        request = v1.PlaceOrderRequest(symbol="BTC-USD", side=v1.Side.BUY, quantity="0.5", price="65000.25")
        response = await v1.OrderServiceStub(channel).place_order(request)
    expected = v1.Order(
        order_id="17",
        symbol="BTC-USD",
        side=v1.Side.BUY,
        quantity="0.5",
        price="65000.25",
        status=v1.OrderStatus.NEW,
        create_time=DECIDED,
    )
    assert response == v1.PlaceOrderResponse(order=expected)


async def test_execution_reports_come_on_a_server_stream_in_order() -> None:
    async with serve() as channel:
        call = v1.OrderServiceStub(channel).stream_execution_reports(
            v1.StreamExecutionReportsRequest(after_sequence=4)
        )
        sequences = [response.report.sequence async for response in call if response.report is not None]
    assert sequences == [5, 6, 7]


async def test_messages_are_answered_on_one_bidirectional_stream() -> None:
    async with serve() as channel:
        call = v1.CoreEngineServiceStub(channel).process_messages()
        for batch in (["a", "b"], ["c"]):
            await call.write(
                v1.ProcessMessagesRequest(
                    messages=[v1.EngineMessage(message_id=message_id) for message_id in batch]
                )
            )
            response = await call.read()
            assert isinstance(response, v1.ProcessMessagesResponse)
            assert [outcome.message_id for outcome in response.outcomes] == batch
        await call.done_writing()
        assert await call.read() is grpc.aio.EOF


async def test_a_call_that_is_not_built_answers_unimplemented_by_its_full_name() -> None:
    async with serve() as channel:
        with pytest.raises(grpc.aio.AioRpcError) as caught:
            await v1.OrderServiceStub(channel).get_order(v1.GetOrderRequest(order_id="17"))
    assert caught.value.code() is grpc.StatusCode.UNIMPLEMENTED
    assert caught.value.details() == "markethall.v1.OrderService/GetOrder is not implemented"
    assert error_status(caught.value) is None


async def test_every_call_of_the_contract_is_served_at_the_path_of_its_rpc() -> None:
    """A caller that has nothing but the route table reaches each call, built or not."""
    adders = [getattr(v1, name) for name in v1.__all__ if name.startswith("add_")]
    servicers = {name: getattr(v1, name) for name in v1.__all__ if name.endswith("Servicer")}
    assert len(adders) == len(servicers) == len({rpc.service for rpc in v1.RPCS.values()})
    server = grpc.aio.server()
    for add in adders:
        add(servicers[add.__annotations__["servicer"]](), server)
    port = server.add_insecure_port("127.0.0.1:0")
    await server.start()
    async with grpc.aio.insecure_channel(f"127.0.0.1:{port}") as channel:
        for path, rpc in v1.RPCS.items():
            arities = ("stream" if many else "unary" for many in (rpc.client_streaming, rpc.server_streaming))
            kind = getattr(channel, "_".join(arities))
            start = kind(path, encoder(rpc.request_type), decoder(rpc.response_type))
            call = start(iter([rpc.request_type()]) if rpc.client_streaming else rpc.request_type())
            assert await call.code() is grpc.StatusCode.UNIMPLEMENTED
            assert await call.details() == f"{path[1:]} is not implemented"
    await server.stop(None)


async def test_the_details_of_an_error_are_read_by_their_type() -> None:
    async with serve() as channel:
        with pytest.raises(grpc.aio.AioRpcError) as caught:
            await v1.OrderServiceStub(channel).place_order(v1.PlaceOrderRequest(symbol="BTC-USD"))
    error = caught.value
    assert error.code() is grpc.StatusCode.INVALID_ARGUMENT
    assert error_detail(error, BadRequest) == BadRequest(field_violations=[NO_PRICE])
    assert error_detail(error, ErrorInfo) == ErrorInfo(reason="PRICE_REQUIRED", domain="markethall")
    assert error_detail(error, RetryInfo) is None
    status = error_status(error)
    assert status is not None
    assert status.message == "a limit order needs a price"


def test_the_descriptor_set_describes_every_rpc_of_the_route_table() -> None:
    described = FileDescriptorSet.FromString((files(v1) / "descriptor_set.binpb").read_bytes())
    paths = [
        f"/{file.package}.{service.name}/{method.name}"
        for file in described.file
        if file.package == "markethall.v1"
        for service in file.service
        for method in service.method
    ]
    assert sorted(paths) == sorted(v1.RPCS)


def test_every_call_that_changes_something_names_a_scope() -> None:
    """Only a look at health and getting in are for anybody."""
    open_calls = {rpc.name for rpc in v1.RPCS.values() if not rpc.scope}
    assert open_calls == {"HealthCheck", "RegisterUser", "CreateToken", "RefreshToken", "RevokeToken"}
