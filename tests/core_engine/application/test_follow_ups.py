"""The sequencer does what the venue owes itself."""

import asyncio
from collections.abc import Sequence

from markethall_common.clock import ManualClock
from markethall_engine.application.feed import Feed
from markethall_engine.application.record import Record
from markethall_engine.application.sequencer import Sequencer
from markethall_engine.application.venue_state import VenueState
from markethall_engine.domain.commands import TriggerOrder
from markethall_engine.domain.events import FollowUpTaken
from markethall_engine.domain.exchange import Exchange
from markethall_engine.journal.memory import MemoryJournal
from tests.core_engine.application.commands import OPENING


class Groups:
    """A publisher that remembers how many records it was told of at a time."""

    def __init__(self) -> None:
        self.sizes: list[int] = []

    def publish(self, records: Sequence[Record]) -> None:
        self.sizes.append(len(records))


def owing_exchange(count: int) -> Exchange:
    exchange = Exchange()
    exchange._state.follow_ups.extend(TriggerOrder(number) for number in range(count))
    return exchange


async def test_what_the_journal_s_end_still_owes_is_done_at_the_start() -> None:
    journal, state = MemoryJournal(), VenueState()
    state.exchange = owing_exchange(2)
    sequencer = Sequencer(
        state.exchange, journal, ManualClock(1), [state.account_history, Feed(state.market_data)]
    )
    sequencer.drain()
    await sequencer.run()
    records = list(journal.read(0))
    assert [(record.command, record.events) for record in records] == [
        (TriggerOrder(0), [FollowUpTaken()]),
        (TriggerOrder(1), [FollowUpTaken()]),
    ]
    assert sequencer.durable_sequence == 2


async def test_what_the_venue_owes_itself_comes_before_what_clients_ask() -> None:
    journal = MemoryJournal()
    sequencer = Sequencer(owing_exchange(1), journal, ManualClock(1))
    outcomes = asyncio.ensure_future(sequencer.submit(OPENING))
    await asyncio.sleep(0)
    run = asyncio.create_task(sequencer.run())
    assert [outcome.sequence for outcome in await outcomes] == list(range(2, len(OPENING) + 2))  # type: ignore[union-attr]
    sequencer.drain()
    await run
    assert [record.command for record in journal.read(0)] == [TriggerOrder(0), *OPENING]


async def test_a_group_s_budget_counts_what_the_venue_owes_itself() -> None:
    journal = MemoryJournal()
    groups = Groups()
    sequencer = Sequencer(owing_exchange(5), journal, ManualClock(1), [groups], group_limit=3)
    outcomes = asyncio.ensure_future(sequencer.submit(OPENING[:3]))
    await asyncio.sleep(0)
    run = asyncio.create_task(sequencer.run())
    assert len(await outcomes) == 3
    sequencer.drain()
    await run
    assert groups.sizes == [3, 3, 2]
