"""The inspection tool, on real journals: what it shows, exports, and finds."""

import csv
import io
import json
import sqlite3
from collections import deque
from collections.abc import Sequence
from contextlib import closing
from itertools import islice
from pathlib import Path

import msgspec
import pytest

from markethall_engine.application.record import Record
from markethall_engine.domain.commands import (
    Command,
    CreateAccount,
    Transfer,
    UpdateInstrument,
    UpdateRiskLimits,
)
from markethall_engine.domain.decision import Duplicate
from markethall_engine.domain.events import Event, TradeExecuted
from markethall_engine.domain.exchange import Exchange
from markethall_engine.domain.instructions import Instructions
from markethall_engine.domain.instrument import FeeRates, InstrumentStatus
from markethall_engine.domain.margin import Margin
from markethall_engine.journal.snapshot_process import write_snapshot
from markethall_engine.journal.snapshots import SnapshotDirectory
from markethall_engine.journal.sqlite import SqliteJournal
from tests.core_engine.application.commands import ALICE, BOB, OPENING, buy, cancel, sell
from tests.core_engine.application.traffic import traffic
from tools.inspect_journal import main

START_NS = 1_795_440_600_000_000_000  # 2026-11-23T13:30:00Z, and then a second a record
SECOND_NS = 1_000_000_000


def write_journal(path: Path, commands: Sequence[Command]) -> None:
    exchange = Exchange()
    with closing(SqliteJournal(path)) as journal:
        sequence = 1
        waiting = deque(commands)
        while waiting or exchange.next_command(START_NS + sequence * SECOND_NS):
            time_ns = START_NS + sequence * SECOND_NS
            command = exchange.next_command(time_ns) or waiting.popleft()
            decision = exchange.decide(command, sequence, time_ns)
            if isinstance(decision, Duplicate):
                continue
            for event in decision:
                exchange.apply(event, sequence, time_ns)
            journal.append([Record(sequence, time_ns, command, decision)])
            sequence += 1
        journal.flush()


@pytest.fixture
def journal(tmp_path: Path) -> Path:
    """The opening, and at 10 to 13 an order that is filled in part and canceled, and one that is refused."""
    path = tmp_path / "journal.sqlite"
    orders = [buy(ALICE, 6_500_025, 50, "mine"), sell(BOB, 6_500_000, 20), cancel(ALICE, 10), buy(ALICE, 0)]
    write_journal(path, [*OPENING, *orders])
    return path


def exported(capsys: pytest.CaptureFixture[str], journal: Path, *options: str) -> list[dict]:
    assert main(["export", str(journal), *options]) == 0
    return [json.loads(line) for line in capsys.readouterr().out.splitlines()]


