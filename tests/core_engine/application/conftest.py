from collections.abc import AsyncIterator

import pytest

from tests.core_engine.application.running_venue import RunningVenue, running_venue


@pytest.fixture
async def running() -> AsyncIterator[RunningVenue]:
    async with running_venue() as venue:
        yield venue
