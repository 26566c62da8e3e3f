"""PlaceOrders with `all_or_none`: all orders rest, or all are refused."""

from markethall_protos import v1
from markethall_protos.codec import encode
from tests.core_engine.rpc.client import BUY, SELL, Client, order, refused


async def placed(client: Client, *orders: v1.PlaceOrderRequest) -> list[v1.Order]:
    response = await client.orders.place_orders(v1.PlaceOrdersRequest(list(orders), all_or_none=True))
    found = [result.response.order for result in response.results if result.response is not None]
    assert len(found) == len(orders)
    return [order for order in found if order is not None]


async def test_orders_that_all_rest_are_placed(client: Client):
    quotes = [order(price="99"), order(side=SELL, price="101"), order(price="98", post_only=True)]
    assert [order.status for order in await placed(client, *quotes)] == [v1.OrderStatus.NEW] * 3


async def test_one_that_would_take_refuses_all_and_the_reply_says_which(client: Client):
    await client.place("taker", SELL, price="100")
    orders = await placed(client, order(price="99"), order(price="100"))
    assert {order.status for order in orders} == {v1.OrderStatus.REJECTED}
    assert {order.reject_reason for order in orders} == {v1.RejectReason.BATCH_REFUSED}
    assert {order.reject_detail for order in orders} == {
        "order 1 would not rest whole: it meets an order of the other side"
    }
    book = await client.market_data.get_depth(v1.GetDepthRequest("BTC-USD"))
    assert book.depth is not None and not book.depth.bids


async def test_a_retry_gets_the_first_answer_whether_it_was_placed_or_refused(client: Client):
    for name, price in (("good", "99"), ("bad", "102")):
        batch = v1.PlaceOrdersRequest(
            [
                order(side=SELL, price="102", client_order_id=f"{name}-1"),
                order(price=price, client_order_id=f"{name}-2"),
            ],
            all_or_none=True,
        )
        first = await client.orders.place_orders(batch)
        assert encode(await client.orders.place_orders(batch)) == encode(first)


async def test_one_that_makes_no_sense_refuses_the_call_and_names_every_fault(client: Client):
    error = await refused(
        client.orders.place_orders(
            v1.PlaceOrdersRequest([order(price="0.001"), order(), order(quantity="x")], all_or_none=True)
        )
    )
    assert set(error.violations) == {"orders[0].price", "orders[2].quantity"}


async def test_one_of_an_unknown_instrument_refuses_the_call(client: Client):
    error = await refused(
        client.orders.place_orders(v1.PlaceOrdersRequest([order(), order(symbol="X-Y")], all_or_none=True))
    )
    assert error.reason == "UNKNOWN_INSTRUMENT"


async def test_messages_before_and_after_a_batch_keep_their_order(client: Client):
    def message(message_id: str, **command: object) -> v1.EngineMessage:
        return v1.EngineMessage(message_id=message_id, **command)

    bad = v1.PlaceOrdersRequest([order(price="100"), order(side=SELL, price="100")], all_or_none=True)
    good = v1.PlaceOrdersRequest([order(price="90"), order(side=SELL, price="110")], all_or_none=True)
    response = await client.core_engine.batch_process_messages(
        v1.BatchProcessMessagesRequest(
            messages=[
                message("1", place_order=order(side=BUY, price="95")),
                message("2", place_orders=bad),
                message("3", place_order=order(side=BUY, price="96")),
                message("4", place_orders=good),
            ]
        )
    )
    assert [outcome.message_id for outcome in response.outcomes] == ["1", "2", "3", "4"]
    first, refused_batch, second, placed_batch = response.outcomes
    assert refused_batch.sequence == first.sequence + 2
    assert second.sequence == first.sequence + 3
    assert placed_batch.sequence == first.sequence + 5
    assert placed_batch.place_orders is not None
    statuses = [
        result.response.order.status
        for result in placed_batch.place_orders.results
        if result.response is not None and result.response.order is not None
    ]
    assert statuses == [v1.OrderStatus.NEW] * 2
