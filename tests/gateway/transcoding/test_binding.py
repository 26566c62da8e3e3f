"""What HTTP requests become as requests of the contract, and what is said of those that make no sense."""

from datetime import UTC, datetime
from typing import Any

import pytest

from markethall_gateway.transcoding.binding import Binding
from markethall_gateway.transcoding.problems import ProblemError
from markethall_protos.google.protobuf import FieldMask
from markethall_protos.routes import HttpRoute, Rpc
from markethall_protos.v1 import (
    ROUTES,
    CancelOrderRequest,
    CandleInterval,
    GetDepthRequest,
    GetInstrumentRequest,
    GetInstrumentResponse,
    HealthCheckRequest,
    Instrument,
    InstrumentStatus,
    ListCandlesRequest,
    ListOrdersRequest,
    OrderStatus,
    PlaceOrderRequest,
    PlaceOrdersRequest,
    ReplaceOrderRequest,
    Side,
    StreamExecutionReportsRequest,
    StreamTickersRequest,
    UpdateInstrumentRequest,
)


def binding(route: str) -> Binding:
    method, path = route.split(" ")
    return Binding(next(each for each in ROUTES if (each.method, each.path) == (method, path)))


def bind(route: str, values: dict[str, str] | None = None, *, query: str = "", body: str = "") -> Any:
    return binding(route).bind(values or {}, query.encode(), body.encode())


def faults(route: str, values: dict[str, str] | None = None, *, query: str = "", body: str = "") -> list[Any]:
    with pytest.raises(ProblemError) as refused:
        bind(route, values, query=query, body=body)
    assert refused.value.problem.kind.status == 400
    assert refused.value.problem.reason == "INVALID_REQUEST"
    return [tuple(error) for error in refused.value.problem.errors]


def test_a_whole_body_is_the_request() -> None:
    request = bind("POST /v1/orders", body='{"symbol": "BTC-USD", "side": "BUY", "quantity": "0.5"}')
    assert request == PlaceOrderRequest(symbol="BTC-USD", side=Side.BUY, quantity="0.5")


def test_an_empty_body_is_an_empty_request() -> None:
    assert bind("POST /v1/orders") == PlaceOrderRequest()


def test_a_body_may_have_lower_camel_case_names() -> None:
    request = bind("POST /v1/orders", body='{"clientOrderId": "a", "timeInForce": "TIME_IN_FORCE_IOC"}')
    assert request.client_order_id == "a"
    assert request.time_in_force.name == "IOC"


def test_the_path_gives_fields_that_the_body_does_not() -> None:
    request = bind("PATCH /v1/orders/{order_id}", {"order_id": "7"}, body='{"quantity": "2"}')
    assert request == ReplaceOrderRequest(order_id="7", quantity="2")
    request = bind("POST /v1/orders:replace", {}, body='{"client_order_id": "mine", "quantity": "2"}')
    assert request == ReplaceOrderRequest(client_order_id="mine", quantity="2")


@pytest.mark.parametrize("name", ["order_id", "orderId"])
def test_the_body_may_repeat_what_the_path_says(name: str) -> None:
    request = bind("PATCH /v1/orders/{order_id}", {"order_id": "7"}, body=f'{{"{name}": "7"}}')
    assert request == ReplaceOrderRequest(order_id="7")


def test_the_body_may_not_contradict_the_path() -> None:
    assert faults("PATCH /v1/orders/{order_id}", {"order_id": "7"}, body='{"orderId": "8"}') == [
        ("order_id", "expected '7' as in the path, or nothing, found another value")
    ]


def test_a_field_may_be_the_body_and_the_query_has_the_rest() -> None:
    request = bind(
        "PATCH /v1/instruments/{symbol}",
        {"symbol": "BTC-USD"},
        query="update_mask=status,maker_fee",
        body='{"status": "HALTED", "maker_fee": "0.001"}',
    )
    assert request == UpdateInstrumentRequest(
        symbol="BTC-USD",
        instrument=Instrument(status=InstrumentStatus.HALTED, maker_fee="0.001"),
        update_mask=FieldMask(paths=["status", "maker_fee"]),
    )


def test_the_query_cannot_give_what_is_in_the_path_or_the_body() -> None:
    route = "PATCH /v1/instruments/{symbol}"
    assert faults(route, {"symbol": "X"}, query="symbol=Y&instrument.status=OPEN", body="{}") == [
        ("symbol", "is given by the path, not by the query"),
        ("instrument.status", "is given by the body, not by the query"),
    ]


def test_a_whole_body_leaves_nothing_for_the_query() -> None:
    assert faults("POST /v1/orders", query="symbol=X", body="{}") == [
        ("", "expected no query, as the body has every field")
    ]


def test_a_query_has_text_numbers_enums_and_lists() -> None:
    request = bind(
        "GET /v1/orders", query="symbol=BTC-USD&side=SELL&statuses=NEW&statuses=FILLED&page_size=10"
    )
    assert request == ListOrdersRequest(
        symbol="BTC-USD", side=Side.SELL, statuses=[OrderStatus.NEW, OrderStatus.FILLED], page_size=10
    )


def test_a_query_has_times_and_enums_by_number() -> None:
    request = bind(
        "GET /v1/instruments/{symbol}/candles",
        {"symbol": "X"},
        query="interval=4&start_time=2026-11-23T13:30:00%2B01:00",
    )
    assert request == ListCandlesRequest(
        symbol="X", interval=CandleInterval.ONE_HOUR, start_time=datetime(2026, 11, 23, 12, 30, tzinfo=UTC)
    )


