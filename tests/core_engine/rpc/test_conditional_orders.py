"""Orders whose life hangs on others, through the contract."""

from markethall_protos import v1
from tests.core_engine.rpc.client import BUY, SELL, Client, order

CANCELED = v1.ExecutionType.CANCELED


async def test_a_fill_ends_the_order_s_group_in_the_same_command_and_tells_its_account(client: Client):
    bid = (await client.place("maker", BUY, price="90", order_group_id="exits")).order
    ask = (await client.place("maker", SELL, price="100", order_group_id="exits")).order
    assert bid is not None and ask is not None and ask.order_group_id == "exits"
    stream = client.orders.stream_execution_reports(v1.StreamExecutionReportsRequest("maker"))
    await stream.initial_metadata()

    request = order("taker", BUY, price="100", quantity="0.5", post_only=False, client_order_id="t")
    reply = await client.orders.place_order(request)
    assert reply.order is not None and reply.order.status == v1.OrderStatus.FILLED
    assert [fill.order_id for fill in reply.fills] == [reply.order.order_id]
    assert await client.orders.place_order(request) == reply

    told = [(await stream.read()).report for _ in range(2)]
    stream.cancel()
    assert [(report.type, report.order.order_id, report.sequence) for report in told] == [
        (v1.ExecutionType.TRADE, ask.order_id, reply.order.sequence),
        (CANCELED, bid.order_id, reply.order.sequence),
    ]
    ended = (await client.orders.get_order(v1.GetOrderRequest(bid.order_id, account_id="maker"))).order
    assert ended is not None
    assert (ended.status, ended.cancel_reason) == (v1.OrderStatus.CANCELED, v1.CancelReason.ORDER_GROUP)
