"""What nobody expected: logged in full, told in one sentence, and never taken for a whole answer."""

import json
from io import StringIO
from typing import NoReturn

import httpx2
import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.routing import Route
from starlette.types import Receive, Scope, Send

from markethall_common.logs import configure
from markethall_gateway.bootstrap import surround
from markethall_gateway.endpoints.failures import HANDLERS
from markethall_gateway.settings import GatewaySettings


class Broken(Exception):
    pass


async def break_down(_: Request) -> NoReturn:
    raise Broken("a secret of the inside")


class BreaksHalfway:
    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b"half", "more_body": True})
        raise Broken("a secret of the inside")


ROUTES = [Route("/before", break_down), Route("/halfway", BreaksHalfway())]


@pytest.fixture
def log() -> StringIO:
    stream = StringIO()
    configure("gateway", format="json", stream=stream)
    return stream


def client() -> httpx2.AsyncClient:
    app = surround(Starlette(routes=ROUTES, exception_handlers=HANDLERS), GatewaySettings())
    return httpx2.AsyncClient(transport=httpx2.ASGITransport(app), base_url="http://test")


def failure(log: StringIO) -> dict[str, str]:
    [line] = [json.loads(line) for line in log.getvalue().splitlines() if "request_failed" in line]
    return line


async def test_an_unexpected_exception_is_logged_and_not_told(log: StringIO) -> None:
    async with client() as http:
        response = await http.get("/before", headers={"x-request-id": "r-1"})
    assert response.status_code == 500
    assert response.headers["content-type"] == "application/problem+json"
    assert response.json()["request_id"] == response.headers["x-request-id"] == "r-1"
    assert "secret" not in response.text
    assert failure(log)["request_id"] == "r-1"
    assert "a secret of the inside" in failure(log)["exception"]


async def test_an_answer_that_breaks_off_is_left_to_the_server_to_cut(log: StringIO) -> None:
    async with client() as http:
        with pytest.raises(Broken):
            await http.get("/halfway")
    assert "a secret of the inside" in failure(log)["exception"]
