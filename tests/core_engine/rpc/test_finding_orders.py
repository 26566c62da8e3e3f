"""Orders and fills, found one by one and by pages."""

import grpc
import pytest

from markethall_protos import v1
from tests.core_engine.rpc.client import BUY, SELL, Client, refused


async def test_an_unknown_order_is_not_found(client: Client):
    for request in (
        v1.GetOrderRequest(order_id="999999"),
        v1.GetOrderRequest(client_order_id="none", account_id="maker"),
    ):
        error = await refused(client.orders.get_order(request))
        assert (error.code, error.reason) == (grpc.StatusCode.NOT_FOUND, "UNKNOWN_ORDER")


async def test_getting_an_order_takes_one_of_the_ids(client: Client):
    error = await refused(client.orders.get_order(v1.GetOrderRequest(account_id="maker")))
    assert error.violations == {"order_id": "required: the order's id or its client_order_id"}


async def test_orders_are_listed_newest_first_page_by_page_whatever_is_added_meanwhile(client: Client):
    placed = [(await client.place(price=str(price))).order for price in range(90, 95)]
    request = v1.ListOrdersRequest(account_id="maker", page_size=2)
    listed: list[v1.Order] = []
    while True:
        page = await client.orders.list_orders(request)
        listed += page.orders
        await client.place(price="1")
        request.page_token = page.next_page_token
        if not request.page_token:
            break
    assert listed == placed[::-1]


async def test_orders_are_listed_by_side_and_status(client: Client):
    await client.place("maker", BUY, price="90")
    await client.place("maker", SELL, price="110")
    canceled = (await client.place("maker", BUY, price="91")).order
    assert canceled is not None
    await client.orders.cancel_order(v1.CancelOrderRequest(canceled.order_id, account_id="maker"))

    async def ids(**fields: object) -> list[str]:
        page = await client.orders.list_orders(v1.ListOrdersRequest(account_id="maker", **fields))
        return [order.order_id for order in page.orders]

    assert await ids(statuses=[v1.OrderStatus.CANCELED]) == [canceled.order_id]
    assert await ids(statuses=[v1.OrderStatus.PENDING_TRIGGER]) == []
    assert len(await ids(side=BUY)) == 2
    assert len(await ids(side=BUY, statuses=[v1.OrderStatus.NEW])) == 1
    assert await ids(symbol="ETH-USD") == []
    assert len(await ids()) == 3


async def test_lists_of_an_unknown_account_are_not_found(client: Client):
    for call in (
        client.orders.list_orders(v1.ListOrdersRequest(account_id="nobody")),
        client.orders.list_fills(v1.ListFillsRequest(account_id="nobody")),
    ):
        error = await refused(call)
        assert (error.code, error.reason) == (grpc.StatusCode.NOT_FOUND, "UNKNOWN_ACCOUNT")


@pytest.mark.parametrize("page_size", [-1, 1001])
async def test_a_page_size_out_of_range_is_refused(client: Client, page_size: int):
    error = await refused(
        client.orders.list_orders(v1.ListOrdersRequest(account_id="maker", page_size=page_size))
    )
    assert error.violations == {"page_size": f"expected 1 to 1000, or 0 for 100, found '{page_size}'"}


async def test_a_page_token_is_good_for_its_own_list_and_filters_only(client: Client):
    for _ in range(3):
        await client.place()
    page = await client.orders.list_orders(v1.ListOrdersRequest(account_id="maker", page_size=1))
    for request in (
        v1.ListOrdersRequest(account_id="maker", side=BUY, page_token=page.next_page_token),
        v1.ListOrdersRequest(account_id="taker", page_token=page.next_page_token),
        v1.ListOrdersRequest(account_id="maker", page_token="made up"),
        v1.ListOrdersRequest(account_id="maker", page_token=page.next_page_token[:-2]),
    ):
        error = await refused(client.orders.list_orders(request))
        assert error.violations == {
            "page_token": "expected the next_page_token of a page of the same list and filters"
        }


