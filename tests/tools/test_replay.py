"""Recorded flow through a real engine, as an ordinary client of the contract."""

import asyncio
import json
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import grpc.aio
import pytest

from markethall_protos.v1 import (
    AdministrationServiceStub,
    CreateAccountRequest,
    DepositRequest,
    OrderServiceStub,
    OrderStatus,
    PlaceOrderRequest,
    PortfolioServiceStub,
    Side,
)
from tests.engine_process import EngineProcess
from tests.tools.lobster_sample import SAMPLES
from tests.tools.recordings import BUY, SELL, event, recorded_day, recording, row
from tests.tools.services import serving_engine
from tools import replay
from tools.loopback import free_port
from tools.recorded_flow.files import read_recording
from tools.recorded_flow.flow_csv import write_flow_csv
from tools.recorded_flow.market import Market, open_market
from tools.recorded_flow.recording import Recording
from tools.recorded_flow.replay import Outcome, Pace, Replay

SAMPLE = next(SAMPLES.glob("*_message_3.csv"))
BATCHED = Pace(batch_size=16, in_flight=2, speed=None)


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[EngineProcess]:
    with serving_engine(tmp_path, journal="memory", log_level="WARNING") as engine:
        yield engine


def run(engine: EngineProcess, path: Path, *flags: str) -> int:
    return replay.main([str(path), f"--address={engine.address}", *flags])


def run_for_json(
    capsys: pytest.CaptureFixture[str], engine: EngineProcess, path: Path, *flags: str
) -> dict[str, Any]:
    assert run(engine, path, "--json", *flags) == 0
    outcome: dict[str, Any] = json.loads(capsys.readouterr().out)
    return outcome


@asynccontextmanager
async def opened(
    engine: EngineProcess, recorded: Recording
) -> AsyncIterator[tuple[grpc.aio.Channel, Market]]:
    async with engine.channel() as channel:
        yield channel, await open_market(channel, recorded, symbol=recorded.symbol, quote_asset="USD")


async def run_recording(engine: EngineProcess, recorded: Recording) -> Outcome:
    async with opened(engine, recorded) as (channel, market):
        return await Replay(channel, market, recorded, BATCHED, verify=True).run(lambda _: None)


def test_a_recorded_session_comes_out_fill_by_fill_and_row_by_row(
    engine: EngineProcess, capsys: pytest.CaptureFixture[str]
) -> None:
    events = read_recording(SAMPLE).events
    outcome = run_for_json(capsys, engine, SAMPLE)
    assert outcome["refused"] == 0
    assert outcome["differences"] == {"aggressive_orders": {}, "rows": {}}
    for kind in ("aggressive_orders", "rows", "rows_inside_aggressive_orders"):
        assert outcome[kind]["equal"] == outcome[kind]["compared"] > 0
    assert outcome["rows"]["compared"] + outcome["rows_inside_aggressive_orders"]["compared"] == len(events)
    assert outcome["trades"] == sum(event.kind.value == "execute" for event in events)


def test_a_replay_can_be_repeated_at_the_same_venue(
    engine: EngineProcess, capsys: pytest.CaptureFixture[str]
) -> None:
    first = run_for_json(capsys, engine, SAMPLE, "--events=300")
    second = run_for_json(capsys, engine, SAMPLE)
    assert first["rows"]["compared"] < second["rows"]["compared"] == second["rows"]["equal"]


def test_batches_and_pace_change_nothing_that_comes_out(
    engine: EngineProcess, capsys: pytest.CaptureFixture[str]
) -> None:
    whole = run_for_json(capsys, engine, SAMPLE)
    one_by_one = run_for_json(capsys, engine, SAMPLE, "--batch-size=1", "--in-flight=1")
    hurried = run_for_json(capsys, engine, SAMPLE, "--speed=100000")
    for kind in ("aggressive_orders", "rows", "trades"):
        assert whole[kind] == one_by_one[kind] == hurried[kind]


