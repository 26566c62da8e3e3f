"""Request id and trace: in with the request, through to the engine and the log, out with every response."""

import json
import re
from io import StringIO

import pytest

from markethall_common.logs import configure
from tests.gateway.engines import Engine
from tests.gateway.gateways import running_gateway
from tools.loopback import free_port

TRACEPARENT = "00-474c610fd36f713494c1d970b46dcc6f-71e958f580df2524-01"
SENT = {"x-request-id": "my-request-1", "traceparent": TRACEPARENT}
TRACE = TRACEPARENT[:36]


@pytest.fixture
def log() -> StringIO:
    stream = StringIO()
    configure("gateway", format="json", stream=stream)
    return stream


def lines(log: StringIO) -> list[dict[str, object]]:
    return [json.loads(line) for line in log.getvalue().splitlines()]


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/ping", 200),
        ("GET", "/health", 503),
        ("GET", "/v1/orders", 503),
        ("GET", "/v1/orders?x=1", 400),
        ("GET", "/nowhere", 404),
        ("PUT", "/v1/orders", 405),
        ("POST", "/v1/orders", 503),
        ("GET", "/v1/tickers:stream", 503),
        ("GET", "/docs", 200),
    ],
)
async def test_every_response_has_the_request_id_and_trace(method: str, path: str, status: int) -> None:
    async with running_gateway(f"127.0.0.1:{free_port()}") as gateway:
        response = await gateway.http.request(method, path, headers=SENT)
    assert response.status_code == status
    assert response.headers["x-request-id"] == "my-request-1"
    assert response.headers["traceparent"].startswith(TRACE)
    assert response.headers["traceparent"] != TRACEPARENT
    if response.headers["content-type"] == "application/problem+json":
        assert response.json()["request_id"] == "my-request-1"


async def test_a_query_carries_them_to_the_engine() -> None:
    async with Engine().serving() as engine, running_gateway(engine.address) as gateway:
        response = await gateway.http.get("/v1/instruments/X", headers=SENT | {"tracestate": "a=b"})
    metadata = engine.market_data.metadata
    assert metadata["x-request-id"] == "my-request-1"
    assert metadata["traceparent"] == response.headers["traceparent"]
    assert metadata["tracestate"] == "a=b"


async def test_a_command_carries_them_to_the_engine() -> None:
    async with Engine().serving() as engine, running_gateway(engine.address) as gateway:
        response = await gateway.http.post("/v1/orders", json={"symbol": "X"}, headers=SENT)
    [message] = engine.core.batches[0].messages
    assert message.correlation_id == "my-request-1"
    assert message.traceparent == response.headers["traceparent"]


@pytest.mark.parametrize("unfit", ["", "a b", "x" * 129, "é", "<script>"])
async def test_an_unfit_request_id_is_replaced(unfit: str) -> None:
    async with running_gateway(f"127.0.0.1:{free_port()}") as gateway:
        response = await gateway.http.get("/ping", headers={"x-request-id": unfit.encode("latin-1")})
    assert re.fullmatch("[0-9a-f]{32}", response.headers["x-request-id"])


async def test_a_line_in_the_log_tells_of_each_request(log: StringIO) -> None:
    async with running_gateway(f"127.0.0.1:{free_port()}") as gateway:
        await gateway.http.get("/v1/orders?page_token=hidden", headers=SENT)
    [line] = [line for line in lines(log) if line["event"] == "request_answered"]
    assert (line["request_id"], line["trace_id"]) == ("my-request-1", TRACE[3:-1])
    assert (line["method"], line["path"], line["status"], line["client"]) == (
        "GET",
        "/v1/orders",
        503,
        "127.0.0.1",
    )
    assert "hidden" not in log.getvalue()


async def test_the_log_of_requests_can_be_left_out(log: StringIO) -> None:
    async with running_gateway(f"127.0.0.1:{free_port()}", access_log=False) as gateway:
        await gateway.http.get("/ping")
    assert "request_answered" not in log.getvalue()
