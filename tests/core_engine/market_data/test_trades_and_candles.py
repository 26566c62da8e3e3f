"""Trades, candles and tickers."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from markethall_engine.domain.instrument import Step
from markethall_engine.market_data import candles, trades
from markethall_engine.market_data.candle_chart import CandleChart
from markethall_engine.market_data.candles import Candle, CandleInterval, CandleSeries
from markethall_engine.market_data.depth import BestBidOffer
from markethall_engine.market_data.ticker import Ticker
from markethall_engine.market_data.trades import Trade, TradeTape
from tests.core_engine.domain.builders import BUY, SELL
from tests.core_engine.market_data.builders import SYMBOL, FollowedVenue

MINUTE_NS = 60_000_000_000
MIDNIGHT_NS = 20_000 * 24 * 60 * MINUTE_NS


def trade(trade_id: int, *, price_ticks: int = 100, time_ns: int = MIDNIGHT_NS) -> Trade:
    return Trade(trade_id, SYMBOL, price_ticks, 1, price_ticks, BUY, trade_id, time_ns)


def traded(at: FollowedVenue, *fills: tuple[int, int], time_ns: int) -> None:
    """One aggressive order at `time_ns` that takes `(quantity, price)` after `(quantity, price)`."""
    for quantity, price in fills:
        at.place("ann", SELL, quantity, price)
    at.at(time_ns)
    at.place("bob", BUY, sum(quantity for quantity, _ in fills))


def test_trades_are_told_in_the_order_of_execution():
    at = FollowedVenue()
    at.place("ann", SELL, 5, 100)
    at.place("ann", SELL, 5, 101)
    update = at.place("bob", BUY, 7, 101)
    sequence, now = at.venue.sequence, at.venue.time_ns
    assert update.trades == [
        Trade(1, SYMBOL, 100, 5, 500, BUY, sequence, now),
        Trade(2, SYMBOL, 101, 2, 202, BUY, sequence, now),
    ]


def test_trades_are_listed_newest_first_and_by_page():
    tape = TradeTape(trade(number) for number in range(1, 6))
    assert [found.trade_id for found in tape.newest_first(2)] == [5, 4]
    assert [found.trade_id for found in tape.newest_first(2, before=4)] == [3, 2]
    assert [found.trade_id for found in tape.newest_first()] == [5, 4, 3, 2, 1]


def test_the_oldest_trades_are_forgotten(monkeypatch):
    monkeypatch.setattr(trades, "CAPACITY", 3)
    tape = TradeTape()
    for number in range(1, 6):
        tape.add([trade(number)])
    assert [found.trade_id for found in tape] == [3, 4, 5]


def test_a_candle_sums_up_the_trades_of_its_interval():
    at = FollowedVenue()
    traded(at, (1, 100), (2, 103), time_ns=MIDNIGHT_NS + 1)
    traded(at, (4, 99), time_ns=MIDNIGHT_NS + MINUTE_NS - 1)
    expected = Candle(
        open_time_ns=MIDNIGHT_NS,
        open_ticks=100,
        high_ticks=103,
        low_ticks=99,
        close_ticks=99,
        volume_lots=7,
        notional=100 + 206 + 396,
        trade_count=3,
    )
    assert at.gold.candles(CandleInterval.ONE_MINUTE) == [expected]
    assert at.gold.candles(CandleInterval.ONE_DAY) == [expected]
    assert len(at.gold.candles(CandleInterval.ONE_SECOND)) == 2
    assert at.gold.last_candle(CandleInterval.ONE_HOUR) == expected


def test_an_interval_begins_at_a_whole_multiple_of_its_length():
    at = FollowedVenue()
    traded(at, (1, 100), time_ns=MIDNIGHT_NS + 17 * MINUTE_NS + 5)
    begins = {name: at.gold.last_candle(name).open_time_ns - MIDNIGHT_NS for name in CandleInterval}
    assert begins == {
        CandleInterval.ONE_SECOND: 17 * MINUTE_NS,
        CandleInterval.ONE_MINUTE: 17 * MINUTE_NS,
        CandleInterval.FIVE_MINUTES: 15 * MINUTE_NS,
        CandleInterval.FIFTEEN_MINUTES: 15 * MINUTE_NS,
        CandleInterval.ONE_HOUR: 0,
        CandleInterval.ONE_DAY: 0,
    }


def test_an_interval_without_a_trade_has_no_candle():
    at = FollowedVenue()
    traded(at, (1, 100), time_ns=MIDNIGHT_NS)
    traded(at, (1, 101), time_ns=MIDNIGHT_NS + 3 * MINUTE_NS)
    assert [candle.close_ticks for candle in at.gold.candles(CandleInterval.ONE_MINUTE)] == [100, 101]


def series(*minutes: int) -> CandleSeries:
    built = CandleSeries(CandleInterval.ONE_MINUTE)
    for minute in minutes:
        built.add(Candle(minute * MINUTE_NS + 7, 1, 1, 1, 1, 1, 1, 1))
    return built


@pytest.mark.parametrize(
    ("start", "end", "limit", "expected"),
    [
        (None, None, None, [1, 2, 3, 5]),
        (2, None, None, [2, 3, 5]),
        (None, 3, None, [1, 2]),
        (2, 5, None, [2, 3]),
        (1, None, 2, [1, 2]),
        (None, None, 2, [3, 5]),
        (None, 4, 2, [2, 3]),
        (None, None, 0, []),
    ],
)
def test_candles_between_two_times(start, end, limit, expected):
    found = series(1, 2, 3, 5).between(
        None if start is None else start * MINUTE_NS, None if end is None else end * MINUTE_NS, limit
    )
    assert [candle.open_time_ns // MINUTE_NS for candle in found] == expected


def test_the_oldest_candles_are_forgotten(monkeypatch):
    monkeypatch.setattr(candles, "CAPACITY", 2)
    assert [candle.open_time_ns // MINUTE_NS for candle in series(1, 2, 3)] == [2, 3]


def test_enough_minutes_are_kept_for_a_day():
    assert candles.CAPACITY >= 24 * 60


def test_a_ticker_before_the_first_trade_has_only_best_prices():
    at = FollowedVenue()
    at.place("ann", SELL, 5, 100)
    best = at.gold.best_bid_offer()
    assert at.gold.ticker(at.venue.time_ns) == Ticker(
        SYMBOL, None, best, None, at.venue.time_ns, price_step=Step(1, 2)
    )


def test_a_ticker_has_the_last_trade_and_the_day_up_to_now():
    at = FollowedVenue()
    traded(at, (1, 100), (1, 90), time_ns=MIDNIGHT_NS)
    traded(at, (2, 120), time_ns=MIDNIGHT_NS + 10 * MINUTE_NS)
    ticker = at.gold.ticker(MIDNIGHT_NS + 11 * MINUTE_NS)
    assert ticker.last.price_ticks == 120
    assert ticker.best == BestBidOffer(SYMBOL, None, None, 5, MIDNIGHT_NS + 10 * MINUTE_NS)
    assert ticker.day == Candle(MIDNIGHT_NS, 90, 120, 90, 120, 4, 430, 3)
    assert ticker.update_time_ns == MIDNIGHT_NS + 10 * MINUTE_NS


def test_a_ticker_s_day_is_the_minute_under_way_and_the_1439_before_it():
    at = FollowedVenue()
    traded(at, (1, 100), time_ns=MIDNIGHT_NS + MINUTE_NS - 1)
    day_ns = 24 * 60 * MINUTE_NS
    assert at.gold.ticker(MIDNIGHT_NS + day_ns - 1).day.trade_count == 1
    assert at.gold.ticker(MIDNIGHT_NS + day_ns).day is None


@given(
    st.lists(
        st.tuples(st.integers(0, 9) | st.integers(0, 6 * 3600), st.integers(1, 50), st.booleans()),
        min_size=1,
        max_size=30,
    )
)
def test_every_interval_sums_up_the_same_trades(happened):
    """However trades fall, and whoever looks meanwhile, candles join to what one pass over trades gives."""
    by_time = sorted(happened, key=lambda one: one[0])
    chart = CandleChart(Step(1, 2))
    for number, (half_seconds, price, looks) in enumerate(by_time):
        chart.add(trade(number, price_ticks=price, time_ns=MIDNIGHT_NS + half_seconds * 500_000_000))
        if looks:
            assert chart.series(CandleInterval.ONE_DAY).last().close_ticks == price
    prices = [price for _, price, _ in by_time]
    for interval in CandleInterval:
        kept = list(chart.series(interval))
        joined = kept[0]
        for later in kept[1:]:
            assert later.open_time_ns > joined.open_time_ns
            joined = joined.joined(later)
        assert (joined.open_ticks, joined.high_ticks, joined.low_ticks, joined.close_ticks) == (
            prices[0],
            max(prices),
            min(prices),
            prices[-1],
        )
        assert (joined.volume_lots, joined.notional, joined.trade_count) == (
            len(prices),
            sum(prices),
            len(prices),
        )
