"""The documentation that the gateway serves of itself: `/docs`, `/openapi.json` and `/problems`.

All of it comes with the package; nothing is fetched from elsewhere.
"""

import json
from collections.abc import Iterable, Iterator, Mapping
from html import escape
from importlib.resources import files
from importlib.resources.abc import Traversable
from typing import Final

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.types import Receive, Scope, Send

from markethall_gateway.endpoints.documents import PAGE_POLICY, Content, Document
from markethall_gateway.endpoints.openapi.document import openapi_document
from markethall_gateway.endpoints.table import Endpoint
from markethall_gateway.transcoding import problem_kinds as kinds
from markethall_gateway.transcoding.problem_kinds import ProblemKind
from markethall_gateway.transcoding.problems import Problem, ProblemError
from markethall_protos.routes import HttpRoute

HTML: Final = "text/html; charset=utf-8"

_SCRIPT: Final = "text/javascript; charset=utf-8"
_STYLE: Final = "text/css; charset=utf-8"
_STATIC: Final = files("markethall_gateway.endpoints").joinpath("static")


def documentation(routes: Iterable[HttpRoute], version: str) -> Iterator[tuple[str, Endpoint]]:
    """Give the paths of the documentation of `routes`, each with what serves it."""
    routes = tuple(routes)
    swagger_ui = _STATIC / "swagger-ui"
    yield "/openapi.json", Document(lambda: _openapi(routes, version), "application/json")
    yield "/docs", Document(lambda: _file(_STATIC / "docs.html"), HTML, policy=PAGE_POLICY)
    yield "/docs/docs.js", Document(lambda: _file(_STATIC / "docs.js"), _SCRIPT)
    yield (
        "/docs/swagger-ui-bundle.js",
        Document(lambda: _compressed_file(swagger_ui / "swagger-ui-bundle.js.gz"), _SCRIPT),
    )
    yield "/docs/swagger-ui.css", Document(lambda: _compressed_file(swagger_ui / "swagger-ui.css.gz"), _STYLE)
    yield "/docs/problems.css", Document(lambda: _file(_STATIC / "problems.css"), _STYLE)
    yield "/problems", Document(lambda: Content.of(_problems_page().encode()), HTML, policy=PAGE_POLICY)
    yield "/problems/{name}", _problem


async def to_docs(_: Request) -> Response:
    """Lead who comes to `/` to the documentation."""
    return RedirectResponse("/docs")


def _openapi(routes: Iterable[HttpRoute], version: str) -> Content:
    document = openapi_document(routes, version)
    return Content.of(json.dumps(document, ensure_ascii=False, separators=(",", ":")).encode())


def _file(path: Traversable) -> Content:
    return Content.of(path.read_bytes())


def _compressed_file(path: Traversable) -> Content:
    return Content.of_compressed(path.read_bytes())


async def _problem(values: Mapping[str, str], scope: Scope, receive: Receive, send: Send) -> None:
    kind = kinds.ALL.get(values["name"])
    if kind is None:
        raise ProblemError(Problem(kinds.NO_SUCH_PATH, f"there is no problem named {values['name']!r}"))
    page = Document(lambda: Content.of(_problem_page(kind).encode()), HTML, policy=PAGE_POLICY)
    await page(values, scope, receive, send)


def _problems_page() -> str:
    rows = "".join(
        f'<tr><td>{kind.status}</td><td><a href="{kind.uri}"><code>{kind.name}</code></a></td>'
        f"<td>{escape(kind.title)}</td></tr>"
        for kind in sorted(kinds.ALL.values(), key=lambda kind: kind.status)
    )
    return _page(
        "Problems",
        f"<table><thead><tr><th>Status</th><th>Kind</th><th>Meaning</th></tr></thead>{rows}</table>",
    )


def _problem_page(kind: ProblemKind) -> str:
    codes = [code.name for code, found in kinds.OF_STATUS.items() if found is kind]
    grpc = f"<p>In gRPC: <code>{'</code>, <code>'.join(codes)}</code>.</p>" if codes else ""
    return _page(
        kind.title,
        f"<p><code>{kind.name}</code>, HTTP status {kind.status}.</p><p>{_code(kind.advice)}</p>{grpc}"
        '<p><a href="/problems">All problems</a></p>',
    )


def _page(title: str, body: str) -> str:
    return (
        '<!doctype html><html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{escape(title)} · Markethall API</title>"
        '<link rel="icon" href="data:,"><link rel="stylesheet" href="/docs/problems.css"></head>'
        f"<body><h1>{escape(title)}</h1>{body}</body></html>"
    )


def _code(text: str) -> str:
    """Escape text, with what stands between backticks as code."""
    parts = escape(text).split("`")
    return "".join(f"<code>{part}</code>" if index % 2 else part for index, part in enumerate(parts))
