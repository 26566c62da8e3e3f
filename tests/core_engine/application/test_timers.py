"""The engine wakes up when an order's time has come, though nobody asks for anything."""

import asyncio

from markethall_common.clock import ManualClock
from markethall_engine.application.record import Record
from markethall_engine.application.timers import Alarm
from markethall_engine.domain.commands import ExpireOrders, PlaceOrder
from markethall_engine.domain.instructions import Instructions
from markethall_engine.domain.order import OrderStatus, Side, TimeInForce
from tests.core_engine.application.commands import ALICE, order
from tests.core_engine.application.running_venue import RunningVenue


def ending(time_ns: int) -> PlaceOrder:
    return order(
        ALICE, Side.BUY, 100, time_in_force=TimeInForce.GTD, instructions=Instructions(expire_time_ns=time_ns)
    )


async def sequence_reaches(running: RunningVenue, sequence: int) -> None:
    while running.sequencer.durable_sequence < sequence:
        await asyncio.sleep(0)


async def test_an_order_ends_at_its_time_on_an_idle_engine(running: RunningVenue) -> None:
    [late, early] = await running.sequencer.submit([ending(900), ending(500)])
    running.clock.set(499)
    await running.sequencer.settled()
    assert len(running.state.exchange.live_orders(ALICE)) == 2
    for time_ns, outcome in ((500, early), (900, late)):
        running.clock.set(time_ns)
        sequence = running.sequencer.durable_sequence + 1
        await sequence_reaches(running, sequence)
        assert isinstance(outcome, Record)
        ended = running.state.exchange.order(outcome.sequence)
        assert ended is not None
        assert (ended.status, ended.update_sequence, ended.update_time_ns) == (
            OrderStatus.EXPIRED,
            sequence,
            time_ns,
        )


async def test_a_timer_that_is_due_comes_before_a_client_s_command(running: RunningVenue) -> None:
    await running.sequencer.submit([ending(500)])
    running.clock.set(600)
    [outcome] = await running.sequencer.submit([ending(700)])
    assert isinstance(outcome, Record)
    [expired] = running.journal.read_each([outcome.sequence - 1])
    assert expired.command == ExpireOrders(600)


async def test_an_alarm_rings_once_at_the_time_that_it_was_set_to_last() -> None:
    clock, rung = ManualClock(0), 0

    def ring() -> None:
        nonlocal rung
        rung += 1

    alarm = Alarm(clock, ring)
    alarm.set(10)
    alarm.set(10)
    alarm.set(20)
    await asyncio.sleep(0)
    clock.set(15)
    await asyncio.sleep(0)
    assert rung == 0
    clock.set(20)
    for _ in range(3):
        await asyncio.sleep(0)
    assert rung == 1
    alarm.set(30)
    alarm.set(None)
    clock.set(40)
    for _ in range(3):
        await asyncio.sleep(0)
    assert rung == 1