async def test_fills_are_listed_newest_first_as_each_side_saw_them(client: Client):
    for price in ("100", "101", "102"):
        await client.place("maker", SELL, client_order_id=f"m{price}", quantity="1", price=price)
    taken = await client.place("taker", BUY, quantity="3", price="102")

    taker = await client.orders.list_fills(v1.ListFillsRequest(account_id="taker"))
    assert taker.fills == taken.fills[::-1]
    maker = await client.orders.list_fills(v1.ListFillsRequest(account_id="maker"))
    assert [
        (fill.client_order_id, fill.price, fill.side, fill.liquidity_role, fill.fee) for fill in maker.fills
    ] == [
        ("m102", "102", SELL, v1.LiquidityRole.MAKER, "0.102"),
        ("m101", "101", SELL, v1.LiquidityRole.MAKER, "0.101"),
        ("m100", "100", SELL, v1.LiquidityRole.MAKER, "0.1"),
    ]


async def test_a_page_of_fills_may_end_within_what_one_order_filled(client: Client):
    for price in ("100", "101", "102"):
        await client.place("maker", SELL, quantity="1", price=price)
    await client.place("taker", BUY, quantity="3", price="102")
    await client.trade(price="103")
    prices: list[list[str]] = []
    token = ""
    while not prices or token:
        page = await client.orders.list_fills(
            v1.ListFillsRequest(account_id="taker", page_size=2, page_token=token)
        )
        prices.append([fill.price for fill in page.fills])
        token = page.next_page_token
    assert prices == [["103", "102"], ["101", "100"]]


async def test_an_account_that_trades_with_itself_sees_both_sides(client: Client):
    await client.place("maker", SELL, client_order_id="resting")
    await client.place("maker", BUY, client_order_id="incoming")
    page = await client.orders.list_fills(v1.ListFillsRequest(account_id="maker"))
    assert [(fill.client_order_id, fill.side) for fill in page.fills] == [
        ("incoming", BUY),
        ("resting", SELL),
    ]


async def test_fills_are_listed_by_order(client: Client):
    first = (await client.trade()).order
    await client.trade()
    assert first is not None
    page = await client.orders.list_fills(
        v1.ListFillsRequest(account_id="taker", order_id=first.order_id, symbol="BTC-USD")
    )
    assert [fill.order_id for fill in page.fills] == [first.order_id]


async def test_prevented_trades_are_listed_newest_first_in_pages(client: Client):
    decrement = v1.SelfTradePrevention.DECREMENT
    await client.place("maker", SELL, quantity="3")
    sequences = []
    for quantity in ("1", "0.5"):
        placed = (await client.place("maker", BUY, quantity=quantity, self_trade_prevention=decrement)).order
        assert placed is not None
        assert (placed.status, placed.cancel_reason, placed.self_trade_prevention) == (
            v1.OrderStatus.CANCELED,
            v1.CancelReason.SELF_TRADE_PREVENTION,
            decrement,
        )
        sequences.append(placed.sequence)
    first = await client.orders.list_prevented_trades(
        v1.ListPreventedTradesRequest(account_id="maker", symbol="BTC-USD", page_size=1)
    )
    [newest] = first.prevented_trades
    assert newest.prevent_time is not None
    assert newest == v1.PreventedTrade(
        symbol="BTC-USD",
        account_id="maker",
        incoming_order_id=str(sequences[1]),
        resting_order_id=str(sequences[0] - 1),
        price="100",
        quantity="0.5",
        self_trade_prevention=decrement,
        sequence=sequences[1],
        prevent_time=newest.prevent_time,
    )
    second = await client.orders.list_prevented_trades(
        v1.ListPreventedTradesRequest(
            account_id="maker", symbol="BTC-USD", page_size=1, page_token=first.next_page_token
        )
    )
    assert [trade.quantity for trade in second.prevented_trades] == ["1"]
    assert second.next_page_token == ""
    others = await client.orders.list_prevented_trades(v1.ListPreventedTradesRequest(account_id="taker"))
    assert others.prevented_trades == []


async def test_prevented_trades_of_nobody_are_not_found(client: Client):
    error = await refused(
        client.orders.list_prevented_trades(v1.ListPreventedTradesRequest(account_id="nobody"))
    )
    assert error.code == grpc.StatusCode.NOT_FOUND
