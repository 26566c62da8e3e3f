"""The page at /docs in a real browser: it shows every call, complains of nothing and asks nobody else."""

import asyncio
import re
from pathlib import Path

from markethall_gateway.endpoints.openapi.document import openapi_document
from markethall_protos.v1 import ROUTES
from tests.browser.chromium import executable, open_page
from tests.gateway.gateways import running_gateway
from tools.loopback import free_port


async def test_the_documentation_shows_every_operation(tmp_path: Path) -> None:
    executable()
    async with running_gateway(f"127.0.0.1:{free_port()}") as gateway:
        page = await asyncio.to_thread(open_page, f"{gateway.url}/docs", tmp_path)
    assert page.console == []
    paths = openapi_document(ROUTES, "0.1.0")["paths"]
    expected = {each["operationId"] for operations in paths.values() for each in operations.values()}
    shown = set(re.findall(r'id="operations-(?!tag-)[A-Za-z_]+?-([A-Za-z]+(?:_\d+)?)"', page.html))
    assert shown == expected


async def test_a_page_about_a_problem_is_shown_without_complaint(tmp_path: Path) -> None:
    executable()
    async with running_gateway(f"127.0.0.1:{free_port()}") as gateway:
        page = await asyncio.to_thread(open_page, f"{gateway.url}/problems/unavailable", tmp_path)
    assert page.console == []
    assert "<h1>The venue cannot answer now</h1>" in page.html
