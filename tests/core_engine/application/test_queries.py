"""Reads at one moment of the exchange and its projections."""

import asyncio

from markethall_engine.application.queries import Queries
from tests.core_engine.application.commands import ALICE, buy
from tests.core_engine.application.running_venue import RunningVenue


async def test_a_read_with_projections_finds_both_at_one_command_while_others_keep_coming(
    running: RunningVenue,
) -> None:
    queries = Queries(running.state.exchange, running.sequencer)
    is_over = False

    async def keep_busy() -> None:
        while not is_over:
            await running.sequencer.submit([buy(ALICE, 1, 1)] * 3)

    busy = [asyncio.create_task(keep_busy()) for _ in range(4)]
    seen = set()
    while len(seen) < 50:
        await asyncio.sleep(0)
        answer = await queries.read_with_projections(lambda exchange: exchange.sequence)
        assert running.state.market_data.sequence == answer.sequence == answer.value
        seen.add(answer.sequence)
    is_over = True
    await asyncio.gather(*busy)