def test_our_csv_of_a_recording_replays_like_the_recording(
    engine: EngineProcess, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    exported = tmp_path / "TEST_export.csv"
    assert run(engine, SAMPLE, f"--export={exported}") == 0
    from_csv = run_for_json(capsys, engine, exported)
    from_lobster = run_for_json(capsys, engine, SAMPLE)
    for kind in ("commands", "aggressive_orders", "rows", "rows_inside_aggressive_orders", "trades"):
        assert from_csv[kind] == from_lobster[kind]


def test_unverified_commands_are_the_same_and_nothing_is_compared(
    engine: EngineProcess, capsys: pytest.CaptureFixture[str]
) -> None:
    verified = run_for_json(capsys, engine, SAMPLE)
    unverified = run_for_json(capsys, engine, SAMPLE, "--no-verify")
    assert unverified["commands"] == verified["commands"]
    assert "rows" not in unverified


def test_the_report_shows_flow_book_and_evidence(
    engine: EngineProcess, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "140")
    assert run(engine, SAMPLE) == 0
    shown = capsys.readouterr().out
    for words in ("commands a second", "p99", "book at the end", "aggressive orders", "100.00 %", "not sent"):
        assert words in shown


async def test_the_book_at_the_end_is_the_recorded_one(engine: EngineProcess) -> None:
    recorded = read_recording(SAMPLE)
    outcome = await run_recording(engine, recorded)
    assert outcome.final_book is not None
    last = recorded.rows[-1]
    assert [(level.price, level.quantity) for level in outcome.final_book.bids] == [
        (f"{price / 10_000:.2f}".rstrip("0").rstrip("."), str(quantity)) for price, quantity in last.bids
    ]


async def test_flow_without_rows_or_executions_matches_as_it_comes(engine: EngineProcess) -> None:
    outcome = await run_recording(
        engine,
        recording(
            [
                event(1, "place", 11, SELL, 4, 10500),
                event(2, "place", 12, BUY, 6, 10600),
                event(3, "reduce", 12, BUY, 1, 10600),
                event(4, "take", 0, SELL, 5, 0),
            ]
        ),
    )
    assert outcome.evidence is not None
    assert (outcome.evidence.orders.compared, outcome.evidence.orders.equal) == (2, 2)
    assert outcome.trade_count == 2
    assert not outcome.has_faults


async def test_a_difference_of_the_recording_is_explained_and_no_fault(engine: EngineProcess) -> None:
    outcome = await run_recording(
        engine,
        recording(
            [
                event(1, "place", 11, SELL, 4, 10500),
                event(2, "place", 12, SELL, 4, 10500),
                event(3, "execute", 12, SELL, 4, 10500),
                event(4, "execute", 11, SELL, 4, 10500),
            ],
            [
                row((), ((10500, 4),)),
                row((), ((10500, 8),)),
                row((), ((10500, 4),)),
                row(),
            ],
            depth=1,
        ),
    )
    assert outcome.evidence is not None
    [difference] = outcome.evidence.order_differences
    assert difference.cause is not None
    assert (outcome.evidence.orders.compared, outcome.evidence.orders.equal) == (2, 1)
    assert outcome.evidence.row_differences == []
    assert not outcome.has_faults


async def test_somebody_elses_order_shows_as_a_fault(engine: EngineProcess) -> None:
    recorded = recording(
        [event(1, "place", 11, SELL, 4, 10500), event(2, "execute", 11, SELL, 4, 10500)],
        [row((), ((10500, 4),)), row()],
        depth=1,
    )
    async with opened(engine, recorded) as (channel, market):
        await rest_an_order(channel, market.symbol, price="105")
        outcome = await Replay(channel, market, recorded, BATCHED, verify=True).run(lambda _: None)
    assert outcome.has_faults
    assert outcome.evidence is not None
    assert [difference.cause for difference in outcome.evidence.differences] == [None, None, None]


async def test_a_book_that_holds_others_orders_is_refused(
    engine: EngineProcess, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    recorded = recording([event(1, "place", 11, SELL, 4, 10500)])
    async with opened(engine, recorded) as (channel, market):
        await rest_an_order(channel, market.symbol, price="106")
    path = tmp_path / "TEST_flow.csv"
    write_flow_csv(recorded, path)
    assert await asyncio.to_thread(run, engine, path) == replay.EXIT_IMPOSSIBLE
    assert "others have orders in TEST" in capsys.readouterr().err.replace("\n", " ")


async def rest_an_order(channel: grpc.aio.Channel, symbol: str, *, price: str) -> None:
    await AdministrationServiceStub(channel).create_account(CreateAccountRequest(account_id="other"))
    await PortfolioServiceStub(channel).deposit(
        DepositRequest(account_id="other", asset=symbol, amount="100")
    )
    response = await OrderServiceStub(channel).place_order(
        PlaceOrderRequest(account_id="other", symbol=symbol, side=Side.SELL, quantity="2", price=price)
    )
    assert response.order is not None
    assert response.order.status is OrderStatus.NEW


def test_a_venue_that_is_not_there_is_named(capsys: pytest.CaptureFixture[str]) -> None:
    address = f"127.0.0.1:{free_port()}"
    assert replay.main([str(SAMPLE), f"--address={address}"]) == replay.EXIT_IMPOSSIBLE
    assert f"{address} did not answer: Connection refused" in capsys.readouterr().err.replace("\n", " ")


def test_a_file_that_is_not_there_is_named(capsys: pytest.CaptureFixture[str]) -> None:
    assert replay.main(["nowhere.zip"]) == replay.EXIT_IMPOSSIBLE
    assert "nowhere.zip: No such file" in capsys.readouterr().err


@pytest.mark.timeout(600)
def test_a_real_day_comes_out_at_least_as_well_as_in_the_reference(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The reference reached 99.54 % of the aggressive orders and 99.927 % of the rows."""
    with serving_engine(tmp_path, log_level="WARNING") as engine:
        outcome = run_for_json(capsys, engine, recorded_day())
    assert outcome["refused"] == 0
    orders, rows = outcome["aggressive_orders"], outcome["rows"]
    inside = outcome["rows_inside_aggressive_orders"]
    assert orders["equal"] >= 0.9954 * orders["compared"]
    assert rows["equal"] >= 0.9992 * rows["compared"]
    assert inside["equal"] >= 0.9992 * inside["compared"]
