"""Limits on what comes in: how much, and how slowly."""

import asyncio
import json

import pytest

from tests.gateway.engines import Engine
from tests.gateway.gateways import Gateway, running_gateway


async def raw(gateway: Gateway, *parts: bytes) -> tuple[bytes, bytes]:
    """Send `parts` on a connection of their own; return head and body of the answer, read to the end."""
    reader, writer = await asyncio.open_connection("127.0.0.1", int(gateway.url.rpartition(":")[2]))
    try:
        for part in parts:
            writer.write(part)
            await writer.drain()
        answer = await reader.read()
        head, _, body = answer.partition(b"\r\n\r\n")
        return head, body
    finally:
        writer.close()


async def test_a_body_of_the_allowed_size_is_taken() -> None:
    async with Engine().serving() as engine, running_gateway(engine.address, max_body_bytes=1024) as gateway:
        body = b'{"symbol":"X"}'.ljust(1024)
        headers = {"content-type": "application/json"}
        response = await gateway.http.post("/v1/orders", content=body, headers=headers)
    assert response.status_code == 200


async def test_a_body_that_says_it_is_too_large_is_refused() -> None:
    async with Engine().serving() as engine, running_gateway(engine.address, max_body_bytes=1024) as gateway:
        response = await gateway.http.post("/v1/orders", content=b" " * 1025)
    assert response.status_code == 413
    assert response.json()["type"] == "/problems/content-too-large"
    assert response.json()["detail"] == "expected at most 1024 bytes, found 1025"


async def test_a_body_that_turns_out_too_large_is_refused() -> None:
    async with Engine().serving() as engine, running_gateway(engine.address, max_body_bytes=1024) as gateway:
        head, body = await raw(
            gateway,
            b"POST /v1/orders HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n",
            *[b"200\r\n" + b" " * 512 + b"\r\n"] * 3,
            b"0\r\n\r\n",
        )
    assert head.startswith(b"HTTP/1.1 413")
    assert json.loads(body)["detail"] == "expected at most 1024 bytes, found more"


async def test_the_sender_of_a_huge_body_gets_to_read_the_refusal() -> None:
    async with Engine().serving() as engine, running_gateway(engine.address, max_body_bytes=1024) as gateway:
        response = await gateway.http.post("/v1/orders", content=b" " * 20_000_000)
        assert response.status_code == 413
        assert (await gateway.http.get("/ping")).status_code == 200


async def test_a_body_that_does_not_come_is_given_up() -> None:
    async with Engine().serving() as engine, running_gateway(engine.address, body_timeout_s=0.2) as gateway:
        head, body = await raw(
            gateway,
            b"POST /v1/orders HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\n",
            b'{"symbol',
        )
    assert head.startswith(b"HTTP/1.1 408")
    assert json.loads(body)["detail"] == "expected the whole body within 0.2 s, found 8 bytes of it"


async def test_a_body_in_many_pieces_is_put_together() -> None:
    async with Engine().serving() as engine, running_gateway(engine.address) as gateway:
        order = b'{"symbol":"X","client_order_id":"in pieces"}'
        head, body = await raw(
            gateway,
            b"POST /v1/orders HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
            b"Content-Length: %d\r\nConnection: close\r\n\r\n" % len(order),
            *(order[at : at + 1] for at in range(len(order))),
        )
    assert head.startswith(b"HTTP/1.1 200")
    assert json.loads(body)["order"]["client_order_id"] == "in pieces"


@pytest.mark.parametrize("method", ["GET", "DELETE"])
async def test_a_large_body_where_none_belongs_does_not_hang_the_connection(method: str) -> None:
    async with Engine().serving() as engine, running_gateway(engine.address) as gateway:
        response = await gateway.http.request(method, "/v1/orders/7", content=b" " * 2_000_000)
    assert (response.status_code, response.json()["detail"]) == (400, "expected no body")
