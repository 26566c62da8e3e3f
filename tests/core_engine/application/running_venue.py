"""A venue that runs in memory, and ways to read its streams."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import TypeVar

from markethall_common.clock import ManualClock
from markethall_engine.application.feed import Feed
from markethall_engine.application.market_streams import MarketStreams
from markethall_engine.application.queries import Queries
from markethall_engine.application.sequencer import Sequencer
from markethall_engine.application.streams import Streams
from markethall_engine.application.venue_state import VenueState
from markethall_engine.journal.memory import MemoryJournal
from tests.core_engine.application.commands import OPENING

T = TypeVar("T")


@dataclass(frozen=True)
class RunningVenue:
    sequencer: Sequencer
    clock: ManualClock
    journal: MemoryJournal
    state: VenueState
    feed: Feed
    streams: Streams
    market_streams: MarketStreams


@asynccontextmanager
async def running_venue() -> AsyncIterator[RunningVenue]:
    """Opened, with small groups, and streams that keep 60 items and resume over 100 records."""
    journal, state, clock = MemoryJournal(), VenueState(), ManualClock(1)
    feed = Feed(state.market_data, limit=60)
    sequencer = Sequencer(state.exchange, journal, clock, [state.account_history, feed], group_limit=7)
    streams = Streams(state.exchange, sequencer, journal, state.account_history, feed, resume_limit=100)
    market_streams = MarketStreams(feed, Queries(state.exchange, sequencer), clock)
    run = asyncio.create_task(sequencer.run())
    await sequencer.submit(OPENING)
    yield RunningVenue(sequencer, clock, journal, state, feed, streams, market_streams)
    sequencer.drain()
    await run


async def take(stream: AsyncIterator[T], count: int) -> list[T]:
    return [await anext(stream) for _ in range(count)]


async def first_of(stream: AsyncIterator[T], feed: Feed) -> "asyncio.Task[T]":
    """Begin to read the first item, and return once the stream has subscribed, which it does when read."""
    before = feed.open_count
    first = asyncio.ensure_future(anext(stream))
    while feed.open_count == before:
        await asyncio.sleep(0)
    return first
