"""Placing orders through the contract: what is answered, what is refused and how."""

import grpc
import pytest

from markethall_protos import v1
from markethall_protos.codec import encode
from tests.core_engine.rpc.client import BUY, SELL, Client, order, refused


async def test_a_resting_order_is_new_and_says_all_that_was_asked(client: Client):
    response = await client.place(client_order_id="mine-1", quantity="2.50", price="99.5")
    placed = response.order
    assert placed is not None and placed.create_time is not None
    assert response == v1.PlaceOrderResponse(
        order=v1.Order(
            order_id=str(placed.sequence),
            client_order_id="mine-1",
            account_id="maker",
            symbol="BTC-USD",
            side=BUY,
            type=v1.OrderType.LIMIT,
            time_in_force=v1.TimeInForce.GTC,
            status=v1.OrderStatus.NEW,
            quantity="2.5",
            price="99.5",
            filled_quantity="0",
            leaves_quantity="2.5",
            filled_notional="0",
            fee="0",
            sequence=placed.sequence,
            create_time=placed.create_time,
            update_time=placed.create_time,
        )
    )


async def test_a_crossing_order_is_answered_with_its_fills_in_order(client: Client):
    for price in ("100", "101"):
        await client.place("maker", SELL, quantity="1", price=price)
    response = await client.place("taker", BUY, client_order_id="t", quantity="1.5", price="101")
    placed = response.order
    assert placed is not None
    assert (placed.status, placed.filled_quantity, placed.leaves_quantity) == (
        v1.OrderStatus.FILLED,
        "1.5",
        "0",
    )
    assert (placed.filled_notional, placed.fee, placed.average_price) == ("150.5", "0.301", "100.3333")
    assert [
        (fill.price, fill.quantity, fill.notional, fill.fee, fill.liquidity_role, fill.client_order_id)
        for fill in response.fills
    ] == [
        ("100", "1", "100", "0.2", v1.LiquidityRole.TAKER, "t"),
        ("101", "0.5", "50.5", "0.101", v1.LiquidityRole.TAKER, "t"),
    ]
    assert [int(fill.trade_id) for fill in response.fills] == [1, 2]
    assert {fill.order_id for fill in response.fills} == {placed.order_id}


async def test_a_partly_filled_order_that_rests_is_partially_filled(client: Client):
    await client.place("maker", SELL, quantity="1")
    placed = (await client.place("taker", BUY, quantity="3")).order
    assert placed is not None
    assert (placed.status, placed.filled_quantity, placed.leaves_quantity) == (
        v1.OrderStatus.PARTIALLY_FILLED,
        "1",
        "2",
    )


async def test_an_ioc_remainder_is_canceled_and_says_so(client: Client):
    await client.place("maker", SELL, quantity="1")
    placed = (await client.place("taker", BUY, quantity="3", time_in_force=v1.TimeInForce.IOC)).order
    assert placed is not None
    assert (placed.status, placed.cancel_reason, placed.filled_quantity, placed.leaves_quantity) == (
        v1.OrderStatus.CANCELED,
        v1.CancelReason.IMMEDIATE_REMAINDER,
        "1",
        "0",
    )


async def test_an_order_without_a_price_is_a_market_order_and_ioc(client: Client):
    await client.place("maker", SELL, quantity="1")
    placed = (await client.place("taker", BUY, price="", quantity="1")).order
    assert placed is not None
    assert (placed.type, placed.time_in_force, placed.price, placed.status) == (
        v1.OrderType.MARKET,
        v1.TimeInForce.IOC,
        "",
        v1.OrderStatus.FILLED,
    )


async def test_a_refusal_by_the_rules_is_an_order_that_is_rejected(client: Client):
    placed = (await client.place(quantity="100", price="1000000")).order
    assert placed is not None
    assert (placed.status, placed.reject_reason) == (
        v1.OrderStatus.REJECTED,
        v1.RejectReason.INSUFFICIENT_FUNDS,
    )
    assert "USD" in placed.reject_detail
    assert (placed.leaves_quantity, placed.filled_quantity) == ("0", "0")


