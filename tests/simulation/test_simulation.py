"""The engine's domain and the oracle give the same events for the same traffic, seed by seed."""

from collections import Counter

import pytest

from markethall_engine.domain.exchange import Exchange
from markethall_engine.domain.reasons import CancelReason, RejectReason
from markethall_engine.domain.risk.limits import RiskLimits
from tests.simulation.simulator import run

RUNS, COMMANDS = 400, 150
_REASONS = {reason.name for reason in (*RejectReason, *CancelReason)} - {
    # The traffic creates nothing twice; other tests do.
    "ALREADY_EXISTS",
}
_KINDS = (
    "AccountUpdated",
    "AuctionBegun",
    "AuctionEnded",
    "FollowUpTaken",
    "FundsTransferred",
    "Liquidated",
    "OrderCanceled",
    "OrderReduced",
    "OrderRefreshed",
    "OrderReplaced",
    "OrderRested",
    "OrderTriggered",
    "RiskLimitsUpdated",
    "SessionEnded",
    "TradeExecuted",
    "TradePrevented",
    "TradingStateSet",
)


@pytest.mark.parametrize("first_seed", range(0, RUNS, 20))
def test_engine_and_oracle_agree(first_seed):
    for seed in range(first_seed, first_seed + 20):
        run(seed, COMMANDS)


def test_the_traffic_makes_everything_happen():
    """A simulator that only ever rejects would agree with anything."""
    kinds: Counter[str] = Counter()
    reasons: Counter[str] = Counter()
    limits = set()
    for seed in range(60):
        for _, _, _, events in run(seed, 300):
            for event in events:
                kinds[type(event).__name__] += 1
                if hasattr(event, "reason"):
                    reasons[event.reason.name] += 1
                if getattr(event, "reason", None) is RejectReason.RISK_LIMIT:
                    limits.add(event.detail.split()[0])
    assert min(kinds[kind] for kind in _KINDS) > 30
    assert set(reasons) == _REASONS
    assert limits == set(RiskLimits.__struct_fields__)


@pytest.mark.parametrize("seed", range(10))
def test_a_snapshot_anywhere_and_the_rest_of_the_journal_give_the_live_state(seed):
    journal = run(seed, 100)
    live = Exchange()
    snapshots = []
    for sequence, time_ns, _, events in journal:
        snapshots.append(live.snapshot())
        for event in events:
            live.apply(event, sequence, time_ns)
    for start in range(0, len(journal), 7):
        exchange = Exchange.restore(snapshots[start])
        for sequence, time_ns, command, events in journal[start:]:
            assert exchange.decide(command, sequence, time_ns) == events
            for event in events:
                exchange.apply(event, sequence, time_ns)
        assert exchange.digest() == live.digest()
