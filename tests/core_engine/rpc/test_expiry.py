"""Orders that end by themselves, through the contract."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta

import pytest

from markethall_common.clock import ManualClock
from markethall_protos import v1
from tests.core_engine.rpc.client import BUY, Client, order, refused
from tests.engine_process import running_engine

NOW = datetime(2026, 11, 24, 15, 30, tzinfo=UTC)
MIDNIGHT = datetime(2026, 11, 25, tzinfo=UTC)


def nanoseconds(time: datetime) -> int:
    return int(time.timestamp()) * 1_000_000_000


@pytest.fixture
async def clock() -> ManualClock:
    return ManualClock(nanoseconds(NOW))


@pytest.fixture
async def client(clock: ManualClock) -> AsyncIterator[Client]:
    async with running_engine(clock=clock) as engine:
        client = Client(engine.channel)
        await client.open_market()
        yield client


async def test_day_and_gtd_orders_are_told_as_expired_when_their_time_comes(
    client: Client, clock: ManualClock
) -> None:
    stream = client.orders.stream_execution_reports(v1.StreamExecutionReportsRequest("maker"))
    await stream.initial_metadata()
    until = NOW + timedelta(minutes=1)
    day = (await client.place(time_in_force=v1.TimeInForce.DAY)).order
    timed = (await client.place(time_in_force=v1.TimeInForce.GTD, expire_time=until)).order
    assert day is not None and timed is not None
    assert (day.status, day.time_in_force, day.expire_time) == (
        v1.OrderStatus.NEW,
        v1.TimeInForce.DAY,
        MIDNIGHT,
    )
    assert (timed.time_in_force, timed.expire_time) == (v1.TimeInForce.GTD, until)
    for _ in range(2):
        await stream.read()
    for ended, time in ((timed, until), (day, MIDNIGHT)):
        clock.set(nanoseconds(time))
        report = (await stream.read()).report
        assert report is not None and report.order is not None
        assert report.type is v1.ExecutionType.EXPIRED
        assert (report.order.order_id, report.order.status, report.order.cancel_reason) == (
            ended.order_id,
            v1.OrderStatus.EXPIRED,
            v1.CancelReason.EXPIRED,
        )
        assert report.order.update_time == time
    read = await client.orders.get_order(v1.GetOrderRequest(order_id=day.order_id, account_id="maker"))
    assert read.order is not None and read.order.status is v1.OrderStatus.EXPIRED


async def test_a_time_that_has_come_is_refused_by_the_venue(client: Client) -> None:
    placed = (await client.place(time_in_force=v1.TimeInForce.GTD, expire_time=NOW)).order
    assert placed is not None
    assert (placed.status, placed.reject_reason) == (
        v1.OrderStatus.REJECTED,
        v1.RejectReason.INVALID_PARAMETERS,
    )


async def test_a_day_order_sent_again_the_next_day_gets_its_first_reply(
    client: Client, clock: ManualClock
) -> None:
    first = await client.place(time_in_force=v1.TimeInForce.DAY, client_order_id="once")
    clock.set(nanoseconds(MIDNIGHT + timedelta(hours=3)))
    assert await client.place(time_in_force=v1.TimeInForce.DAY, client_order_id="once") == first


@pytest.mark.parametrize(
    ("fields", "description"),
    [
        ({"time_in_force": v1.TimeInForce.GTD}, "required: when the GTD order ends"),
        ({"expire_time": MIDNIGHT}, "expected a GTD order's, found one of GTC"),
        (
            {"time_in_force": v1.TimeInForce.DAY, "expire_time": MIDNIGHT},
            "expected a GTD order's, found one of DAY",
        ),
        (
            {"time_in_force": v1.TimeInForce.GTD, "expire_time": datetime(1960, 1, 1, tzinfo=UTC)},
            "expected a time from 1970 to 2262, found 1960-01-01 00:00:00+00:00",
        ),
    ],
)
async def test_a_time_that_makes_no_sense_is_named(
    client: Client, fields: dict[str, object], description: str
) -> None:
    error = await refused(client.orders.place_order(order(side=BUY, **fields)))
    assert error.violations == {"expire_time": description}