async def test_an_account_that_does_not_exist_is_a_refusal_too(client: Client):
    placed = (await client.place("nobody")).order
    assert placed is not None
    assert placed.reject_reason == v1.RejectReason.UNKNOWN_ACCOUNT


async def test_every_fault_of_an_order_is_reported_at_once(client: Client):
    error = await refused(
        client.orders.place_order(
            v1.PlaceOrderRequest(
                account_id="no account!",
                client_order_id="ü",
                symbol="BTC-USD",
                quantity="1.0005",
                price="100.001",
                time_in_force=v1.TimeInForce.GTD,
                post_only=True,
                stop_price="3",
            )
        )
    )
    assert (error.code, error.reason) == (grpc.StatusCode.INVALID_ARGUMENT, "INVALID_REQUEST")
    assert error.violations == {
        "account_id": "expected an account id, 1 to 64 of a-z A-Z 0-9 . _ -, found 'no account!'",
        "client_order_id": "expected at most 64 printable ASCII characters, found 'ü'",
        "side": "required: BUY or SELL",
        "expire_time": "required: when the GTD order ends",
        "stop_price": "expected for STOP and STOP_LIMIT orders only, found LIMIT",
        "quantity": "expected a multiple of 0.001, found '1.0005'",
        "price": "expected a multiple of 0.01, found '100.001'",
    }
    assert error.message.endswith("(and 6 more)")


@pytest.mark.parametrize(
    ("fields", "field", "description"),
    [
        ({"symbol": ""}, "symbol", "required: a symbol, 1 to 32 of A-Z 0-9 . _ -"),
        ({"symbol": "btc"}, "symbol", "expected a symbol, 1 to 32 of A-Z 0-9 . _ -, found 'btc'"),
        ({"quantity": ""}, "quantity", "required: a decimal"),
        ({"quantity": "0"}, "quantity", "expected a positive decimal, found '0'"),
        ({"quantity": "-1"}, "quantity", "expected a non-negative decimal such as '12.5', found '-1'"),
        ({"quantity": "1e3"}, "quantity", "expected a non-negative decimal such as '12.5', found '1e3'"),
        (
            {"quantity": "9" * 30},
            "quantity",
            f"expected a number that the venue can hold, found '{'9' * 30}'",
        ),
        ({"price": "", "type": v1.OrderType.LIMIT}, "price", "required: a decimal"),
        ({"type": v1.OrderType.MARKET}, "price", "expected no price for a MARKET order, found '100'"),
        ({"side": v1.Side(7)}, "side", "expected BUY or SELL, found 7"),
        (
            {"type": v1.OrderType(9)},
            "type",
            "expected LIMIT, MARKET, STOP, STOP_LIMIT or TRAILING_STOP, found 9",
        ),
        (
            {"price": "", "time_in_force": v1.TimeInForce.GTC},
            "time_in_force",
            "expected IOC or FOK for a MARKET order, found GTC",
        ),
        (
            {"self_trade_prevention": v1.SelfTradePrevention(9)},
            "self_trade_prevention",
            "expected NONE, CANCEL_NEWEST, CANCEL_OLDEST, CANCEL_BOTH or DECREMENT, found 9",
        ),
        ({"min_quantity": "0"}, "min_quantity", "expected a positive decimal, found '0'"),
        (
            {"order_group_id": "g" * 65},
            "order_group_id",
            f"expected at most 64 printable ASCII characters, found '{'g' * 48}…'",
        ),
        ({"account_id": ""}, "account_id", "required: an account id, 1 to 64 of a-z A-Z 0-9 . _ -"),
    ],
)
async def test_one_fault_names_its_field(
    client: Client, fields: dict[str, object], field: str, description: str
):
    terms: dict[str, object] = {"account_id": "maker", "side": BUY} | fields
    error = await refused(client.orders.place_order(order(**terms)))
    assert error.code == grpc.StatusCode.INVALID_ARGUMENT
    assert error.violations == {field: description}


