"""Canceling and replacing orders through the contract."""

import grpc
import pytest

from markethall_protos import v1
from tests.core_engine.rpc.client import BUY, SELL, Client, refused


async def test_canceling_gives_the_order_as_it_ended(client: Client):
    placed = (await client.place(quantity="2")).order
    assert placed is not None
    await client.place("taker", SELL, quantity="0.5")
    response = await client.orders.cancel_order(v1.CancelOrderRequest(placed.order_id, account_id="maker"))
    assert response.canceled and response.order is not None
    assert (response.order.status, response.order.cancel_reason) == (
        v1.OrderStatus.CANCELED,
        v1.CancelReason.REQUESTED,
    )
    assert (response.order.filled_quantity, response.order.leaves_quantity) == ("0.5", "0")


async def test_an_order_can_be_canceled_by_its_client_order_id(client: Client):
    await client.place(client_order_id="mine")
    response = await client.orders.cancel_order(
        v1.CancelOrderRequest(client_order_id="mine", account_id="maker")
    )
    assert response.canceled and response.order is not None
    assert response.order.client_order_id == "mine"


async def test_canceling_what_has_ended_is_refused_in_the_reply_with_the_order(client: Client):
    taken = (await client.trade()).order
    assert taken is not None
    response = await client.orders.cancel_order(v1.CancelOrderRequest(taken.order_id, account_id="taker"))
    assert (response.canceled, response.reject_reason) == (False, v1.RejectReason.ORDER_ENDED)
    assert response.order == taken
    assert "FILLED" in response.reject_detail


async def test_another_accounts_order_is_as_unknown_as_one_that_never_was(client: Client):
    placed = (await client.place("maker")).order
    assert placed is not None
    for order_id in (placed.order_id, "999999"):
        response = await client.orders.cancel_order(v1.CancelOrderRequest(order_id, account_id="taker"))
        assert (response.canceled, response.order, response.reject_reason) == (
            False,
            None,
            v1.RejectReason.UNKNOWN_ORDER,
        )


@pytest.mark.parametrize(
    ("request_", "violations"),
    [
        (
            v1.CancelOrderRequest(account_id="maker"),
            {"order_id": "required: the order's id or its client_order_id"},
        ),
        (
            v1.CancelOrderRequest("abc", account_id="maker"),
            {"order_id": "expected an id that the venue gave, found 'abc'"},
        ),
        (
            v1.CancelOrderRequest("9" * 40, account_id="maker"),
            {"order_id": f"expected an id that the venue gave, found '{'9' * 40}'"},
        ),
    ],
)
async def test_a_cancel_must_name_an_order(
    client: Client, request_: v1.CancelOrderRequest, violations: dict[str, str]
):
    assert (await refused(client.orders.cancel_order(request_))).violations == violations


async def test_canceling_all_takes_the_accounts_orders_of_the_side_oldest_first(client: Client):
    buys = [(await client.place("maker", BUY, price=price)).order for price in ("90", "91")]
    await client.place("maker", SELL, price="110")
    await client.place("taker", BUY, price="90")
    response = await client.orders.cancel_all_orders(
        v1.CancelAllOrdersRequest(account_id="maker", side=BUY, symbol="BTC-USD")
    )
    assert response == v1.CancelAllOrdersResponse(order_ids=[order.order_id for order in buys if order])


async def test_canceling_all_of_an_unknown_account_is_refused_in_the_reply(client: Client):
    response = await client.orders.cancel_all_orders(v1.CancelAllOrdersRequest(account_id="nobody"))
    assert (response.order_ids, response.reject_reason) == ([], v1.RejectReason.UNKNOWN_ACCOUNT)


async def test_a_lower_quantity_keeps_priority(client: Client):
    placed = (await client.place("maker", SELL, quantity="2")).order
    assert placed is not None
    response = await client.orders.replace_order(
        v1.ReplaceOrderRequest(placed.order_id, account_id="maker", quantity="1.5")
    )
    assert response.order is not None
    assert (response.replaced, response.priority_kept, response.fills) == (True, True, [])
    assert (response.order.quantity, response.order.price) == ("1.5", "100")


async def test_an_order_can_be_replaced_by_its_client_order_id(client: Client):
    placed = (await client.place("maker", SELL, client_order_id="mine", quantity="2")).order
    assert placed is not None
    response = await client.orders.replace_order(
        v1.ReplaceOrderRequest(client_order_id="mine", account_id="maker", price="101")
    )
    assert response.replaced and response.order is not None
    assert (response.order.order_id, response.order.price) == (placed.order_id, "101")


