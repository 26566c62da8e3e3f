"""The gateway in front of the real engine: a trade over HTTP, and streams that lose and repeat nothing."""

import json
from collections.abc import AsyncIterator
from typing import Any

import httpx2
import pytest

from tests.engine_process import running_engine
from tests.gateway.gateways import Gateway, running_gateway

REPORTS = "/v1/executionReports:stream?account_id=bob"


@pytest.fixture
async def gateway() -> AsyncIterator[Gateway]:
    """A gateway with an instrument and two funded accounts behind it."""
    async with running_engine() as engine, running_gateway(engine.address) as gateway:
        await post(gateway.http, "/v1/assets", asset="USD", scale=6)
        await post(gateway.http, "/v1/assets", asset="BTC", scale=8)
        await post(
            gateway.http,
            "/v1/instruments",
            symbol="BTC-USD",
            base_asset="BTC",
            quote_asset="USD",
            tick_size="0.01",
            lot_size="0.0001",
        )
        for account in ("alice", "bob"):
            await post(gateway.http, "/v1/accounts", account_id=account)
            await post(gateway.http, f"/v1/accounts/{account}/deposits", asset="USD", amount="1000000")
            await post(gateway.http, f"/v1/accounts/{account}/deposits", asset="BTC", amount="100")
        yield gateway


async def post(http: httpx2.AsyncClient, path: str, **body: Any) -> Any:
    response = await http.post(path, json=body)
    assert response.status_code == 200, response.text
    return response.json()


async def place(gateway: Gateway, account: str, side: str, quantity: str, price: str) -> Any:
    return await post(
        gateway.http,
        "/v1/orders",
        account_id=account,
        symbol="BTC-USD",
        side=side,
        quantity=quantity,
        price=price,
    )


async def events(gateway: Gateway, path: str, count: int, last: str = "") -> list[tuple[str, Any]]:
    """Read `count` events from a stream, each with its id."""
    found: list[tuple[str, Any]] = []
    headers = {"last-event-id": last} if last else {}
    async with gateway.http.stream("GET", path, headers=headers) as response:
        assert response.status_code == 200
        position = ""
        async for line in response.aiter_lines():
            name, _, value = line.partition(": ")
            if name == "id":
                position = value
            elif name == "data":
                found.append((position, json.loads(value)))
                if len(found) == count:
                    break
    return found


async def test_a_trade_over_http_moves_the_book_the_orders_and_the_ledger(gateway: Gateway) -> None:
    resting = await place(gateway, "alice", "SELL", "0.1", "100")
    assert (resting["order"]["status"], resting["fills"]) == ("NEW", [])
    taken = await place(gateway, "bob", "BUY", "0.3", "102")
    assert (taken["order"]["status"], taken["order"]["leaves_quantity"]) == ("PARTIALLY_FILLED", "0.2")
    [fill] = taken["fills"]
    assert (fill["price"], fill["quantity"], fill["liquidity_role"]) == ("100", "0.1", "TAKER")

    depth = (await gateway.http.get("/v1/instruments/BTC-USD/depth")).json()
    assert (depth["bids"], depth["asks"]) == ([{"price": "102", "quantity": "0.2", "order_count": 1}], [])
    order = (await gateway.http.get(f"/v1/orders/{resting['order']['order_id']}")).json()
    assert order["status"] == "FILLED"
    balances = (await gateway.http.get("/v1/accounts/bob/balances")).json()["balances"]
    assert [(balance["asset"], balance["total"]) for balance in balances] == [
        ("BTC", "100.1"),
        ("USD", "999990"),
    ]


async def test_a_refusal_by_the_rules_is_an_order_and_not_a_problem(gateway: Gateway) -> None:
    refused = await place(gateway, "alice", "BUY", "1000", "5000")
    assert (refused["order"]["status"], refused["order"]["reject_reason"]) == (
        "REJECTED",
        "INSUFFICIENT_FUNDS",
    )


async def test_a_request_that_makes_no_sense_to_the_engine_is_a_problem_with_its_fields(
    gateway: Gateway,
) -> None:
    body = {"account_id": "bob", "symbol": "BTC-USD", "side": "BUY", "quantity": "0.1", "price": "1.234"}
    response = await gateway.http.post("/v1/orders", json=body)
    assert response.status_code == 400
    assert [error["field"] for error in response.json()["errors"]] == ["price"]


