"""The contract's unary calls over HTTP, through the whole gateway on Hypercorn, a gRPC server behind it."""

import asyncio
from collections.abc import AsyncIterator

import grpc
import pytest

from markethall_gateway.transcoding import problem_kinds as kinds
from tests.gateway.engines import Engine, details
from tests.gateway.gateways import Gateway, running_gateway
from tools.loopback import free_port

ORDER = {"symbol": "BTC-USD", "side": "BUY", "quantity": "0.5", "client_order_id": "a-1"}


@pytest.fixture
async def engine() -> AsyncIterator[Engine]:
    async with Engine().serving() as engine:
        yield engine


@pytest.fixture
async def gateway(engine: Engine) -> AsyncIterator[Gateway]:
    async with running_gateway(engine.address) as gateway:
        yield gateway


async def test_a_command_goes_through(gateway: Gateway) -> None:
    response = await gateway.http.post("/v1/orders", json=ORDER)
    assert response.status_code == 200
    assert response.headers["content-type"] == "application/json"
    assert response.json()["order"]["client_order_id"] == "a-1"


async def test_a_query_goes_through_and_answers_with_the_field_that_the_contract_names(
    gateway: Gateway,
) -> None:
    response = await gateway.http.get("/v1/instruments/BTC-USD")
    assert response.status_code == 200
    assert response.json()["symbol"] == "BTC-USD"
    assert response.json()["tick_size"] == "0.01"


async def test_head_is_get_without_the_body(gateway: Gateway) -> None:
    got, headed = await asyncio.gather(
        gateway.http.get("/v1/instruments/BTC-USD"), gateway.http.head("/v1/instruments/BTC-USD")
    )
    assert headed.status_code == 200
    assert headed.content == b""
    assert headed.headers["content-length"] == got.headers["content-length"]


async def test_orders_of_many_clients_share_messages_to_the_engine(engine: Engine, gateway: Gateway) -> None:
    responses = await asyncio.gather(
        *(gateway.http.post("/v1/orders", json=ORDER | {"client_order_id": f"a-{n}"}) for n in range(60))
    )
    ids = [response.json()["order"]["client_order_id"] for response in responses]
    assert ids == [f"a-{number}" for number in range(60)]
    assert len(engine.core.batches) < 60


@pytest.mark.parametrize("code", [code for code in grpc.StatusCode if code is not grpc.StatusCode.OK])
async def test_every_grpc_status_becomes_its_problem_document(
    engine: Engine, gateway: Gateway, code: grpc.StatusCode
) -> None:
    engine.market_data.failure = (code, "in the engine's words", details("SOME_REASON"))
    response = await gateway.http.get("/v1/instruments/X")
    kind = kinds.OF_STATUS[code]
    assert response.status_code == kind.status
    assert response.headers["content-type"] == "application/problem+json"
    document = response.json()
    is_ours = kind is kinds.INTERNAL
    assert document == {
        "type": kind.uri,
        "title": kind.title,
        "status": kind.status,
        "detail": document["detail"] if is_ours else "in the engine's words",
        "request_id": response.headers["x-request-id"],
        "reason": "INTERNAL" if is_ours else "SOME_REASON",
        "errors": [],
    }
    assert ("retry-after" in response.headers) == (kind in (kinds.UNAVAILABLE, kinds.RESOURCE_EXHAUSTED))


async def test_the_engines_field_violations_become_errors(engine: Engine, gateway: Gateway) -> None:
    engine.market_data.failure = (
        grpc.StatusCode.INVALID_ARGUMENT,
        "symbol: expected letters",
        details("INVALID_REQUEST", ("symbol", "expected letters, found '!'")),
    )
    document = (await gateway.http.get("/v1/instruments/!")).json()
    assert document["errors"] == [{"field": "symbol", "description": "expected letters, found '!'"}]


async def test_a_call_that_the_engine_has_not_is_501(gateway: Gateway) -> None:
    response = await gateway.http.get("/v1/instruments/X/depth")
    assert (response.status_code, response.json()["type"]) == (501, "/problems/unimplemented")


async def test_a_call_of_identity_is_501_and_never_reaches_the_engine(gateway: Gateway) -> None:
    body = {"username": "alice", "password": "correct horse battery staple"}
    response = await gateway.http.post("/v1/users", json=body)
    assert (response.status_code, response.json()["reason"]) == (501, "NOT_IMPLEMENTED")


async def test_without_the_engine_calls_are_503_with_retry_after() -> None:
    async with running_gateway(f"127.0.0.1:{free_port()}") as gateway:
        for response in (
            await gateway.http.get("/v1/instruments/X"),
            await gateway.http.post("/v1/orders", json=ORDER),
        ):
            assert (response.status_code, response.headers["retry-after"]) == (503, "1")
            assert response.json()["type"] == "/problems/unavailable"
            assert "127.0.0.1" not in response.json()["detail"]


