"""The connection test for operators, against real processes. Timings are shown and not judged here."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.engine_process import EngineProcess
from tests.tools.services import gateway_process, serving_engine
from tools import check_connection
from tools.connection_checks.check import Check, Verdict, percentile
from tools.loopback import free_port

Checks = dict[str, dict[str, Any]]


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[EngineProcess]:
    with serving_engine(tmp_path, journal="memory") as engine:
        yield engine


def ask(capsys: pytest.CaptureFixture[str], *, engine: str, gateway: str) -> tuple[int, Checks]:
    """The exit status, and the checks by name."""
    status = check_connection.main([f"--engine={engine}", f"--gateway={gateway}", "--calls=32", "--json"])
    return status, {check["name"]: check for check in json.loads(capsys.readouterr().out)["checks"]}


def test_a_whole_venue_answers_every_question(
    tmp_path: Path, engine: EngineProcess, capsys: pytest.CaptureFixture[str]
) -> None:
    with gateway_process(tmp_path, engine.address) as url:
        status, checks = ask(capsys, engine=engine.address, gateway=url)
    targets = {name: check for name, check in checks.items() if check["target_ms"]}
    assert {name: check["status"] for name, check in checks.items() if name not in targets} == {
        "grpc.health.v1 Check": "ok",
        "HealthCheck": "ok",
        "GET /ping": "ok",
        "GET /ping/core-engine": "ok",
    }
    assert {name: check["target_ms"] for name, check in targets.items()} == {
        "connection set-up": 100,
        "HealthCheck, one caller, median": 1,
        "GET /health, median": 50,
        "GET /ping, 16 in flight, p99": 10,
    }
    assert all(check["measured_ms"] > 0 for check in targets.values())
    assert status in (Verdict.OK, Verdict.SLOW)


def test_an_engine_alone_is_checked_and_the_missing_gateway_is_named(
    engine: EngineProcess, capsys: pytest.CaptureFixture[str]
) -> None:
    nowhere = f"http://127.0.0.1:{free_port()}"
    status, checks = ask(capsys, engine=engine.address, gateway=nowhere)
    assert status == Verdict.FAILED
    assert checks["HealthCheck"]["status"] == "ok"
    assert checks["GET /ping"] == {
        "name": "GET /ping",
        "address": nowhere,
        "status": "failed",
        "detail": "did not answer: Connection refused",
        "measured_ms": None,
        "target_ms": None,
    }
    assert checks["GET /ping/core-engine"]["status"] == "skipped"


def test_a_gateway_alone_is_checked_and_says_which_engine_did_not_answer(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    nowhere = f"127.0.0.1:{free_port()}"
    with gateway_process(tmp_path, nowhere) as url:
        status, checks = ask(capsys, engine=nowhere, gateway=url)
    assert status == Verdict.FAILED
    assert checks["connection set-up"]["detail"] == "did not answer: Connection refused"
    assert checks["GET /ping"]["status"] == "ok"
    assert checks["GET /ping/core-engine"]["status"] == "failed"
    assert nowhere in checks["GET /ping/core-engine"]["detail"]
    assert checks["GET /health, median"]["status"] == "failed"


def test_what_answers_without_speaking_the_protocol_is_found_out(
    tmp_path: Path, engine: EngineProcess, capsys: pytest.CaptureFixture[str]
) -> None:
    status, checks = ask(capsys, engine=engine.address, gateway=f"http://{engine.address}")
    assert status == Verdict.FAILED
    assert checks["GET /ping"]["status"] == "failed"
    assert "not answered as HTTP/1.1" in checks["GET /ping"]["detail"]


def test_the_table_has_a_line_for_each_question(
    engine: EngineProcess, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "160")
    check_connection.main([f"--engine={engine.address}", f"--gateway=http://127.0.0.1:{free_port()}"])
    shown = capsys.readouterr().out
    for words in ("connection set-up", "SERVING", "healthy, version", "Connection refused", "skipped"):
        assert words in shown


def test_a_missed_target_is_slow_and_not_failed() -> None:
    check = Check.timed("ping", "here", measured_ms=2.0, target_ms=1.0, detail="")
    assert check.verdict is Verdict.SLOW


@pytest.mark.parametrize(("fraction", "value"), [(0.5, 2.0), (0.99, 4.0), (0.25, 1.0)])
def test_a_percentile_is_the_nearest_rank(fraction: float, value: float) -> None:
    assert percentile([4.0, 1.0, 3.0, 2.0], fraction) == value
