"""An engine in memory with a small market, and a client of it."""

from collections.abc import AsyncIterator

import pytest

from tests.core_engine.rpc.client import Client
from tests.engine_process import running_engine


@pytest.fixture
async def client() -> AsyncIterator[Client]:
    """A client of an engine with BTC-USD, and the accounts `maker` and `taker` with plenty of both."""
    async with running_engine() as engine:
        client = Client(engine.channel)
        await client.open_market()
        yield client