async def test_an_order_that_self_trade_prevention_lowers_shows_what_it_became(client: Client):
    await client.place("taker", SELL, quantity="0.25")
    await client.place("maker", SELL, quantity="0.5")
    response = await client.place(
        "maker", BUY, quantity="2", self_trade_prevention=v1.SelfTradePrevention.DECREMENT
    )
    placed = response.order
    assert placed is not None
    assert (placed.quantity, placed.filled_quantity, placed.leaves_quantity) == ("1.5", "0.25", "1.25")
    assert [fill.quantity for fill in response.fills] == ["0.25"]
    found = await client.orders.get_order(v1.GetOrderRequest(order_id=placed.order_id))
    assert found.order == placed


async def test_a_post_only_order_that_slides_is_accepted_at_the_price_to_which_it_slid(client: Client):
    await client.place("maker", SELL, price="100")
    request = order("taker", BUY, price="101", client_order_id="mine", post_only=True, post_only_slide=True)
    response = await client.orders.place_order(request)
    placed = response.order
    assert placed is not None
    assert (placed.status, placed.price, placed.post_only_slide) == (v1.OrderStatus.NEW, "99.99", True)
    assert await client.orders.place_order(request) == response


async def test_what_market_protection_keeps_from_filling_is_canceled_and_says_so(client: Client):
    await client.administration.update_instrument(
        v1.UpdateInstrumentRequest("BTC-USD", instrument=v1.Instrument(market_protection="0.1"))
    )
    for price in ("100", "111"):
        await client.place("maker", SELL, price=price)
    placed = (await client.place("taker", BUY, price="", quantity="2")).order
    assert placed is not None
    assert (placed.status, placed.cancel_reason, placed.filled_quantity) == (
        v1.OrderStatus.CANCELED,
        v1.CancelReason.MARKET_PROTECTION,
        "1",
    )


async def test_a_post_only_order_that_would_take_is_rejected(client: Client):
    await client.place("maker", SELL, price="100")
    placed = (await client.place("taker", BUY, price="100", post_only=True)).order
    assert placed is not None
    assert (placed.status, placed.reject_reason, placed.post_only) == (
        v1.OrderStatus.REJECTED,
        v1.RejectReason.POST_ONLY_WOULD_TAKE,
        True,
    )
    assert placed.reject_detail == "at 100 a post-only order would trade with the lowest ask, 100"


async def test_an_order_that_cannot_fill_its_minimum_is_canceled(client: Client):
    await client.place("maker", SELL, quantity="1")
    response = await client.place("taker", BUY, quantity="3", min_quantity="1.50")
    placed = response.order
    assert placed is not None and response.fills == []
    assert (placed.status, placed.cancel_reason, placed.min_quantity, placed.leaves_quantity) == (
        v1.OrderStatus.CANCELED,
        v1.CancelReason.MIN_QUANTITY,
        "1.5",
        "0",
    )


async def test_an_iceberg_shows_its_display_quantity_in_the_depth_and_itself_whole(client: Client):
    placed = (await client.place("maker", SELL, quantity="10", display_quantity="2.50")).order
    assert placed is not None
    assert (placed.leaves_quantity, placed.display_quantity) == ("10", "2.5")
    depth = (await client.market_data.get_depth(v1.GetDepthRequest(symbol="BTC-USD"))).depth
    assert depth is not None and [level.quantity for level in depth.asks] == ["2.5"]


async def test_an_unknown_symbol_is_not_found(client: Client):
    error = await refused(client.orders.place_order(order(symbol="ETH-USD")))
    assert (error.code, error.reason) == (grpc.StatusCode.NOT_FOUND, "UNKNOWN_INSTRUMENT")


