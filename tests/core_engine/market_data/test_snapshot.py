"""Market data goes on after a restart as if there had been none."""

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from markethall_engine.market_data.candles import CandleInterval
from markethall_engine.market_data.projection import MarketData
from markethall_engine.market_data.snapshot import MarketDataSnapshotError
from tests.core_engine.domain.builders import BUY, SELL
from tests.core_engine.domain.strategies import commands, small_venue
from tests.core_engine.market_data.builders import FollowedVenue


def test_a_restored_projection_is_the_same_to_every_reader():
    at = FollowedVenue()
    at.place("ann", SELL, 5, 100)
    at.place("bob", BUY, 3, 100)
    at.place("bob", BUY, 3, 98)
    restored = MarketData.restore(at.market_data.snapshot())
    gold, again = at.gold, restored.instrument(at.gold.symbol)
    assert again.depth() == gold.depth()
    assert again.best_bid_offer() == gold.best_bid_offer()
    assert again.trades() == gold.trades()
    assert again.ticker(at.venue.time_ns) == gold.ticker(at.venue.time_ns)
    for interval in CandleInterval:
        assert again.candles(interval) == gold.candles(interval)
    assert (restored.sequence, restored.symbols()) == (at.market_data.sequence, at.market_data.symbols())


@given(st.lists(commands, min_size=15, max_size=40), st.randoms(use_true_random=False))
@settings(max_examples=60, deadline=None)
def test_a_snapshot_and_the_events_after_it_give_the_same_market_data_and_updates(sent, chance):
    at = FollowedVenue(small_venue())
    restored = MarketData.restore(at.market_data.snapshot())
    for command in sent:
        if chance.random() < 0.2:
            restored = MarketData.restore(restored.snapshot())
        known = len(at.venue.records)
        updates = at.submit(command)
        again = [
            update
            for record in at.venue.records[known:]
            for update in restored.apply(record.events, record.sequence, record.time_ns)
        ]
        assert again == updates
    assert restored.snapshot() == at.market_data.snapshot()


@given(st.lists(commands, min_size=15, max_size=40))
@settings(max_examples=30, deadline=None)
def test_what_nobody_is_told_is_followed_all_the_same(sent):
    at = FollowedVenue(small_venue())
    untold = MarketData.restore(at.market_data.snapshot())
    for command in sent:
        known = len(at.venue.records)
        at.submit(command)
        for record in at.venue.records[known:]:
            assert untold.apply(record.events, record.sequence, record.time_ns, tells=False) == []
    assert untold.snapshot() == at.market_data.snapshot()


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\xc1",
        msgspec.msgpack.encode(["markethall-market-data", 99]),
        msgspec.msgpack.encode(["markethall-exchange", 1]),
    ],
)
def test_foreign_bytes_are_refused(data):
    with pytest.raises(MarketDataSnapshotError, match="expected markethall-market-data version 3, found"):
        MarketData.restore(data)
