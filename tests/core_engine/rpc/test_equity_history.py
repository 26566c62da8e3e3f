"""Equity over time through the contract, on an engine whose clock stands still until it is told to move."""

import datetime
from pathlib import Path

import pytest

from markethall_common.clock import ManualClock
from markethall_engine.settings import EngineSettings
from markethall_protos import v1
from tests.core_engine.rpc.client import Client, refused
from tests.engine_process import running_engine

START = datetime.datetime(2026, 3, 1, 22, 30, 30, tzinfo=datetime.UTC)
MINUTE = datetime.timedelta(minutes=1)
HOUR = datetime.timedelta(hours=1)


class Time:
    """The engine's clock, moved by the times that tests speak of."""

    def __init__(self) -> None:
        self.clock = ManualClock()
        self.go_to(START)

    def go_to(self, time: datetime.datetime) -> None:
        self.clock.set(round(time.timestamp()) * 1_000_000_000)


async def history(client: Client, account_id: str = "taker", **asked) -> list[tuple[str, str]]:
    """Time and equity in dollars of each point."""
    request = v1.ListEquityHistoryRequest(account_id, **asked)
    points = (await client.portfolio.list_equity_history(request)).points
    return [told(point) for point in points]


def told(point: v1.EquityPoint) -> tuple[str, str]:
    assert point.time is not None
    [equity] = point.equities
    assert (equity.asset, equity.day_change) == ("USD", "")
    return point.time.strftime("%d %H:%M"), equity.equity


async def live(client: Client, time: Time) -> None:
    """Two accounts with a million dollars and a hundred bitcoin each, and prices at different times."""
    await client.open_market()
    await client.trade(quantity="1", price="100")
    time.go_to(START + 40 * MINUTE)
    await client.trade(quantity="1", price="200")
    time.go_to(START + 90 * MINUTE)
    await client.portfolio.withdraw(v1.WithdrawRequest("taker", "USD", "10000"))
    time.go_to(START + 3 * HOUR)


HOURLY = [
    # 101 BTC at 100, and 999,900 less a fee of 0.2
    ("01 23:00", "1009999.8"),
    # 102 BTC at 200, and 999,700 less 0.6
    ("02 00:00", "1020099.4"),
    ("02 01:00", "1010099.4"),
]


async def test_equity_is_listed_at_each_full_hour_since_the_account_was_created():
    time = Time()
    async with running_engine(clock=time.clock) as engine:
        client = Client(engine.channel)
        await live(client, time)
        assert await history(client) == HOURLY
        assert await history(client, interval_seconds=86_400) == HOURLY[1:2]
        found = await history(client, interval_seconds=60, page_size=1_000)
        assert [point for point in found if point[0].endswith("00")] == HOURLY
        assert found[0] == ("01 22:31", "1009999.8")
        # The trade came half a minute after 23:10.
        assert found[39:41] == [("01 23:10", "1009999.8"), ("01 23:11", "1020099.4")]


async def test_equity_is_listed_from_one_time_to_before_another_page_by_page():
    time = Time()
    async with running_engine(clock=time.clock) as engine:
        client = Client(engine.channel)
        await live(client, time)
        midnight = START.replace(hour=0, minute=0, second=0) + 24 * HOUR
        assert await history(client, start_time=midnight, end_time=midnight + HOUR) == HOURLY[1:2]
        pages, token = [], ""
        while not pages or token:
            page = await client.portfolio.list_equity_history(
                v1.ListEquityHistoryRequest("taker", page_size=2, page_token=token)
            )
            pages.append([told(point) for point in page.points])
            token = page.next_page_token
        assert pages == [HOURLY[:2], HOURLY[2:]]


async def test_an_account_that_had_nothing_has_points_without_equity():
    time = Time()
    async with running_engine(clock=time.clock) as engine:
        client = Client(engine.channel)
        await client.administration.create_account(v1.CreateAccountRequest("idle"))
        time.go_to(START + HOUR)
        request = v1.ListEquityHistoryRequest("idle")
        assert [point.equities for point in (await client.portfolio.list_equity_history(request)).points] == [
            []
        ]


async def test_minutes_are_listed_for_seven_days_and_hours_for_ever():
    time = Time()
    async with running_engine(clock=time.clock) as engine:
        client = Client(engine.channel)
        await live(client, time)
        time.go_to(START + 24 * HOUR * 8)
        assert await history(client, page_size=1) == HOURLY[:1]
        assert await history(client, page_size=1, interval_seconds=1_800) == [("02 22:00", "1010099.4")]


@pytest.mark.parametrize("seconds", [-60, 59, 61])
async def test_an_interval_is_whole_minutes(client: Client, seconds: int):
    error = await refused(
        client.portfolio.list_equity_history(v1.ListEquityHistoryRequest("maker", interval_seconds=seconds))
    )
    assert error.violations == {
        "interval_seconds": f"expected a multiple of 60, or 0 for 3600, found '{seconds}'"
    }


async def day_change(client: Client) -> tuple[str, str]:
    portfolio = (await client.portfolio.get_portfolio(v1.GetPortfolioRequest("taker"))).portfolio
    assert portfolio is not None
    [equity] = portfolio.equities
    return equity.equity, equity.day_change


async def test_the_change_of_a_day_is_since_midnight_and_so_of_a_new_account_all_it_has():
    time = Time()
    async with running_engine(clock=time.clock) as engine:
        client = Client(engine.channel)
        await client.open_market()
        await client.trade(quantity="1", price="100")
        assert await day_change(client) == ("1009999.8", "1009999.8")
        time.go_to(START + 2 * HOUR)
        assert await day_change(client) == ("1009999.8", "0")
        await client.trade(quantity="1", price="90")
        # 101 BTC at ten less, and a fee of 0.18
        assert await day_change(client) == ("1008989.62", "-1010.18")


@pytest.mark.parametrize("snapshot_every", [0, 5])
async def test_equity_over_time_survives_a_restart(tmp_path: Path, snapshot_every: int):
    time = Time()
    settings = EngineSettings(data_directory=tmp_path, snapshot_every=snapshot_every)
    async with running_engine(settings, time.clock) as engine:
        await live(Client(engine.channel), time)
    async with running_engine(settings, time.clock) as engine:
        client = Client(engine.channel)
        assert await history(client) == HOURLY
        assert (await day_change(client))[1] == "-10000"