def test_a_query_has_booleans_in_words() -> None:
    assert bind("GET /v1/engine/health", query="skip_dependencies=true") == HealthCheckRequest(
        skip_dependencies=True
    )
    assert faults("GET /v1/engine/health", query="skip_dependencies=1") == [
        ("skip_dependencies", 'expected true or false, found "1"')
    ]


def test_a_query_has_64_bit_integers_whole() -> None:
    request = bind("GET /v1/executionReports:stream", query="after_sequence=9007199254740993")
    assert request == StreamExecutionReportsRequest(after_sequence=9007199254740993)


def test_a_query_may_have_lower_camel_case_names() -> None:
    assert bind("GET /v1/orders", query="pageSize=3") == ListOrdersRequest(page_size=3)


def test_a_query_is_utf8_with_plus_for_a_space() -> None:
    assert bind("GET /v1/tickers:stream", query="symbols=%C3%A9+x") == StreamTickersRequest(symbols=["é x"])


def test_an_empty_value_is_a_value() -> None:
    assert bind("GET /v1/orders", query="symbol=") == ListOrdersRequest()
    assert faults("GET /v1/orders", query="page_size=") == [
        ("page_size", 'expected a whole number (int32), found ""')
    ]


def test_without_a_body_the_path_and_the_query_make_the_request() -> None:
    assert bind(
        "DELETE /v1/orders/{order_id}", {"order_id": "7"}, query="account_id=a"
    ) == CancelOrderRequest(order_id="7", account_id="a")
    assert bind("GET /v1/instruments/{symbol}/depth", {"symbol": "X"}) == GetDepthRequest(symbol="X")


def test_a_nested_field_goes_by_its_path() -> None:
    rpc = Rpc("/test.Test/Test", UpdateInstrumentRequest, GetInstrumentResponse)
    nested = Binding(HttpRoute("GET", "/v1/test/{instrument.symbol}", rpc))
    request = nested.bind({"instrument.symbol": "X"}, b"instrument.baseAsset=BTC&symbol=Y", b"")
    assert request == UpdateInstrumentRequest(symbol="Y", instrument=Instrument(symbol="X", base_asset="BTC"))


def test_everything_that_is_wrong_is_said_at_once() -> None:
    assert faults("GET /v1/orders", query="nonsense=1&page_size=x&side=UP&symbol=A&symbol=B") == [
        (
            "nonsense",
            "unknown parameter; expected one of account_id, page_size, page_token, side, statuses, symbol",
        ),
        ("symbol", "expected once, found twice"),
        ("page_size", 'expected a whole number (int32), found "x"'),
        ("side", 'expected one of UNSPECIFIED, BUY, SELL, found "UP"'),
    ]


def test_everything_that_is_wrong_in_a_body_is_said_at_once() -> None:
    orders = '[{"symbol": 1, "sid": "BUY"}, {"symbol": "A"}, {"side": "LEFT"}, 7]'
    body = f'{{"orders": {orders}, "all_or_none": "yes"}}'
    assert faults("POST /v1/orders:batch", body=body) == [
        ("orders[0].symbol", "expected a string, found 1"),
        ("orders[0].sid", "no such field in markethall.v1.PlaceOrderRequest"),
        ("orders[2].side", 'expected one of UNSPECIFIED, BUY, SELL, found "LEFT"'),
        ("orders[3]", "expected an object, found 7"),
        ("all_or_none", 'expected true or false, found "yes"'),
    ]


def test_of_very_many_faults_the_first_hundred_are_said() -> None:
    body = '{"orders": [' + ",".join(['{"x": 1}'] * 1000) + "]}"
    found = faults("POST /v1/orders:batch", body=body)
    assert [field for field, _ in found] == [f"orders[{index}].x" for index in range(100)]


def test_faults_of_path_query_and_body_come_together() -> None:
    found = faults(
        "PATCH /v1/instruments/{symbol}", {"symbol": "X"}, query="nope=1", body='{"status": 1.5, "x": 0}'
    )
    assert [field for field, _ in found] == ["nope", "instrument.status", "instrument.x"]


@pytest.mark.parametrize("body", ["{", "[1, 2]", '"text"', "7", "null", '{"symbol": NaN}', "\udcff"])
def test_a_body_that_is_no_json_object_is_refused(body: str) -> None:
    with pytest.raises(ProblemError):
        binding("POST /v1/orders").bind({}, b"", body.encode("utf-8", "surrogateescape"))


def test_a_body_with_a_name_twice_is_refused() -> None:
    [(field, description)] = faults("POST /v1/orders", body='{"symbol": "A", "symbol": "B"}')
    assert (field, "twice" in description) == ("", True)


def test_a_route_that_names_an_unknown_field_is_refused_at_once() -> None:
    rpc = Rpc("/test.Test/Test", GetInstrumentRequest, GetInstrumentResponse)
    with pytest.raises(ValueError, match="names nothing, which GetInstrumentRequest has not"):
        Binding(HttpRoute("GET", "/v1/test/{nothing}", rpc))


def test_query_bytes_that_are_no_utf8_are_refused() -> None:
    assert faults("GET /v1/orders", query="symbol=%FF") == [
        ("", "expected a query in percent-encoded UTF-8, found other bytes")
    ]


def test_a_query_without_end_is_refused() -> None:
    assert faults("GET /v1/tickers:stream", query="&".join(["symbols=A"] * 1001)) == [
        ("", "expected at most 1000 query parameters, found more")
    ]


def test_a_batch_of_orders_is_bound_in_order() -> None:
    request = bind("POST /v1/orders:batch", body='{"orders": [{"symbol": "A"}, {"symbol": "B"}]}')
    assert request == PlaceOrdersRequest(
        orders=[PlaceOrderRequest(symbol="A"), PlaceOrderRequest(symbol="B")]
    )
