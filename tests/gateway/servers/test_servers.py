"""The same application on each server, in clear and over TLS, over HTTP/1.1 and HTTP/2."""

import asyncio
import json
import ssl
from importlib.util import find_spec
from pathlib import Path

import httpx2
import pytest
import trustme

from tests.gateway.engines import Engine
from tests.gateway.gateways import running_gateway
from tools.loopback import free_port

SERVERS = [
    pytest.param(name, marks=pytest.mark.skipif(find_spec(name) is None, reason=f"{name} is not installed"))
    for name in ("hypercorn", "uvicorn", "granian")
]
ORDER = {"symbol": "BTC-USD", "side": "BUY", "quantity": "0.5"}
STREAM = "/v1/instruments/BTC-USD/trades:stream"


@pytest.fixture(scope="module")
def authority() -> trustme.CA:
    return trustme.CA()


@pytest.fixture(scope="module")
def certificate(authority: trustme.CA, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    directory = tmp_path_factory.mktemp("tls")
    issued = authority.issue_cert("127.0.0.1")
    issued.private_key_pem.write_to_path(directory / "key.pem")
    for blob in issued.cert_chain_pems:
        blob.write_to_path(directory / "certificate.pem", append=True)
    return {"certificate_file": directory / "certificate.pem", "key_file": directory / "key.pem"}


@pytest.mark.parametrize("server", SERVERS)
async def test_every_server_carries_the_application(server: str) -> None:
    async with Engine().serving() as engine, running_gateway(engine.address, server=server) as gateway:
        ping, order, problem = await asyncio.gather(
            gateway.http.get("/ping/core-engine"),
            gateway.http.post("/v1/orders", json=ORDER),
            gateway.http.get("/v1/instruments/A%2FB?x=1"),
        )
        engine.market_data.trades.put_nowait("1")
        async with gateway.http.stream("GET", STREAM, headers={"accept": "application/x-ndjson"}) as stream:
            line = await anext(stream.aiter_lines())
        found = await gateway.http.get("/v1/instruments/A%2FB")
    assert (ping.status_code, order.status_code, problem.status_code) == (200, 200, 400)
    assert json.loads(line)["trades"][0]["trade_id"] == "1"
    assert found.json()["symbol"] == "A/B"


@pytest.mark.parametrize("server", ["hypercorn", "granian"])
async def test_http_2_in_clear(server: str) -> None:
    if find_spec(server) is None:
        pytest.skip(f"{server} is not installed")
    async with (
        Engine().serving() as engine,
        running_gateway(engine.address, server=server) as gateway,
        httpx2.AsyncClient(base_url=gateway.url, http1=False, http2=True) as http,
    ):
        responses = await asyncio.gather(*(http.post("/v1/orders", json=ORDER) for _ in range(50)))
        refused = await http.post("/v1/orders", json={"x": 1})
    assert {(response.http_version, response.status_code) for response in responses} == {("HTTP/2", 200)}
    assert refused.json()["errors"][0]["field"] == "x"


async def test_many_requests_on_one_http_2_connection() -> None:
    async with (
        running_gateway(f"127.0.0.1:{free_port()}") as gateway,
        httpx2.AsyncClient(base_url=gateway.url, http1=False, http2=True, timeout=60) as http,
    ):
        for _ in range(24):
            responses = await asyncio.gather(*(http.get("/ping") for _ in range(50)))
            assert {response.status_code for response in responses} == {200}


@pytest.mark.parametrize("is_http_2", [False, True])
@pytest.mark.parametrize("server", SERVERS)
async def test_tls(server: str, is_http_2: bool, authority: trustme.CA, certificate: dict[str, Path]) -> None:
    if is_http_2 and server == "uvicorn":
        pytest.skip("uvicorn speaks HTTP/1.1 only")
    context = ssl.create_default_context()
    authority.configure_trust(context)
    async with (
        Engine().serving() as engine,
        running_gateway(engine.address, server=server, **certificate) as gateway,
        httpx2.AsyncClient(base_url=gateway.url, verify=context, http2=is_http_2) as http,
    ):
        response = await http.post("/v1/orders", json=ORDER)
    assert response.status_code == 200
    assert response.url.scheme == "https"
    assert response.http_version == ("HTTP/2" if is_http_2 else "HTTP/1.1")
    assert response.headers["strict-transport-security"] == "max-age=31536000"


async def test_a_burst_of_connections_is_taken_at_once() -> None:
    async with running_gateway(f"127.0.0.1:{free_port()}") as gateway:
        port = int(gateway.url.rpartition(":")[2])
        async with asyncio.timeout(1.5):  # as long as Hypercorn's own backlog of 100 takes
            connections = await asyncio.gather(
                *(asyncio.open_connection("127.0.0.1", port) for _ in range(500))
            )
        for _, writer in connections:
            writer.close()