async def test_a_retry_with_the_same_client_order_id_gets_the_same_answer(gateway: Gateway) -> None:
    body = {"account_id": "bob", "client_order_id": "b-1", "symbol": "BTC-USD", "side": "BUY"}
    body |= {"quantity": "0.1", "price": "90"}
    first, second = [await gateway.http.post("/v1/orders", json=body) for _ in range(2)]
    assert first.content == second.content


async def test_a_stream_resumed_anywhere_neither_loses_nor_repeats_a_report(gateway: Gateway) -> None:
    """One order makes several reports of one sequence; the connection may break between any two of them."""
    before = (await gateway.http.get("/v1/engine/status")).json()["sequence"]
    for price in ("100", "101", "102"):
        await place(gateway, "alice", "SELL", "0.1", price)
    await place(gateway, "bob", "BUY", "0.5", "105")
    await place(gateway, "bob", "BUY", "0.1", "90")
    whole = await events(gateway, f"{REPORTS}&after_sequence={before}", 5)
    kinds = [message["report"]["type"] for _, message in whole]
    assert kinds == ["NEW", "TRADE", "TRADE", "TRADE", "NEW"]
    assert len({position for position, _ in whole}) == 5
    for index in range(4):
        last, _ = whole[index]
        assert await events(gateway, REPORTS, 4 - index, last) == whole[index + 1 :]


async def test_depth_is_a_snapshot_and_then_what_changed(gateway: Gateway) -> None:
    await place(gateway, "alice", "SELL", "0.1", "100")
    path = "/v1/instruments/BTC-USD/depth:stream"
    async with gateway.http.stream("GET", path, headers={"accept": "application/x-ndjson"}) as response:
        lines = response.aiter_lines()
        snapshot = json.loads(await anext(lines))["snapshot"]
        await place(gateway, "alice", "SELL", "0.2", "100")
        delta = json.loads(await anext(lines))["delta"]
    assert snapshot["asks"] == [{"price": "100", "quantity": "0.1", "order_count": 1}]
    assert delta["asks"] == [{"price": "100", "quantity": "0.3", "order_count": 2}]
    assert int(delta["sequence"]) == int(snapshot["sequence"]) + 1


async def test_a_stream_of_what_there_is_not_is_an_ordinary_problem(gateway: Gateway) -> None:
    response = await gateway.http.get("/v1/instruments/NONE/depth:stream")
    assert response.status_code == 404
    assert response.json()["type"] == "/problems/not-found"


async def test_an_instrument_is_changed_by_its_fields_and_a_mask(gateway: Gateway) -> None:
    path = "/v1/instruments/BTC-USD?update_mask=status"
    response = await gateway.http.patch(path, json={"status": "HALTED"})
    assert (response.status_code, response.json()["status"]) == (200, "HALTED")
    refused = await place(gateway, "bob", "BUY", "0.1", "90")
    assert refused["order"]["reject_reason"] == "INSTRUMENT_HALTED"


async def test_the_full_book_is_read_and_streamed_order_by_order(gateway: Gateway) -> None:
    iceberg = await post(
        gateway.http,
        "/v1/orders",
        account_id="alice",
        symbol="BTC-USD",
        side="SELL",
        quantity="1",
        price="100",
        display_quantity="0.1",
    )
    book = (await gateway.http.get("/v1/instruments/BTC-USD/book?page_size=5")).json()
    shown = {"order_id": iceberg["order"]["order_id"], "side": "SELL", "price": "100", "quantity": "0.1"}
    assert (book["bids"], book["asks"]) == ([], [shown])
    path = "/v1/instruments/BTC-USD/book:stream"
    async with gateway.http.stream("GET", path, headers={"accept": "application/x-ndjson"}) as response:
        lines = response.aiter_lines()
        snapshot = json.loads(await anext(lines))
        assert (snapshot["is_snapshot"], snapshot["orders"]) == (True, [shown])
        await place(gateway, "bob", "BUY", "0.1", "100")
        change = json.loads(await anext(lines))
    assert change["orders"] == [{**shown, "quantity": "0"}, shown]
    assert int(change["sequence"]) == int(snapshot["sequence"]) + 1 == int(book["sequence"]) + 1


