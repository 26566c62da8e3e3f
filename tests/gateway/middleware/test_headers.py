"""Headers for browsers: what a response may be used for, and by whom."""

import pytest

from tests.gateway.gateways import running_gateway
from tools.loopback import free_port

ORIGIN = "https://terminal.example"


@pytest.mark.parametrize("path", ["/ping", "/v1/orders", "/nowhere", "/openapi.json"])
async def test_no_response_is_more_than_data(path: str) -> None:
    async with running_gateway(f"127.0.0.1:{free_port()}") as gateway:
        response = await gateway.http.get(path)
    assert response.headers["x-content-type-options"] == "nosniff"
    assert response.headers["content-security-policy"] == "default-src 'none'; frame-ancestors 'none'"
    assert response.headers["referrer-policy"] == "no-referrer"
    assert "server" not in response.headers
    assert "strict-transport-security" not in response.headers


async def test_other_origins_are_not_let_in_by_default() -> None:
    async with running_gateway(f"127.0.0.1:{free_port()}") as gateway:
        response = await gateway.http.get("/ping", headers={"origin": ORIGIN})
    assert "access-control-allow-origin" not in response.headers


async def test_an_origin_that_is_named_may_use_the_api() -> None:
    async with running_gateway(f"127.0.0.1:{free_port()}", cors_origins=(ORIGIN,)) as gateway:
        response = await gateway.http.get("/v1/orders", headers={"origin": ORIGIN})
        preflight = await gateway.http.options(
            "/v1/orders",
            headers={
                "origin": ORIGIN,
                "access-control-request-method": "POST",
                "access-control-request-headers": "content-type, x-request-id",
            },
        )
    assert response.headers["access-control-allow-origin"] == ORIGIN
    assert "x-request-id" in response.headers["access-control-expose-headers"]
    assert preflight.status_code == 200
    assert "POST" in preflight.headers["access-control-allow-methods"]


async def test_an_origin_that_is_not_named_may_not() -> None:
    async with running_gateway(f"127.0.0.1:{free_port()}", cors_origins=(ORIGIN,)) as gateway:
        response = await gateway.http.get("/ping", headers={"origin": "https://other.example"})
    assert "access-control-allow-origin" not in response.headers
