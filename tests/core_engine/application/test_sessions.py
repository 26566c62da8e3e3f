"""Sessions end however full the queue is."""

import asyncio

import msgspec
import pytest

from markethall_common.clock import ManualClock
from markethall_engine.application.sequencer import QueueFull, Sequencer
from markethall_engine.application.sessions import Sessions
from markethall_engine.domain.exchange import Exchange
from markethall_engine.domain.instructions import Instructions
from tests.core_engine.application.commands import ALICE, OPENING, buy
from tests.core_engine.application.test_sequencer import HeldJournal, flushing


async def test_a_session_ends_after_what_fills_the_queue():
    journal, exchange = HeldJournal(), Exchange()
    sequencer = Sequencer(exchange, journal, ManualClock(1), queue_limit=len(OPENING) + 1)
    sessions = Sessions(exchange, sequencer)
    run = asyncio.create_task(sequencer.run())
    mine = msgspec.structs.replace(buy(ALICE, 100), instructions=Instructions(session_id="mine"))
    opened = asyncio.create_task(sequencer.submit([*OPENING, mine]))
    await flushing(journal)
    with pytest.raises(QueueFull):
        await sequencer.submit([mine])
    sessions.end("mine")
    for _ in range(3):
        journal.let_go()
    await sessions.ended()
    await opened
    assert exchange.sessions() == []
    sequencer.drain()
    await run


async def test_a_session_of_an_engine_that_has_stopped_is_left_to_the_next_start():
    exchange = Exchange()
    sequencer = Sequencer(exchange, HeldJournal(), ManualClock(1))
    sessions = Sessions(exchange, sequencer)
    sequencer.drain()
    await sequencer.run()
    sessions.end("mine")
    await sessions.ended()
    await sessions.ended()
    assert sequencer.sequence == 0
