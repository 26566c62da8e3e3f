"""Execution reports show an order exactly as the exchange had it, whenever they are made."""

from collections.abc import Callable, Iterator
from itertools import islice

import pytest

from markethall_engine.application.execution_reports import ExecutionReport, OrderTracker
from markethall_engine.application.record import Record
from markethall_engine.domain.commands import UpdateInstrument
from markethall_engine.domain.decision import Duplicate
from markethall_engine.domain.events import OrderAccepted, OrderCanceled, TradeExecuted
from markethall_engine.domain.exchange import Exchange
from markethall_engine.domain.instrument import Instrument, Step
from markethall_engine.domain.order import OrderRecord, OrderStatus
from tests.core_engine.application.commands import ALICE, BOB, OPENING, buy, cancel, sell
from tests.core_engine.application.traffic import traffic
from tests.core_engine.domain import builders, stop_builders
from tests.core_engine.domain.builders import BUY, SELL, SYMBOL


class Venue:
    """An exchange with its records kept."""

    def __init__(self) -> None:
        self.exchange = Exchange()
        self.records: list[Record] = []

    def process(self, *commands: object) -> Iterator[Record]:
        for command in commands:
            sequence = len(self.records) + 1
            decision = self.exchange.decide(command, sequence, 5 * sequence)
            if isinstance(decision, Duplicate):
                continue
            for event in decision:
                self.exchange.apply(event, sequence, 5 * sequence)
            self.records.append(Record(sequence, 5 * sequence, command, decision))
            yield self.records[-1]

    def order(self, order_id: int) -> OrderRecord:
        order = self.exchange.order(order_id)
        assert order is not None
        return order


def instrument_of(exchange: Exchange) -> Callable[[str], Instrument]:
    def instrument(symbol: str) -> Instrument:
        found = exchange.instrument(symbol)
        assert found is not None
        return found

    return instrument


@pytest.fixture
def venue() -> Venue:
    venue = Venue()
    for _ in venue.process(*OPENING):
        pass
    return venue


def test_an_order_is_reported_from_its_acceptance_to_its_end(venue: Venue) -> None:
    tracker = OrderTracker(ALICE, [], instrument_of(venue.exchange))
    commands = [buy(ALICE, 100, 30), sell(BOB, 100, 10), sell(BOB, 99, 5), cancel(ALICE, 10)]
    reports = [report for record in venue.process(*commands) for report in tracker.reports(record)]
    assert [(report.sequence, type(report.event), report.order.status) for report in reports] == [
        (10, OrderAccepted, OrderStatus.NEW),
        (11, TradeExecuted, OrderStatus.PARTIALLY_FILLED),
        (12, TradeExecuted, OrderStatus.PARTIALLY_FILLED),
        (13, OrderCanceled, OrderStatus.CANCELED),
    ]
    assert [report.order.filled_lots for report in reports] == [0, 10, 15, 15]
    assert reports[-1].order == venue.order(10)


def test_a_trade_of_an_account_with_itself_is_reported_for_both_orders(venue: Venue) -> None:
    tracker = OrderTracker(ALICE, [], instrument_of(venue.exchange))
    maker, *taker = [
        report
        for record in venue.process(buy(ALICE, 100, 10), sell(ALICE, 100, 10))
        for report in tracker.reports(record)
    ]
    assert maker.order.order_id == 10
    assert [(report.order.order_id, report.order.status) for report in taker] == [
        (11, OrderStatus.NEW),
        (10, OrderStatus.FILLED),
        (11, OrderStatus.FILLED),
    ]


@pytest.mark.parametrize("seed", range(3))
def test_every_report_shows_the_order_as_the_exchange_has_it(venue: Venue, seed: int) -> None:
    trackers = {
        account_id: OrderTracker(account_id, [], instrument_of(venue.exchange)) for account_id in (ALICE, BOB)
    }
    compared = 0
    for record in venue.process(*islice(traffic(seed), 2_000)):
        for tracker in trackers.values():
            last = {report.order.order_id: report.order for report in tracker.reports(record)}
            for order_id, order in last.items():
                assert order == venue.order(order_id)
                compared += 1
    assert compared > 2_000


@pytest.mark.parametrize("kept", [1, 10, 300, 1_500])
def test_reports_made_later_are_the_ones_that_were_made_then(venue: Venue, kept: int) -> None:
    then = OrderTracker(ALICE, [], instrument_of(venue.exchange))
    records = list(venue.process(*islice(traffic(seed=9), 1_600)))
    live = [report for record in records for report in then.reports(record)]
    window = records[-kept:]

    later = OrderTracker.before(
        window, ALICE, venue.exchange.live_orders(ALICE), venue.order, instrument_of(venue.exchange)
    )
    resumed = [report for record in window for report in later.reports(record)]
    assert resumed == [report for report in live if report.sequence >= window[0].sequence]
    assert_same_from_now_on(venue, then, later)


def test_a_released_order_is_reported_at_its_price_though_the_tick_size_changed_while_it_waited() -> None:
    at = stop_builders.market()
    tracker = OrderTracker("taker", [], instrument_of(at.exchange))
    seen = len(at.records)
    order_id = stop_builders.place(at, stop_builders.stop(BUY, 1, 104, limit=106))
    at.submit(UpdateInstrument(SYMBOL, instrument_revision=1, tick_size=Step(2, 2)))
    at.place("seller", SELL, 1, 52, instrument_revision=2)
    at.submit(builders.order("buyer", BUY, 1, 52, instrument_revision=2))
    accepted, triggered = [
        report.order
        for record in at.records[seen:]
        # As its account's stream has them: without the change itself, which concerns no account.
        if not isinstance(record.command, UpdateInstrument)
        for report in tracker.reports(Record(record.sequence, record.time_ns, record.command, record.events))
    ]
    assert (accepted.status, triggered.status) == (OrderStatus.PENDING_TRIGGER, OrderStatus.NEW)
    assert (accepted.price_ticks, accepted.tick_revision) == (106, 1)
    assert (triggered.price_ticks, triggered.tick_revision) == (53, 2)
    now = stop_builders.record_of(at, order_id)
    assert (now.price_ticks, now.tick_revision) == (53, 2)


def assert_same_from_now_on(venue: Venue, one: OrderTracker, other: OrderTracker) -> None:
    for record in venue.process(*islice(traffic(seed=10, first_sequence=len(venue.records) + 1), 300)):
        reports: list[ExecutionReport] = list(one.reports(record))
        assert list(other.reports(record)) == reports
