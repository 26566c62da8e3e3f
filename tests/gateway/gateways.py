"""The gateway as tests run it: the real application on the real Hypercorn, on a free port of this process."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from typing import Any

import httpx2

from markethall_common.clock import Clock
from markethall_common.shutdown import Shutdown
from markethall_gateway.bootstrap import build_app, open_engine, serve
from markethall_gateway.engine_client import EngineClient
from markethall_gateway.servers.listener import listen, url_of
from markethall_gateway.settings import (
    EngineSettings,
    GatewaySettings,
    RequestSettings,
    StreamSettings,
    TlsSettings,
)


def settings_for(engine_address: str, **changes: Any) -> GatewaySettings:
    """Settings with the engine at `engine_address`; `changes` may name fields of the sections too."""
    sections: dict[str, Any] = {
        "engine": EngineSettings(address=engine_address),
        "request": RequestSettings(),
        "stream": StreamSettings(),
        "tls": TlsSettings(),
    }
    for section, declared in sections.items():
        fields = {name: changes.pop(name) for name in list(changes) if name in declared.__slots__}
        sections[section] = replace(declared, **fields)
    return GatewaySettings(port=0, **sections, **changes)


@dataclass
class Gateway:
    url: str
    http: httpx2.AsyncClient
    engine: EngineClient
    shutdown: Shutdown
    served: "asyncio.Task[None]"


@asynccontextmanager
async def running_gateway(
    engine_address: str, *, clock: Clock | None = None, **changes: Any
) -> AsyncIterator[Gateway]:
    settings = settings_for(engine_address, **changes)
    shutdown = Shutdown(settings.shutdown_grace_s)
    engine = open_engine(settings)
    listener = listen(settings.host, settings.port)
    url = url_of(listener, has_tls=settings.has_tls)
    app = build_app(settings, engine, shutdown, clock)
    served = asyncio.create_task(serve(app, listener, settings, shutdown))
    try:
        async with httpx2.AsyncClient(base_url=url, timeout=20) as http:
            yield Gateway(url, http, engine, shutdown, served)
    finally:
        shutdown.request("test")
        await served
        await engine.close()
