"""Execution reports: what happens to an account's orders, live and resumed."""

import grpc
import pytest

from markethall_protos import v1
from tests.core_engine.rpc.client import BUY, SELL, Client

NEW, TRADE, CANCELED, REPLACED, REJECTED = (
    v1.ExecutionType.NEW,
    v1.ExecutionType.TRADE,
    v1.ExecutionType.CANCELED,
    v1.ExecutionType.REPLACED,
    v1.ExecutionType.REJECTED,
)
Stream = grpc.aio.UnaryStreamCall[v1.StreamExecutionReportsRequest, v1.StreamExecutionReportsResponse]


async def reports(stream: Stream, count: int) -> list[v1.ExecutionReport]:
    read = [(await stream.read()).report for _ in range(count)]
    assert None not in read
    return [report for report in read if report is not None]


def seen(report: v1.ExecutionReport) -> tuple[v1.ExecutionType, v1.OrderStatus, str]:
    assert report.order is not None
    return report.type, report.order.status, report.order.leaves_quantity


async def a_busy_moment(client: Client) -> v1.Order:
    """Everything that can happen to the orders of `maker`; gives the order that it happens to."""
    placed = (await client.place("maker", SELL, client_order_id="m", quantity="5", price="100")).order
    assert placed is not None
    await client.place("taker", BUY, quantity="1", price="100")
    await client.orders.replace_order(v1.ReplaceOrderRequest(placed.order_id, "maker", price="99"))
    await client.place("taker", BUY, quantity="1.5", price="99")
    await client.orders.cancel_order(v1.CancelOrderRequest(placed.order_id, account_id="maker"))
    await client.place("maker", BUY, quantity="999", price="999999")
    return placed


WHAT_HAPPENED = [
    (NEW, v1.OrderStatus.NEW, "5"),
    (TRADE, v1.OrderStatus.PARTIALLY_FILLED, "4"),
    (REPLACED, v1.OrderStatus.PARTIALLY_FILLED, "4"),
    (TRADE, v1.OrderStatus.PARTIALLY_FILLED, "2.5"),
    (CANCELED, v1.OrderStatus.CANCELED, "0"),
    (REJECTED, v1.OrderStatus.REJECTED, "0"),
]


async def test_reports_tell_each_event_with_the_order_as_it_then_stood(client: Client):
    stream = client.orders.stream_execution_reports(v1.StreamExecutionReportsRequest("maker"))
    await stream.initial_metadata()
    placed = await a_busy_moment(client)
    told = await reports(stream, len(WHAT_HAPPENED))
    assert list(map(seen, told)) == WHAT_HAPPENED
    assert told[0].order == placed
    assert told[1].fill is not None
    assert (told[1].fill.client_order_id, told[1].fill.liquidity_role) == ("m", v1.LiquidityRole.MAKER)
    assert [report.sequence for report in told] == sorted(report.sequence for report in told)
    stream.cancel()


async def test_a_resumed_stream_gives_what_was_missed_as_it_was_told_live(client: Client):
    live = client.orders.stream_execution_reports(v1.StreamExecutionReportsRequest("maker"))
    await live.initial_metadata()
    await a_busy_moment(client)
    told = await reports(live, len(WHAT_HAPPENED))
    live.cancel()
    for read in range(len(told) - 1):
        resumed = client.orders.stream_execution_reports(
            v1.StreamExecutionReportsRequest("maker", after_sequence=told[read].sequence)
        )
        assert await reports(resumed, len(told) - read - 1) == told[read + 1 :]
        resumed.cancel()


async def test_reports_of_other_accounts_and_instruments_are_not_told(client: Client):
    stream = client.orders.stream_execution_reports(v1.StreamExecutionReportsRequest("maker", "BTC-USD"))
    other = client.orders.stream_execution_reports(v1.StreamExecutionReportsRequest("maker", "ETH-USD"))
    await stream.initial_metadata()
    await other.initial_metadata()
    await client.place("taker", BUY)
    await client.place("maker", BUY, client_order_id="mine")
    [report] = await reports(stream, 1)
    assert report.order is not None and report.order.client_order_id == "mine"
    stream.cancel()
    other.cancel()


@pytest.mark.parametrize(
    ("request_", "code"),
    [
        (v1.StreamExecutionReportsRequest("nobody"), grpc.StatusCode.NOT_FOUND),
        (v1.StreamExecutionReportsRequest("maker", after_sequence=-1), grpc.StatusCode.INVALID_ARGUMENT),
        (v1.StreamExecutionReportsRequest("maker", after_sequence=10**9), grpc.StatusCode.OUT_OF_RANGE),
    ],
)
async def test_a_stream_that_cannot_be_opened_says_why(
    client: Client, request_: v1.StreamExecutionReportsRequest, code: grpc.StatusCode
):
    with pytest.raises(grpc.aio.AioRpcError) as caught:
        await client.orders.stream_execution_reports(request_).read()
    assert caught.value.code() == code
