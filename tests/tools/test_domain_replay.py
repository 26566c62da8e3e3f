"""Recorded flow straight into the domain gives what was recorded, and what comes of it at a venue."""

import json

import pytest

from tests.tools.lobster_sample import SAMPLES
from tests.tools.recordings import BUY, SELL, event, recorded_day, recording
from tools import replay
from tools.recorded_flow.domain_replay import DomainReplay
from tools.recorded_flow.files import read_recording
from tools.recorded_flow.recording import Recording
from tools.recorded_flow.replay import Outcome

SAMPLE = next(SAMPLES.glob("*_message_3.csv"))


def run(recorded: Recording) -> Outcome:
    domain_replay = DomainReplay(recorded, quote_asset="USD", verify=True)
    outcome = domain_replay.run(lambda _: None)
    assert domain_replay.exchange.violations() == []
    return outcome


def test_a_recorded_session_comes_out_fill_by_fill_and_row_by_row() -> None:
    recorded = read_recording(SAMPLE)
    outcome = run(recorded)
    evidence = outcome.evidence
    assert evidence is not None
    assert (outcome.refusal_count, evidence.differences) == (0, [])
    assert evidence.orders.equal == evidence.orders.compared > 0
    assert evidence.rows.equal + evidence.rows_inside.equal == len(recorded.events)
    assert outcome.trade_count == sum(event.kind.value == "execute" for event in recorded.events)


def test_the_command_needs_no_venue(capsys: pytest.CaptureFixture[str]) -> None:
    assert replay.main([str(SAMPLE), "--domain", "--json", "--symbol=ABC-EUR", "--quote-asset=EUR"]) == 0
    outcome = json.loads(capsys.readouterr().out)
    assert outcome["refused"] == 0
    assert outcome["rows"]["equal"] == outcome["rows"]["compared"] > 300
    assert outcome["batch_latency_ms"] == {}


def test_a_refused_command_is_counted_and_named() -> None:
    outcome = run(
        recording(
            [
                event(1, "place", 11, SELL, 4, 10500),
                event(2, "take", 0, BUY, 4, 0),
                event(3, "take", 0, BUY, 4, 0),
            ]
        )
    )
    assert (outcome.trade_count, outcome.refusal_count, outcome.has_faults) == (1, 1, True)
    assert outcome.refusals[0].reason.startswith("NO_LIQUIDITY: ")


@pytest.mark.timeout(300)
def test_a_real_day_fills_the_recorded_makers_and_gives_the_recorded_books() -> None:
    """At least what a reference replay reaches; every difference has a cause in the recording."""
    outcome = run(read_recording(recorded_day()))
    evidence = outcome.evidence
    assert evidence is not None
    assert not outcome.has_faults
    assert evidence.orders.equal >= 0.9954 * evidence.orders.compared > 1_000
    assert evidence.rows.equal >= 0.999 * evidence.rows.compared > 10_000
    assert evidence.rows_inside.equal >= 0.999 * evidence.rows_inside.compared
