"""The documentation pages: served from the package, cached by the browser, closed to everything else."""

import gzip
import hashlib
import re
from collections.abc import AsyncIterator
from html import unescape
from importlib.resources import files

import httpx2
import pytest

from markethall_gateway.transcoding import problem_kinds as kinds
from markethall_gateway.transcoding.problem_kinds import ProblemKind
from tests.gateway.gateways import running_gateway
from tools.loopback import free_port

SWAGGER_UI = files("markethall_gateway.endpoints") / "static" / "swagger-ui"
PAGES = {
    "/docs": "text/html; charset=utf-8",
    "/docs/docs.js": "text/javascript; charset=utf-8",
    "/docs/swagger-ui-bundle.js": "text/javascript; charset=utf-8",
    "/docs/swagger-ui.css": "text/css; charset=utf-8",
    "/docs/problems.css": "text/css; charset=utf-8",
    "/problems": "text/html; charset=utf-8",
    "/openapi.json": "application/json",
}


@pytest.fixture
async def http() -> AsyncIterator[httpx2.AsyncClient]:
    async with running_gateway(f"127.0.0.1:{free_port()}") as gateway:
        yield gateway.http


@pytest.mark.parametrize(("path", "media_type"), PAGES.items())
async def test_a_page_is_served_with_its_type_and_kept_while_it_is_the_same(
    http: httpx2.AsyncClient, path: str, media_type: str
) -> None:
    first = await http.get(path)
    assert first.status_code == 200
    assert first.headers["content-type"] == media_type
    assert first.headers["cache-control"] == "no-cache"
    again = await http.get(path, headers={"if-none-match": first.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")
    other = await http.get(path, headers={"if-none-match": '"another"'})
    assert other.status_code == 200


@pytest.mark.parametrize("path", PAGES)
async def test_a_page_is_compressed_for_who_takes_it(http: httpx2.AsyncClient, path: str) -> None:
    plain = await http.get(path, headers={"accept-encoding": "identity"})
    packed = await http.get(path, headers={"accept-encoding": "gzip"})
    assert "content-encoding" not in plain.headers
    assert packed.headers["content-encoding"] == "gzip"
    assert packed.headers["vary"] == "accept-encoding"
    assert int(packed.headers["content-length"]) <= len(plain.content) + 20
    assert packed.content == plain.content


@pytest.mark.parametrize("path", ["/docs", "/problems", "/problems/not-found"])
async def test_a_page_may_load_nothing_from_elsewhere(http: httpx2.AsyncClient, path: str) -> None:
    response = await http.get(path)
    policy = response.headers["content-security-policy"]
    assert policy.startswith("default-src 'none'; script-src 'self';")
    assert "http" not in policy
    assert not re.findall(r'(?:src|href)="(?:https?:)?//', response.text)


async def test_whatever_a_page_names_is_there(http: httpx2.AsyncClient) -> None:
    for path in ("/docs", "/problems", "/problems/not-found"):
        named = re.findall(r'(?:src|href)="(/[^"]*)"', (await http.get(path)).text)
        assert named
        for target in named:
            assert (await http.get(target)).status_code == 200, target


async def test_the_way_in_leads_to_the_documentation(http: httpx2.AsyncClient) -> None:
    response = await http.get("/")
    assert (response.status_code, response.headers["location"]) == (307, "/docs")


@pytest.mark.parametrize("kind", kinds.ALL.values(), ids=lambda kind: kind.name)
async def test_the_type_of_every_problem_is_a_page(http: httpx2.AsyncClient, kind: ProblemKind) -> None:
    response = await http.get(kind.uri)
    assert response.status_code == 200
    assert kind.title in unescape(response.text)
    assert f"HTTP status {kind.status}" in response.text
    assert kind.name in (await http.get("/problems")).text


async def test_a_problem_that_there_is_not_is_404(http: httpx2.AsyncClient) -> None:
    response = await http.get("/problems/%3Cscript%3E")
    assert (response.status_code, response.json()["type"]) == (404, "/problems/no-such-path")


@pytest.mark.parametrize("name", ["swagger-ui-bundle.js", "swagger-ui.css"])
def test_the_copy_of_swagger_ui_is_what_its_readme_says(name: str) -> None:
    content = gzip.decompress((SWAGGER_UI / f"{name}.gz").read_bytes())
    digest = hashlib.sha256(content).hexdigest()
    assert f"| `{name}` | `{digest}` |" in (SWAGGER_UI / "README.md").read_text()
    assert (SWAGGER_UI / "LICENSE").is_file()