async def test_an_engine_that_does_not_answer_in_time_is_504(engine: Engine) -> None:
    engine.market_data.gate.clear()
    engine.core.gate.clear()
    async with running_gateway(engine.address, timeout_s=0.2) as gateway:
        query, command = await asyncio.gather(
            gateway.http.get("/v1/instruments/X"), gateway.http.post("/v1/orders", json=ORDER)
        )
    assert (query.status_code, query.json()["reason"]) == (504, "DEADLINE_EXCEEDED")
    assert (command.status_code, command.json()["reason"]) == (504, "OUTCOME_UNKNOWN")


async def test_a_caller_may_ask_for_less_time_but_not_for_more(engine: Engine, gateway: Gateway) -> None:
    await gateway.http.get("/v1/instruments/X", headers={"x-request-timeout": "0.5"})
    assert engine.market_data.time_remaining is not None
    assert 0 < engine.market_data.time_remaining < 0.6  # gRPC rounds up
    await gateway.http.get("/v1/instruments/X", headers={"x-request-timeout": "1000"})
    assert 1 < engine.market_data.time_remaining < 6


@pytest.mark.parametrize("value", ["0", "0.0", "-1", "soon", "nan", "inf", "1e3", "1_0", ""])
async def test_a_timeout_that_makes_no_sense_is_refused(gateway: Gateway, value: str) -> None:
    response = await gateway.http.get("/v1/instruments/X", headers={"x-request-timeout": value})
    assert response.status_code == 400
    assert response.json()["errors"] == [
        {"field": "x-request-timeout", "description": f"expected seconds above 0, found {value!r}"}
    ]


@pytest.mark.parametrize("media_type", ["application/x-www-form-urlencoded", "text/plain", ""])
async def test_a_body_that_does_not_call_itself_json_is_refused(gateway: Gateway, media_type: str) -> None:
    headers = {"content-type": media_type} if media_type else {}
    response = await gateway.http.post("/v1/orders", content=b'{"symbol":"X"}', headers=headers)
    assert response.status_code == 415
    assert (
        response.json()["detail"] == f"expected Content-Type application/json, found {media_type or 'none'}"
    )


async def test_json_may_come_with_parameters(gateway: Gateway) -> None:
    headers = {"content-type": "Application/JSON; charset=utf-8"}
    response = await gateway.http.post("/v1/orders", content=b'{"symbol":"X"}', headers=headers)
    assert response.status_code == 200


async def test_a_body_where_none_belongs_is_refused(gateway: Gateway) -> None:
    response = await gateway.http.request("DELETE", "/v1/orders/7", json={"account_id": "a"})
    assert (response.status_code, response.json()["detail"]) == (400, "expected no body")


async def test_every_fault_of_a_request_is_named(gateway: Gateway) -> None:
    response = await gateway.http.post("/v1/orders", json={"symbol": 7, "sid": "BUY"})
    assert response.status_code == 400
    assert [error["field"] for error in response.json()["errors"]] == ["symbol", "sid"]


async def test_a_path_that_there_is_not_is_404(gateway: Gateway) -> None:
    response = await gateway.http.get("/v2/orders")
    assert (response.status_code, response.json()["type"]) == (404, "/problems/no-such-path")


async def test_a_method_that_a_path_does_not_take_is_405_with_those_that_it_does(gateway: Gateway) -> None:
    response = await gateway.http.put("/v1/orders/7", json={})
    assert (response.status_code, response.json()["type"]) == (405, "/problems/method-not-allowed")
    assert response.headers["allow"] == "DELETE, GET, HEAD, PATCH"


async def test_a_path_that_is_no_utf8_is_400(gateway: Gateway) -> None:
    response = await gateway.http.get("/v1/instruments/%ff")
    assert (response.status_code, response.json()["reason"]) == (400, "INVALID_REQUEST")


async def test_an_escaped_slash_reaches_the_engine_as_part_of_its_field(gateway: Gateway) -> None:
    assert (await gateway.http.get("/v1/instruments/A%2FB")).json()["symbol"] == "A/B"


async def test_a_client_who_goes_takes_the_call_along(engine: Engine, gateway: Gateway) -> None:
    engine.market_data.gate.clear()
    _, writer = await asyncio.open_connection("127.0.0.1", int(gateway.url.rpartition(":")[2]))
    writer.write(b"GET /v1/instruments/X HTTP/1.1\r\nHost: x\r\n\r\n")
    await engine.market_data.called.wait()
    writer.close()
    async with asyncio.timeout(3):  # far less than the call's own 5 s
        await engine.market_data.canceled.wait()
