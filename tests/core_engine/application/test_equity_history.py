"""What accounts were worth then, from events alone."""

import msgspec

from markethall_engine.application.equity_history import MINUTE_NS, EquityHistory, EquityPoint, first_kept
from markethall_engine.application.record import Record
from markethall_engine.domain.commands import Command, CreateAsset, Deposit
from markethall_engine.domain.events import Event, InstrumentUpdated
from markethall_engine.domain.instrument import Step
from tests.core_engine.domain.builders import BUY, SELL, SYMBOL, Venue, order, venue

HOUR_NS = 60 * MINUTE_NS
DAY_NS = 24 * HOUR_NS


class Followed:
    """A venue whose equity history follows it; its first hour begins at `start_ns`."""

    def __init__(self, built: Venue | None = None) -> None:
        self.venue = built or venue(funds=1_000)
        self.history = EquityHistory()
        self.history.publish([_record(record) for record in self.venue.records])
        self.start_ns = (self.venue.time_ns // HOUR_NS + 1) * HOUR_NS

    def submit(self, command: Command, hours: float) -> None:
        """Have a command come so many hours after the start."""
        self.venue.time_ns = self.start_ns + round(hours * HOUR_NS) - 1_000_000_000
        self.venue.submit(command)
        self.history.publish([_record(self.venue.records[-1])])

    def happen(self, event: Event, hours: float) -> None:
        """Have an event come that the venue does not decide by itself."""
        time_ns = self.start_ns + round(hours * HOUR_NS)
        self.history.publish([Record(self.venue.sequence + 1, time_ns, CreateAsset("X", 0), [event])])

    def usd(self, hours: float, account_id: str = "maker") -> int:
        return self.history.equities(account_id, self.start_ns + round(hours * HOUR_NS))["USD"]


def _record(record) -> Record:
    return Record(record.sequence, record.time_ns, record.command, record.events)


def traded(price_ticks: int, hours: float = 0.5) -> Followed:
    """`maker` has sold one lot to `taker`."""
    at = Followed()
    at.submit(order("maker", SELL, 1, price_ticks), hours)
    at.submit(order("taker", BUY, 1, price_ticks), hours)
    return at


def test_equity_is_cash_and_holdings_at_the_last_price_before():
    at = traded(10)
    assert [at.usd(hours) for hours in (0, 0.5, 1)] == [1_000, 1_000, 1_010 + 999 * 10]


def test_what_a_minute_begins_with_is_before_what_comes_at_that_very_time():
    at = Followed()
    at.submit(Deposit("maker", "USD", 5), 1)
    assert (at.usd(1), at.usd(1 + 1 / 60)) == (1_000, 1_005)


def test_a_price_of_others_changes_what_a_holding_is_worth():
    at = traded(10)
    before = at.usd(1, "taker")
    at.submit(order("maker", SELL, 1, 12), 1.5)
    at.submit(order("taker", BUY, 1, 12), 1.5)
    assert at.usd(2, "taker") - before == -12 + 1_002 * 12 - 1_001 * 10


def test_an_account_that_nobody_knows_has_no_equity():
    at = traded(10)
    assert at.history.equities("nobody", at.start_ns) == {}


def test_points_are_at_whole_multiples_from_the_start_to_before_the_end():
    at = traded(10)
    points = at.history.points("maker", HOUR_NS, at.start_ns - 1, at.start_ns + 2 * HOUR_NS)
    assert list(points) == [
        EquityPoint(at.start_ns, {"USD": 1_000}),
        EquityPoint(at.start_ns + HOUR_NS, {"USD": 11_000}),
    ]


def test_another_tick_size_moves_the_last_price_to_one_of_its_multiples_half_to_even():
    at = traded(13)
    instrument = at.venue.exchange.instrument(SYMBOL)
    assert instrument is not None
    wider = msgspec.structs.replace(instrument, tick_size=Step(2, 2), tick_value=2 * instrument.tick_value)
    at.happen(InstrumentUpdated(wider), 1.5)
    assert (at.usd(1), at.usd(2)) == (1_013 + 999 * 13, 1_013 + 999 * 12)
    at.happen(InstrumentUpdated(msgspec.structs.replace(wider, maker_fee_ppm=1)), 2.5)
    assert at.usd(3) == at.usd(2)


def test_full_hours_are_kept_for_ever_and_minutes_for_seven_days():
    now_ns = 1_000 * DAY_NS + 90 * MINUTE_NS
    assert first_kept(now_ns, 2 * HOUR_NS) == 0
    assert first_kept(now_ns, 30 * MINUTE_NS) == 993 * DAY_NS + HOUR_NS


def test_a_restored_history_goes_on_as_the_one_it_was_made_of():
    at = traded(10)
    restored = EquityHistory()
    restored.restore(at.history.snapshot())
    at.submit(order("maker", SELL, 1, 12), 1.5)
    restored.publish([_record(at.venue.records[-1])])
    at.submit(order("taker", BUY, 1, 12), 1.5)
    restored.publish([_record(at.venue.records[-1])])
    assert restored.snapshot() == at.history.snapshot()
    assert restored.equities("maker", at.start_ns + 2 * HOUR_NS)["USD"] == at.usd(2)
