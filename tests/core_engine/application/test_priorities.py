"""What urgent commands overtake and what they never do, and the room that is kept for them."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass

import pytest
from hypothesis import given
from hypothesis import strategies as st

from markethall_common.clock import ManualClock
from markethall_engine.application.record import Record
from markethall_engine.application.sequencer import EngineStopped, Outcome, QueueFull, Sequencer
from markethall_engine.domain.commands import (
    CancelAllOrders,
    CancelOrder,
    Command,
    CreateAsset,
    EndSession,
    PlaceOrder,
    SetTradingState,
    Transfer,
)
from markethall_engine.domain.exchange import Exchange
from markethall_engine.domain.risk.trading_switch import TradingState
from markethall_engine.journal.memory import MemoryJournal
from tests.core_engine.application.commands import ALICE, BOB, OPENING, SYMBOL, buy, cancel
from tests.core_engine.application.test_sequencer import HeldJournal, flushing, running, sequencer_on, turns

CAROL = "carol"
STREAM, OTHER_STREAM = object(), object()

Submission = tuple[Sequence[Command], object | None, bool]
"""Commands, their origin, whether they are said to be urgent."""


async def order_of(*submissions: Submission, group_limit: int = 512) -> list[Command]:
    """Submit all before the first is decided, and return the commands as they were decided."""
    journal = MemoryJournal()
    sequencer = Sequencer(Exchange(), journal, ManualClock(1), group_limit=group_limit)
    waiting = [
        asyncio.create_task(sequencer.submit(commands, origin=origin, is_urgent=is_urgent))
        for commands, origin, is_urgent in submissions
    ]
    await turns()
    async with running(sequencer):
        await asyncio.gather(*waiting)
    return [record.command for record in journal.read(0)]


def normal(*commands: Command, by: object | None = None) -> Submission:
    return commands, by, False


def urgent(*commands: Command, by: object | None = None) -> Submission:
    return commands, by, True


HALT = SetTradingState(TradingState.HALTED)


@pytest.mark.parametrize(
    "command", [cancel(CAROL, 1), CancelAllOrders(CAROL), SetTradingState(TradingState.HALTED, CAROL), HALT]
)
async def test_an_urgent_cancel_or_switch_overtakes_what_others_have_waiting(command: Command):
    first, second = buy(ALICE, 1), buy(BOB, 2)
    assert await order_of(normal(first), normal(second, by=STREAM), urgent(command)) == [
        command,
        first,
        second,
    ]


async def test_what_is_not_urgent_keeps_its_place():
    assert await order_of(normal(buy(ALICE, 1)), normal(cancel(CAROL, 1))) == [
        buy(ALICE, 1),
        cancel(CAROL, 1),
    ]


async def test_an_order_said_to_be_urgent_keeps_its_place():
    orders = [buy(ALICE, 1), buy(BOB, 2)]
    assert await order_of(normal(orders[0]), urgent(orders[1])) == orders
    mixed = [cancel(BOB, 1), orders[1]]
    assert await order_of(normal(orders[0]), urgent(*mixed)) == [orders[0], *mixed]


async def test_a_command_of_the_same_account_is_not_overtaken_but_what_came_behind_it_is():
    before, own, behind = buy(ALICE, 1), buy(CAROL, 2), buy(BOB, 3)
    decided = await order_of(
        normal(before), normal(own, by=STREAM), normal(behind), urgent(cancel(CAROL, 1), by=OTHER_STREAM)
    )
    assert decided == [before, own, cancel(CAROL, 1), behind]


async def test_a_command_of_the_same_stream_is_not_overtaken_whosever_it_is():
    decided = await order_of(
        normal(buy(ALICE, 1), by=STREAM), normal(buy(BOB, 2)), urgent(cancel(CAROL, 1), by=STREAM)
    )
    assert decided == [buy(ALICE, 1), cancel(CAROL, 1), buy(BOB, 2)]


async def test_both_accounts_of_a_transfer_keep_their_order():
    transfer = Transfer(ALICE, CAROL, "USD", 1)
    assert await order_of(normal(transfer), urgent(cancel(CAROL, 1))) == [transfer, cancel(CAROL, 1)]


async def test_a_switch_of_an_instrument_is_not_decided_before_the_instrument_is_there():
    switch = SetTradingState(TradingState.HALTED, symbol=SYMBOL)
    decided = await order_of(normal(*OPENING[:3]), normal(buy(ALICE, 1)), urgent(switch))
    assert decided == [*OPENING[:3], switch, buy(ALICE, 1)]


async def test_urgent_ones_keep_their_order_unless_one_waits_behind_its_own():
    orders = [buy(ALICE, 1), buy(BOB, 2)]
    decided = await order_of(
        *map(normal, orders), urgent(cancel(BOB, 1)), urgent(cancel("dave", 2)), urgent(cancel(CAROL, 3))
    )
    assert decided == [cancel("dave", 2), cancel(CAROL, 3), *orders, cancel(BOB, 1)]


async def test_the_rest_of_a_submission_too_large_for_one_turn_is_overtaken():
    journal = MemoryJournal()
    sequencer = sequencer_on(journal, group_limit=4)
    async with running(sequencer):
        orders = [buy(ALICE, price) for price in range(1, 21)]
        large = asyncio.create_task(sequencer.submit(orders))
        while sequencer.sequence < 4:
            await asyncio.sleep(0)
        (switch,) = await sequencer.submit([cancel(BOB, 1)], is_urgent=True)
        await large
    assert isinstance(switch, Record)
    assert 4 < switch.sequence <= 9
    decided = [record.command for record in journal.read(0)]
    assert [command for command in decided if isinstance(command, PlaceOrder)] == orders


async def test_a_batch_is_overtaken_whole():
    journal = MemoryJournal()
    sequencer = sequencer_on(journal, group_limit=2)
    quotes = [buy(ALICE, price) for price in range(1, 6)]
    batch = asyncio.create_task(sequencer.submit_all_or_none(quotes, origin=STREAM))
    await turns()
    switch = asyncio.create_task(sequencer.submit([HALT], is_urgent=True, origin=OTHER_STREAM))
    await turns()
    async with running(sequencer):
        await asyncio.gather(batch, switch)
    first, *rest = (record.command for record in journal.read(0))
    assert first == HALT
    assert [command.price_ticks for command in rest if isinstance(command, PlaceOrder)] == [1, 2, 3, 4, 5]


async def test_a_full_queue_has_room_for_cancels_and_switches_of_whatever_priority():
    journal = HeldJournal()
    async with running(sequencer_on(journal, queue_limit=64)) as sequencer:
        opened = asyncio.create_task(sequencer.submit(OPENING))
        await flushing(journal)
        taken = [asyncio.create_task(sequencer.submit([buy(ALICE, 1)])) for _ in range(60 - len(OPENING))]
        await turns()
        for refused in ([buy(ALICE, 1)], [cancel(ALICE, 1), buy(ALICE, 1)]):
            with pytest.raises(QueueFull) as refusal:
                await sequencer.submit(refused)
            assert (refusal.value.limit, refusal.value.waiting) == (60, 60)
        relief: list[Command] = [cancel(ALICE, 10), CancelAllOrders(BOB), HALT, EndSession("session")]
        taken += [asyncio.create_task(sequencer.submit([command])) for command in relief]
        await turns()
        assert sequencer.waiting_commands == 64
        with pytest.raises(QueueFull) as refusal:
            await sequencer.submit([cancel(ALICE, 11)], is_urgent=True)
        assert (refusal.value.limit, refusal.value.waiting) == (64, 64)
        journal.let_go()
        journal.let_go()
        await asyncio.gather(opened, *taken)
        assert sequencer.waiting_commands == 0


async def test_whoever_waits_when_the_engine_stops_is_told_wherever_in_the_line_it_is():
    sequencer = sequencer_on(MemoryJournal())
    not_commands: Sequence[Command] = ("nonsense",)  # type: ignore[assignment]
    submissions = [
        urgent(cancel(CAROL, 1)),
        normal(*not_commands),
        normal(buy(ALICE, 1)),
        urgent(cancel(ALICE, 1)),
        normal(buy(BOB, 1)),
    ]
    waiting = [
        asyncio.create_task(sequencer.submit(commands, is_urgent=is_urgent))
        for commands, _, is_urgent in submissions
    ]
    await turns()
    with pytest.raises(EngineStopped):
        await sequencer.run()
    told = await asyncio.gather(*waiting, return_exceptions=True)
    assert [type(answer) for answer in told] == [EngineStopped] * 5


ACCOUNTS = [ALICE, BOB, CAROL, ""]
ORIGINS = [None, STREAM, OTHER_STREAM]


@dataclass(frozen=True)
class Drawn:
    accounts: tuple[str, ...]
    """A command for each; "" is one for no account."""
    is_relief: bool
    is_said_urgent: bool
    origin: object | None
    turns: int
    """Of the event loop before the next one."""

    @property
    def is_urgent(self) -> bool:
        return self.is_relief and self.is_said_urgent

    def commands(self, number: int) -> list[Command]:
        return [self._command(f"{number}.{place}", who) for place, who in enumerate(self.accounts)]

    def _command(self, name: str, account_id: str) -> Command:
        if self.is_relief:
            return (
                CancelOrder(account_id, 0, name) if account_id else SetTradingState(HALT.state, reason=name)
            )
        return buy(account_id, 1, client_order_id=name) if account_id else CreateAsset(name, 0)

    def shares(self, other: "Drawn") -> bool:
        is_of_one_origin = self.origin is not None and self.origin is other.origin
        return is_of_one_origin or bool({*self.accounts} & {*other.accounts})


drawn = st.builds(
    Drawn,
    st.lists(st.sampled_from(ACCOUNTS), min_size=1, max_size=3).map(tuple),
    st.booleans(),
    st.booleans(),
    st.sampled_from(ORIGINS),
    st.sampled_from([0, 0, 0, 1, 2]),
)


@given(st.lists(drawn, max_size=12), st.integers(1, 4))
def test_own_commands_keep_their_order_and_others_are_overtaken(flow: list[Drawn], group_limit: int):
    """Of random submissions, some of which come while those before are being decided."""
    seen: dict[int, int] = {}  # the engine's sequence when the submission came
    sequences: list[list[int]] = []

    async def run() -> None:
        sequencer = sequencer_on(MemoryJournal(), group_limit=group_limit)

        async def submit(number: int, entry: Drawn) -> list[Outcome]:
            seen[number] = sequencer.sequence
            return await sequencer.submit(
                entry.commands(number), origin=entry.origin, is_urgent=entry.is_said_urgent
            )

        tasks = []
        async with running(sequencer):
            for number, entry in enumerate(flow):
                tasks.append(asyncio.create_task(submit(number, entry)))
                await turns(entry.turns)
            sequences.extend(
                [outcome.sequence for outcome in outcomes if isinstance(outcome, Record)]
                for outcomes in await asyncio.gather(*tasks)
            )

    asyncio.run(run())
    assert [len(decided) for decided in sequences] == [len(entry.accounts) for entry in flow]
    for later, entry in enumerate(flow):
        assert sequences[later] == sorted(sequences[later])
        is_free = True  # whether nothing that it shares anything with waits behind the one looked at
        for earlier in reversed(range(later)):
            other = flow[earlier]
            waited = [sequence for sequence in sequences[earlier] if sequence > seen[later]]
            if entry.shares(other):
                assert sequences[earlier][-1] < sequences[later][0]
                is_free = is_free and not waited
            elif not entry.is_urgent:
                if not other.is_urgent:
                    assert sequences[earlier][-1] < sequences[later][0]
            elif is_free and not other.is_urgent and waited:
                assert sequences[later][0] < waited[0]