async def test_tickers_are_streamed_as_events(gateway: Gateway) -> None:
    await place(gateway, "alice", "SELL", "0.1", "100")
    [(_, first)] = await events(gateway, "/v1/tickers:stream?symbols=BTC-USD", 1)
    assert (first["ticker"]["symbol"], first["ticker"]["ask_price"]) == ("BTC-USD", "100")
    [(_, first)] = await events(gateway, "/v1/tickers:stream", 1)
    assert first["ticker"]["symbol"] == "BTC-USD"


async def test_a_portfolio_is_streamed_and_its_past_is_listed(gateway: Gateway) -> None:
    path = "/v1/accounts/bob/portfolio:stream"
    async with gateway.http.stream("GET", path, headers={"accept": "application/x-ndjson"}) as response:
        lines = response.aiter_lines()
        assert json.loads(await anext(lines))["is_snapshot"]
        await place(gateway, "bob", "BUY", "0.5", "100")
        change = json.loads(await anext(lines))["portfolio"]
    assert [balance["reserved"] for balance in change["balances"]] == ["50"]
    await place(gateway, "alice", "SELL", "0.5", "100")
    postings = (await gateway.http.get("/v1/accounts/bob/postings?asset=BTC")).json()["postings"]
    assert [(posting["kind"], posting["amount"]) for posting in postings] == [
        ("trade", "0.5"),
        ("deposit", "100"),
    ]
    portfolio = (await gateway.http.get("/v1/accounts/bob/portfolio")).json()
    [equity] = portfolio["equities"]
    assert equity == {"asset": "USD", "equity": "1010000", "day_change": "1010000"}
    history = await gateway.http.get("/v1/accounts/bob/equityHistory?interval_seconds=60")
    assert history.json()["next_page_token"] == ""


async def test_an_interval_that_is_no_whole_minutes_is_a_problem_with_its_field(gateway: Gateway) -> None:
    response = await gateway.http.get("/v1/accounts/bob/equityHistory?interval_seconds=61")
    assert response.status_code == 400
    assert [error["field"] for error in response.json()["errors"]] == ["interval_seconds"]


async def test_an_account_is_changed_by_its_fields(gateway: Gateway) -> None:
    response = await gateway.http.patch("/v1/accounts/bob", json={"display_name": "Bob"})
    assert (response.status_code, response.json()["display_name"]) == (200, "Bob")
    cleared = await gateway.http.patch("/v1/accounts/bob?update_mask=display_name", json={})
    assert cleared.json()["display_name"] == ""


async def test_an_order_is_replaced_by_its_client_order_id(gateway: Gateway) -> None:
    body = {"account_id": "bob", "client_order_id": "b-1"}
    order = {"symbol": "BTC-USD", "side": "BUY", "quantity": "0.1", "price": "90"}
    await post(gateway.http, "/v1/orders", **body, **order)
    replaced = await post(gateway.http, "/v1/orders:replace", **body, price="91")
    assert (replaced["replaced"], replaced["order"]["price"]) == (True, "91")


async def test_a_family_with_margin_is_kept_over_http(gateway: Gateway) -> None:
    ratios = {"initial_ratio": "0.5", "maintenance_ratio": "0.25"}
    desk = await post(
        gateway.http, "/v1/accounts", account_id="desk", parent_account_id="alice", margin=ratios
    )
    assert (desk["parent_account_id"], desk["margin"]) == ("alice", ratios)
    moved = await post(
        gateway.http, "/v1/accounts/alice/transfers", to_account_id="desk", asset="USD", amount="1000"
    )
    assert (moved["balance"]["total"], moved["to_balance"]["total"]) == ("999000", "1000")
    await place(gateway, "alice", "BUY", "1", "100")
    await place(gateway, "bob", "SELL", "1", "100")
    portfolio = (await gateway.http.get("/v1/accounts/desk/portfolio")).json()
    assert [margin["equity"] for margin in portfolio["margins"]] == ["1000"]
    fees = (await gateway.http.get("/v1/venueFees")).json()
    assert fees == {"fees": [{"asset": "USD", "collected": "0", "rounding": "0"}]}