async def test_a_repeated_client_order_id_gets_the_first_answer_byte_for_byte(client: Client):
    await client.place("maker", SELL, quantity="1")
    first = await client.place("taker", BUY, client_order_id="once", quantity="2")
    await client.place("maker", SELL, quantity="1")  # the order goes on, its answer does not
    again = await client.place("taker", BUY, client_order_id="once", quantity="2.000")
    assert encode(again) == encode(first)
    trades = await client.market_data.list_trades(v1.ListTradesRequest(symbol="BTC-USD"))
    assert len(trades.trades) == 2


async def test_a_rejected_order_is_not_tried_again_under_its_client_order_id(client: Client):
    first = await client.place(client_order_id="poor", quantity="100", price="1000000")
    await client.portfolio.deposit(v1.DepositRequest("maker", "USD", "1000000000"))
    assert encode(await client.place(client_order_id="poor", quantity="100", price="1000000")) == encode(
        first
    )


async def test_a_client_order_id_of_an_order_of_other_content_is_an_error(client: Client):
    await client.place(client_order_id="mine")
    error = await refused(client.orders.place_order(order(client_order_id="mine", quantity="2")))
    assert (error.code, error.reason) == (grpc.StatusCode.ALREADY_EXISTS, "CLIENT_ORDER_ID_REUSED")


async def test_orders_of_a_batch_are_placed_or_refused_each_by_itself(client: Client):
    response = await client.orders.place_orders(
        v1.PlaceOrdersRequest(
            orders=[
                order("maker", SELL, quantity="1"),
                order("taker", BUY, quantity="0.0001", price="x"),
                order("taker", BUY, symbol="ETH-USD"),
                order("taker", BUY, quantity="1"),
                order("taker", BUY, quantity="99", price="1000000"),
            ]
        )
    )
    placed, faulty, unknown, filled, rejected = response.results
    assert placed.response is not None and placed.response.order is not None
    assert placed.response.order.status == v1.OrderStatus.NEW
    assert faulty.response is None and faulty.error is not None
    assert faulty.error.code == grpc.StatusCode.INVALID_ARGUMENT.value[0]
    assert [violation.field for violation in faulty.error.field_violations] == [
        "orders[1].quantity",
        "orders[1].price",
    ]
    assert unknown.error is not None
    assert (unknown.error.code, unknown.error.reason) == (5, "UNKNOWN_INSTRUMENT")
    assert filled.response is not None and len(filled.response.fills) == 1
    assert rejected.response is not None and rejected.response.order is not None
    assert rejected.response.order.reject_reason == v1.RejectReason.INSUFFICIENT_FUNDS


async def test_a_client_order_id_reused_within_a_batch_is_the_error_of_its_place(client: Client):
    first, again, other = (
        order(client_order_id="mine"),
        order(client_order_id="mine"),
        order(client_order_id="mine", quantity="2"),
    )
    response = await client.orders.place_orders(v1.PlaceOrdersRequest([first, again, other]))
    placed, repeated, reused = response.results
    assert placed.response == repeated.response
    assert placed.response is not None
    assert reused.error is not None and reused.error.reason == "CLIENT_ORDER_ID_REUSED"


async def test_a_batch_of_none_is_refused(client: Client):
    error = await refused(client.orders.place_orders(v1.PlaceOrdersRequest()))
    assert error.violations == {"orders": "expected 1 to 1000 orders, found 0"}


async def test_an_order_that_was_placed_is_found_by_both_ids_as_it_was_answered(client: Client):
    placed = (await client.place(client_order_id="mine")).order
    assert placed is not None
    by_id = await client.orders.get_order(v1.GetOrderRequest(order_id=placed.order_id))
    by_client_order_id = await client.orders.get_order(
        v1.GetOrderRequest(client_order_id="mine", account_id="maker")
    )
    assert by_id.order == by_client_order_id.order == placed
