"""Orders whose life hangs on others, through the contract."""

from markethall_protos import v1
from tests.core_engine.rpc.client import BUY, SELL, Client, order, refused

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


async def test_a_reduce_only_order_is_cut_when_the_position_falls_and_its_account_is_told(client: Client):
    await client.trade("2", "100")
    exit_ = (await client.place("taker", SELL, price="110", quantity="2", reduce_only=True)).order
    assert exit_ is not None and exit_.reduce_only
    too_much = (await client.place("taker", SELL, price="110", quantity="0.001", reduce_only=True)).order
    assert too_much is not None
    assert too_much.reject_reason == v1.RejectReason.REDUCE_ONLY_WOULD_INCREASE
    assert too_much.reject_detail == "a SELL of at most 0 reduces the position, asked 0.001"

    stream = client.orders.stream_execution_reports(v1.StreamExecutionReportsRequest("taker"))
    await stream.initial_metadata()
    await client.place("maker", BUY, price="100", quantity="1.5")
    sold = (await client.place("taker", SELL, price="100", quantity="1.5")).order
    assert sold is not None

    told = [(await stream.read()).report for _ in range(3)]
    stream.cancel()
    assert [report.type for report in told] == [
        v1.ExecutionType.NEW,
        v1.ExecutionType.TRADE,
        v1.ExecutionType.RESTATED,
    ]
    assert told[2].sequence == sold.sequence + 1
    assert (told[2].order.order_id, told[2].order.quantity, told[2].order.leaves_quantity) == (
        exit_.order_id,
        "0.5",
        "0.5",
    )


async def test_a_bracket_s_exit_is_placed_after_its_order_and_its_account_is_told(client: Client):
    stream = client.orders.stream_execution_reports(v1.StreamExecutionReportsRequest("taker"))
    await stream.initial_metadata()
    await client.place("maker", SELL, price="100", quantity="2")
    bracket = v1.Bracket(take_profit_price="120")
    entry = (await client.place("taker", BUY, price="100", quantity="2", bracket=bracket)).order
    assert entry is not None
    assert (entry.status, entry.bracket) == (v1.OrderStatus.FILLED, bracket)

    told = [(await stream.read()).report for _ in range(3)]
    stream.cancel()
    assert [report.type for report in told] == [
        v1.ExecutionType.NEW,
        v1.ExecutionType.TRADE,
        v1.ExecutionType.NEW,
    ]
    exit_ = told[2].order
    assert (exit_.side, exit_.price, exit_.quantity, exit_.parent_order_id, exit_.bracket) == (
        SELL,
        "120",
        "2",
        entry.order_id,
        None,
    )
    listed = (await client.orders.list_orders(v1.ListOrdersRequest("taker"))).orders
    assert [order.order_id for order in listed] == [exit_.order_id, entry.order_id]


async def test_of_a_bracket_s_two_exits_the_one_that_fills_ends_the_other(client: Client):
    await client.place("maker", SELL, price="100", quantity="2")
    bracket = v1.Bracket(take_profit_price="120", stop_loss_price="80", stop_loss_limit_price="79")
    entry = (await client.place("taker", BUY, price="100", quantity="2", bracket=bracket)).order
    assert entry is not None and entry.bracket == bracket

    listed = (await client.orders.list_orders(v1.ListOrdersRequest("taker"))).orders
    stop, profit, _ = listed
    assert (stop.type, stop.status, stop.stop_price, stop.price, stop.quantity) == (
        v1.OrderType.STOP_LIMIT,
        v1.OrderStatus.PENDING_TRIGGER,
        "80",
        "79",
        "2",
    )
    assert {stop.order_group_id, profit.order_group_id} == {f"bracket-{entry.order_id}"}

    stream = client.orders.stream_execution_reports(v1.StreamExecutionReportsRequest("taker"))
    await stream.initial_metadata()
    await client.place("maker", BUY, price="120", quantity="2")
    told = [(await stream.read()).report for _ in range(2)]
    stream.cancel()
    assert [(report.type, report.order.order_id) for report in told] == [
        (v1.ExecutionType.TRADE, profit.order_id),
        (CANCELED, stop.order_id),
    ]
    assert told[1].order.cancel_reason == v1.CancelReason.ORDER_GROUP


async def test_a_bracket_says_what_is_wrong_with_it(client: Client):
    for bracket, violations in (
        (v1.Bracket(), {"bracket": "required: a take_profit_price or a stop_loss_price"}),
        (
            v1.Bracket(take_profit_price="100.001", stop_loss_limit_price="90"),
            {
                "bracket.take_profit_price": "expected a multiple of 0.01, found '100.001'",
                "bracket.stop_loss_price": ("required: the stop price that goes with stop_loss_limit_price"),
            },
        ),
    ):
        error = await refused(client.orders.place_order(order("taker", BUY, bracket=bracket)))
        assert error.violations == violations
    error = await refused(
        client.orders.place_order(order("taker", BUY, symbol="NONE", bracket=v1.Bracket("120")))
    )
    assert error.reason == "UNKNOWN_INSTRUMENT"
