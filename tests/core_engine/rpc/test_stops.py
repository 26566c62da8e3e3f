"""Stop orders through the contract: placed, told, replaced, released."""

import pytest

from markethall_protos import v1
from tests.core_engine.rpc.client import BUY, SELL, Client, order, refused

STOP, STOP_LIMIT, TRAILING = v1.OrderType.STOP, v1.OrderType.STOP_LIMIT, v1.OrderType.TRAILING_STOP
PENDING = v1.OrderStatus.PENDING_TRIGGER


async def placed(client: Client, side: v1.Side = SELL, account: str = "taker", **fields: object) -> v1.Order:
    reply = (await client.place(account, side, **{"price": "", "quantity": "1", **fields})).order
    assert reply is not None
    return reply


async def found(client: Client, order_id: str) -> v1.Order:
    reply = (await client.orders.get_order(v1.GetOrderRequest(order_id=order_id, account_id="taker"))).order
    assert reply is not None
    return reply


async def test_a_stop_is_told_from_its_acceptance_to_its_fill(client: Client) -> None:
    await client.trade("1", "100")
    await client.place("maker", BUY, quantity="5", price="90")
    stream = client.orders.stream_execution_reports(v1.StreamExecutionReportsRequest("taker"))
    await stream.initial_metadata()
    waiting = await placed(client, type=STOP, stop_price="95")
    assert (waiting.status, waiting.stop_price, waiting.price) == (PENDING, "95", "")
    assert waiting.time_in_force is v1.TimeInForce.GTC
    replaced = await client.orders.replace_order(
        v1.ReplaceOrderRequest(waiting.order_id, "taker", quantity="2", stop_price="96")
    )
    assert replaced.replaced and replaced.order is not None
    assert (replaced.order.status, replaced.order.stop_price, replaced.order.quantity) == (PENDING, "96", "2")
    await client.trade("1", "96")
    told = []
    while not told or told[-1].order.status is not v1.OrderStatus.FILLED or told[-1].order.type is not STOP:
        report = (await stream.read()).report
        assert report is not None and report.order is not None
        told.append(report)
    types = [
        (report.type, report.order.status) for report in told if report.order.order_id == waiting.order_id
    ]
    assert types == [
        (v1.ExecutionType.NEW, PENDING),
        (v1.ExecutionType.REPLACED, PENDING),
        (v1.ExecutionType.TRIGGERED, v1.OrderStatus.NEW),
        (v1.ExecutionType.TRADE, v1.OrderStatus.FILLED),
    ]
    again = client.orders.stream_execution_reports(
        v1.StreamExecutionReportsRequest("taker", after_sequence=told[0].sequence)
    )
    resumed = [(await again.read()).report for _ in told[1:]]
    assert resumed == told[1:]
    assert (await found(client, waiting.order_id)).average_price == "90"


async def test_what_a_check_refuses_at_the_trigger_says_which(client: Client) -> None:
    await client.trade("1", "100")
    stream = client.orders.stream_execution_reports(v1.StreamExecutionReportsRequest("taker"))
    await stream.initial_metadata()
    waiting = await placed(client, BUY, type=STOP_LIMIT, stop_price="105", price="106", quantity="90000")
    await client.place("maker", SELL, quantity="1", price="105")
    await client.place("maker", BUY, quantity="1", price="105")
    for expected in (v1.ExecutionType.NEW, v1.ExecutionType.CANCELED):
        report = (await stream.read()).report
        assert report is not None and report.type is expected
    ended = report.order
    assert ended is not None and ended.order_id == waiting.order_id
    assert (ended.status, ended.cancel_reason, ended.reject_reason) == (
        v1.OrderStatus.CANCELED,
        v1.CancelReason.REFUSED_AT_TRIGGER,
        v1.RejectReason.INSUFFICIENT_FUNDS,
    )
    assert "available" in ended.reject_detail
    assert await found(client, waiting.order_id) == ended


async def test_a_trailing_stop_shows_where_it_stands(client: Client) -> None:
    await client.trade("1", "100")
    by_amount = await placed(client, type=TRAILING, trailing_amount="2.5")
    by_fraction = await placed(client, type=TRAILING, trailing_fraction="0.01")
    await client.trade("1", "102")
    by_amount, by_fraction = [await found(client, it.order_id) for it in (by_amount, by_fraction)]
    assert (by_amount.stop_price, by_amount.trailing_amount) == ("99.5", "2.5")
    assert (by_fraction.stop_price, by_fraction.trailing_fraction) == ("100.98", "0.01")


async def test_a_canceled_stop_is_told_and_resumed(client: Client) -> None:
    waiting = await placed(client, type=STOP, stop_price="95")
    canceled = await client.orders.cancel_order(v1.CancelOrderRequest(waiting.order_id, account_id="taker"))
    assert canceled.canceled
    stream = client.orders.stream_execution_reports(
        v1.StreamExecutionReportsRequest("taker", after_sequence=waiting.sequence)
    )
    report = (await stream.read()).report
    assert report is not None and report.order == canceled.order


@pytest.mark.parametrize(
    ("fields", "field", "description"),
    [
        ({"type": STOP}, "stop_price", "required: a decimal"),
        ({"type": STOP, "stop_price": "95.001"}, "stop_price", "expected a multiple of 0.01, found '95.001'"),
        (
            {"type": STOP, "stop_price": "95", "price": "94"},
            "price",
            "expected no price for a STOP order, found '94'",
        ),
        ({"type": STOP_LIMIT, "stop_price": "95"}, "price", "required: a decimal"),
        (
            {"type": STOP, "stop_price": "95", "time_in_force": v1.TimeInForce.IOC},
            "time_in_force",
            "expected GTC, DAY or GTD for a STOP order, found IOC",
        ),
        (
            {"price": "94", "stop_price": "95"},
            "stop_price",
            "expected for STOP and STOP_LIMIT orders only, found LIMIT",
        ),
        (
            {"price": "94", "trailing_amount": "1"},
            "trailing_amount",
            "expected for TRAILING_STOP orders only, found LIMIT",
        ),
        ({"type": TRAILING}, "trailing_amount", "required: either it or trailing_fraction"),
        (
            {"type": TRAILING, "trailing_amount": "1", "trailing_fraction": "0.1"},
            "trailing_amount",
            "required: either it or trailing_fraction",
        ),
        (
            {"type": TRAILING, "trailing_fraction": "1"},
            "trailing_fraction",
            "expected a decimal below 1, found '1'",
        ),
    ],
)
async def test_a_stop_order_that_makes_no_sense_names_its_field(
    client: Client, fields: dict[str, object], field: str, description: str
) -> None:
    request = order("taker", SELL, **{"price": "", **fields})
    error = await refused(client.orders.place_order(request))
    assert error.violations == {field: description}