def test_what_an_order_asks_and_what_the_venue_owes_is_shown_in_decimals_and_names(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    path = tmp_path / "journal.sqlite"
    asked = Instructions(order_group_id="pair", take_profit_ticks=7_000_000)
    entry = msgspec.structs.replace(buy(ALICE, 6_500_000, 20), instructions=asked)
    write_journal(path, [*OPENING, sell(BOB, 6_500_000, 20), entry])
    placed, followed = exported(capsys, path, "--first", "11")
    assert placed["command"]["instructions"] == {"order_group_id": "pair", "take_profit": "70000"}
    assert followed["command"] == {"kind": "PlaceExit", "order_id": 11, "leg": "TAKE_PROFIT"}
    assert [event["kind"] for event in followed["events"]] == [
        "FollowUpTaken",
        "OrderAccepted",
        "OrderRested",
    ]
    assert followed["events"][1]["instructions"] == {"parent_order_id": 11}
    assert main(["verify", str(path)]) == 0


def test_accounts_transfers_and_liquidations_are_shown_in_decimals(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    path = tmp_path / "journal.sqlite"
    commands: list[Command] = [
        UpdateInstrument("BTC-USD", fee_tiers={"vip": FeeRates(50, 100)}),
        CreateAccount("desk", parent_account_id=ALICE, margin=Margin(500_000, 250_000)),
        Transfer(ALICE, "desk", "USD", 10_000_000, "a thousand"),
        sell(BOB, 10_000, 10),
        buy(ALICE, 10_000, 10),  # a price of 100 to begin with
        buy(BOB, 10_000, 1_000),
        msgspec.structs.replace(sell(BOB, 10_000, 1_000), account_id="desk"),
        sell(BOB, 16_100, 1_010),
        buy(ALICE, 16_100, 10),
    ]
    write_journal(path, [*OPENING, *commands])
    listed, created, moved, *_, last = exported(capsys, path, "--first", "10")
    tiers = listed["events"][0]["instrument"]["fee_tiers"]
    assert tiers == {"vip": {"maker_fee": "0.00005", "taker_fee": "0.0001"}}
    margin = {"initial": "0.5", "maintenance": "0.25"}
    assert created["command"]["margin"] == created["events"][0]["account"]["margin"] == margin
    assert moved["events"] == [
        {
            "kind": "FundsTransferred",
            "account_id": ALICE,
            "to_account_id": "desk",
            "asset": "USD",
            "amount": "1000",
            "reference": "a thousand",
            "available": "99999999000",
            "reserved": "0",
            "to_available": "1000",
            "to_reserved": "0",
        }
    ]
    assert last["command"] == {"kind": "Liquidate", "account_id": "desk", "symbol": "BTC-USD"}
    assert last["events"][-1] == {
        "kind": "Liquidated",
        "account_id": "desk",
        "symbol": "BTC-USD",
        "asset": "USD",
        "order_id": last["sequence"],
        "filled": "10",
        "canceled_orders": 0,
    }
    assert main(["verify", str(path)]) == 0


def test_a_duration_is_shown_in_seconds_and_an_end_that_is_not_set_as_none(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    path = tmp_path / "journal.sqlite"
    begin = UpdateInstrument("BTC-USD", status=InstrumentStatus.AUCTION, volatility_auction_ns=90_500_000_000)
    write_journal(path, [*OPENING, begin])
    [record] = exported(capsys, path, "--first", str(len(OPENING) + 1))
    updated, begun = record["events"]
    assert updated["instrument"]["volatility_auction_seconds"] == "90.5"
    assert begun["end_time"] == "none"


def test_a_record_is_exported_in_decimals_and_names(
    capsys: pytest.CaptureFixture[str], journal: Path
) -> None:
    (record,) = exported(capsys, journal, "--first", "11", "--until", "11")
    assert record == {
        "sequence": 11,
        "time": "2026-11-23T13:30:11.000000000Z",
        "command": {
            "kind": "PlaceOrder",
            "account_id": "bob",
            "client_order_id": "",
            "symbol": "BTC-USD",
            "instrument_revision": 1,
            "side": "SELL",
            "order_type": "LIMIT",
            "time_in_force": "GTC",
            "quantity": "0.2",
            "price": "65000",
            "refused_because": "",
        },
        "events": [
            {
                "kind": "OrderAccepted",
                "order_id": 11,
                "account_id": "bob",
                "client_order_id": "",
                "symbol": "BTC-USD",
                "side": "SELL",
                "order_type": "LIMIT",
                "time_in_force": "GTC",
                "quantity": "0.2",
                "price": "65000",
                "reserved": "0.2",
                "maker_fee": "0.0001",
                "taker_fee": "0.00025",
                "tick_revision": 1,
            },
            {
                "kind": "TradeExecuted",
                "trade_id": 1,
                "symbol": "BTC-USD",
                "price": "65000.25",
                "quantity": "0.2",
                "notional": "13000.05",
                "taker_side": "SELL",
                "maker_order_id": 10,
                "maker_account_id": "alice",
                "maker_fee": "1.3001",
                "maker_leaves": "0.3",
                "maker_reserved": "19504.95",
                "taker_order_id": 11,
                "taker_account_id": "bob",
                "taker_fee": "3.2501",
                "taker_leaves": "0",
                "taker_reserved": "0",
            },
        ],
    }


@pytest.mark.parametrize(
    ("options", "sequences"),
    [
        ([], list(range(1, 14))),
        (["--account", "bob"], [5, 8, 9, 11]),
        (["--account", "bob", "--symbol", "BTC-USD"], [11]),
        (["--symbol", "BTC-USD"], [3, 10, 11, 12, 13]),
        (["--order-id", "10"], [10, 11, 12]),
        (["--kind", "CancelOrder"], [12]),
        (["--kind", "TradeExecuted", "--kind", "AssetCreated"], [1, 2, 11]),
        (["--first", "4", "--until", "6"], [4, 5, 6]),
        (["--since-time", "2026-11-23T13:30:12Z"], [12, 13]),
        (["--until-time", "2026-11-23T14:30:03+01:00"], [1, 2]),
        (["--account", "nobody"], []),
    ],
)
def test_records_are_chosen(
    capsys: pytest.CaptureFixture[str], journal: Path, options: list[str], sequences: list[int]
) -> None:
    assert [record["sequence"] for record in exported(capsys, journal, *options)] == sequences


def test_trades_are_exported_as_csv(
    capsys: pytest.CaptureFixture[str], journal: Path, tmp_path: Path
) -> None:
    output = tmp_path / "trades.csv"
    assert main(["export", str(journal), "--form", "trades", "--output", str(output)]) == 0
    (row,) = csv.DictReader(io.StringIO(output.read_text()))
    assert row == {
        "trade_id": "1",
        "sequence": "11",
        "time": "2026-11-23T13:30:11.000000000Z",
        "symbol": "BTC-USD",
        "price": "65000.25",
        "quantity": "0.2",
        "notional": "13000.05",
        "taker_side": "SELL",
        "maker_order_id": "10",
        "maker_account_id": "alice",
        "maker_fee": "1.3001",
        "taker_order_id": "11",
        "taker_account_id": "bob",
        "taker_fee": "3.2501",
    }
    assert "1 trades written" in capsys.readouterr().out


def test_risk_limits_are_exported_in_decimals(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    path = tmp_path / "journal.sqlite"
    limits = UpdateRiskLimits(ALICE, max_position={"BTC-USD": 150_000_000}, max_daily_loss={"USD": 5})
    write_journal(path, [*OPENING, limits])
    record = exported(capsys, path)[-1]
    assert record["command"] == {
        "kind": "UpdateRiskLimits",
        "account_id": ALICE,
        "max_position": {"BTC-USD": "1.5"},
        "max_daily_loss": {"USD": "0.0005"},
    }


def test_records_are_shown_with_their_events_below(capsys: pytest.CaptureFixture[str], journal: Path) -> None:
    assert main(["show", str(journal), "--order-id", "10", "--last", "2"]) == 0
    lines = capsys.readouterr().out.splitlines()
    kinds = [words[0] for line in lines if (words := line.split("│")[3:4]) and words[0].strip()]
    assert [kind.strip() for kind in kinds] == [
        "PlaceOrder",
        "OrderAccepted",
        "TradeExecuted",
        "CancelOrder",
        "OrderCanceled",
    ]
    assert any("price=65000.25 quantity=0.2 notional=13000.05" in line for line in lines)


def test_no_more_records_are_shown_than_asked_for(capsys: pytest.CaptureFixture[str], journal: Path) -> None:
    assert main(["show", str(journal), "--limit", "3"]) == 0
    output = capsys.readouterr().out
    assert "CreateInstrument" in output
    assert "CreateAccount" not in output


def test_a_summary_counts_commands_and_events(capsys: pytest.CaptureFixture[str], journal: Path) -> None:
    assert main(["summary", str(journal)]) == 0
    words = capsys.readouterr().out.replace("│", " ").split()
    assert "13 records" in " ".join(words)
    assert [words[words.index(kind) + 1] for kind in ("PlaceOrder", "TradeExecuted", "Deposit")] == [
        "3",
        "1",
        "4",
    ]


def test_an_empty_journal_is_summed_up_and_sound(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    path = tmp_path / "journal.sqlite"
    write_journal(path, [])
    assert main(["summary", str(path)]) == main(["verify", str(path)]) == 0
    assert "0 records" in capsys.readouterr().out


def test_a_sound_journal_is_decided_again_without_a_difference(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    path = tmp_path / "journal.sqlite"
    write_journal(path, [*OPENING, *islice(traffic(seed=4), 1_000)])
    write_snapshot(path, tmp_path / "snapshots")
    with closing(SqliteJournal(path)) as running:
        assert main(["verify", str(path)]) == 0
        sequence = running.last_sequence
    output = capsys.readouterr().out
    assert f"{sequence} records" in output
    assert "compared with 1 snapshots" in output
    assert "no difference" in output


def test_an_event_that_was_not_decided_is_found(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    honest, path = tmp_path / "honest.sqlite", tmp_path / "journal.sqlite"
    write_journal(honest, [*OPENING, buy(ALICE, 100), sell(BOB, 100)])
    with closing(SqliteJournal(honest)) as source, closing(SqliteJournal(path)) as forged:
        for record in source.read(0):
            events: list[Event] = [
                msgspec.structs.replace(event, taker_fee=event.taker_fee - 1)
                if isinstance(event, TradeExecuted)
                else event
                for event in record.events
            ]
            forged.append([msgspec.structs.replace(record, events=events)])
        forged.flush()
    assert main(["verify", str(path)]) == 1
    output = capsys.readouterr().out
    assert "11 PlaceOrder(account_id='bob'" in output
    assert "1 differences" in output


def test_a_snapshot_that_is_not_what_the_records_make_is_found(
    capsys: pytest.CaptureFixture[str], journal: Path, tmp_path: Path
) -> None:
    directory = tmp_path / "elsewhere"
    write_snapshot(journal, directory)
    (snapshot,) = SnapshotDirectory(directory).newest_first()
    SnapshotDirectory(directory).write(msgspec.structs.replace(snapshot, digest="0" * 64))
    assert main(["verify", str(journal), "--snapshots", str(directory)]) == 1
    assert "13 snapshot with digest 000" in capsys.readouterr().out


def test_a_corrupt_record_is_named(capsys: pytest.CaptureFixture[str], journal: Path) -> None:
    with closing(sqlite3.connect(journal, isolation_level=None)) as edit:
        edit.execute("UPDATE records SET record = replace(record, 'alice', 'mallo') WHERE sequence = 6")
    assert main(["verify", str(journal)]) == 1
    assert "record 6: its checksum does not match" in capsys.readouterr().err


def test_a_journal_that_is_not_there_is_an_error(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    assert main(["summary", str(tmp_path / "none.sqlite")]) == 2
    assert "there is no journal" in capsys.readouterr().err


@pytest.mark.parametrize(
    "options", [["--kind", "PlaceOder"], ["--since-time", "yesterday"], ["--first", "one"], ["--no-such"]]
)
def test_an_option_that_makes_no_sense_is_refused(journal: Path, options: list[str]) -> None:
    with pytest.raises(SystemExit) as refusal:
        main(["show", str(journal), *options])
    assert refusal.value.code == 2