async def test_replacing_an_order_that_has_ended_by_its_client_order_id_gives_the_order(client: Client):
    await client.place("maker", SELL)
    placed = (await client.place("taker", BUY, client_order_id="mine")).order
    response = await client.orders.replace_order(
        v1.ReplaceOrderRequest(client_order_id="mine", account_id="taker", price="101")
    )
    assert (response.replaced, response.reject_reason) == (False, v1.RejectReason.ORDER_ENDED)
    assert response.order == placed


async def test_a_replace_must_name_an_order(client: Client):
    error = await refused(
        client.orders.replace_order(v1.ReplaceOrderRequest(account_id="maker", price="101"))
    )
    assert error.violations == {"order_id": "required: the order's id or its client_order_id"}


async def test_another_accounts_client_order_id_names_nothing(client: Client):
    await client.place("maker", SELL, client_order_id="mine")
    response = await client.orders.replace_order(
        v1.ReplaceOrderRequest(client_order_id="mine", account_id="taker", price="101")
    )
    assert (response.order, response.reject_reason) == (None, v1.RejectReason.UNKNOWN_ORDER)


async def test_a_new_price_that_crosses_is_answered_with_its_fills(client: Client):
    await client.place("maker", SELL, quantity="1", price="100")
    placed = (await client.place("taker", BUY, client_order_id="t", quantity="3", price="90")).order
    assert placed is not None
    response = await client.orders.replace_order(
        v1.ReplaceOrderRequest(placed.order_id, account_id="taker", price="100")
    )
    assert response.order is not None
    assert (response.replaced, response.priority_kept) == (True, False)
    assert (response.order.filled_quantity, response.order.leaves_quantity) == ("1", "2")
    assert [(fill.price, fill.quantity, fill.client_order_id) for fill in response.fills] == [
        ("100", "1", "t")
    ]


async def test_replacing_down_to_what_is_filled_ends_the_order(client: Client):
    placed = (await client.place("maker", SELL, quantity="2")).order
    assert placed is not None
    await client.place("taker", BUY, quantity="1")
    response = await client.orders.replace_order(
        v1.ReplaceOrderRequest(placed.order_id, account_id="maker", quantity="1")
    )
    assert response.replaced and response.order is not None
    assert (response.order.status, response.order.cancel_reason) == (
        v1.OrderStatus.CANCELED,
        v1.CancelReason.REPLACED,
    )


@pytest.mark.parametrize(
    ("order_id", "fields", "reason"),
    [
        ("", {"price": "100"}, v1.RejectReason.NO_CHANGE),
        ("999999", {"price": "101"}, v1.RejectReason.UNKNOWN_ORDER),
    ],
)
async def test_a_replace_that_the_rules_refuse_is_answered_with_the_reason(
    client: Client, order_id: str, fields: dict[str, str], reason: v1.RejectReason
):
    placed = (await client.place()).order
    assert placed is not None
    response = await client.orders.replace_order(
        v1.ReplaceOrderRequest(order_id or placed.order_id, account_id="maker", **fields)
    )
    assert (response.replaced, response.reject_reason) == (False, reason)
    assert response.order == (None if order_id else placed)


async def test_a_replace_reports_every_fault_at_once(client: Client):
    placed = (await client.place()).order
    assert placed is not None
    error = await refused(
        client.orders.replace_order(
            v1.ReplaceOrderRequest(
                placed.order_id, account_id="maker", quantity="0.0001", price="1.001", stop_price="1.001"
            )
        )
    )
    assert error.code == grpc.StatusCode.INVALID_ARGUMENT
    assert error.violations == {
        "quantity": "expected a multiple of 0.001, found '0.0001'",
        "price": "expected a multiple of 0.01, found '1.001'",
        "stop_price": "expected a multiple of 0.01, found '1.001'",
    }


async def test_a_replace_that_asks_for_nothing_is_refused(client: Client):
    placed = (await client.place()).order
    assert placed is not None
    error = await refused(
        client.orders.replace_order(v1.ReplaceOrderRequest(placed.order_id, account_id="maker"))
    )
    assert error.violations == {"quantity": "required: a new quantity, price, display_quantity or stop_price"}


async def test_a_new_display_quantity_loses_the_place_in_the_queue(client: Client):
    placed = (await client.place("maker", SELL, quantity="10", display_quantity="2")).order
    assert placed is not None
    response = await client.orders.replace_order(
        v1.ReplaceOrderRequest(placed.order_id, account_id="maker", display_quantity="3")
    )
    assert response.order is not None
    assert (response.replaced, response.priority_kept, response.order.display_quantity) == (True, False, "3")
    depth = (await client.market_data.get_depth(v1.GetDepthRequest(symbol="BTC-USD"))).depth
    assert depth is not None and [level.quantity for level in depth.asks] == ["3"]
