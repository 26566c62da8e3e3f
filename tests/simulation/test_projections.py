"""What is derived from the events says what the exchange says, whatever the traffic."""

from collections import Counter
from contextlib import ExitStack

import msgspec
import pytest

from markethall_engine.application.equity_history import MINUTE_NS, EquityHistory, first_kept
from markethall_engine.application.execution_reports import OrderTracker
from markethall_engine.application.parties import accounts_of
from markethall_engine.application.record import Record
from markethall_engine.domain.events import InstrumentCreated, InstrumentUpdated
from markethall_engine.domain.exchange import Exchange
from markethall_engine.domain.instrument import Step
from markethall_engine.domain.ledger.equity import equities
from markethall_engine.domain.ledger.ledger import EXTERNAL, FEES
from markethall_engine.domain.ledger.movements import movements_of
from markethall_engine.domain.order import OrderRecord, OrderType, Side
from markethall_engine.domain.tick_change import TickChange
from markethall_engine.market_data.projection import MarketData
from tests.core_engine.market_data.book_reader import BookReader
from tests.simulation.simulator import run
from tests.simulation.traffic import ACCOUNTS, SYMBOLS


@pytest.mark.parametrize("seed", range(10))
def test_depth_from_events_is_the_book(seed):
    exchange, market_data = Exchange(), MarketData()
    for sequence, time_ns, _, events in run(seed, 200):
        for event in events:
            exchange.apply(event, sequence, time_ns)
        market_data.apply(events, sequence, time_ns)
        for symbol in market_data.symbols():
            data = market_data.instrument(symbol)
            assert data is not None
            depth = data.depth()
            assert depth.bids == exchange.levels(symbol, Side.BUY)
            assert depth.asks == exchange.levels(symbol, Side.SELL)
    assert set(market_data.symbols()) == set(SYMBOLS)


@pytest.mark.parametrize("seed", range(10))
def test_the_full_book_as_its_readers_keep_it_is_the_book_with_everybodys_place_in_it(seed):
    exchange, market_data = Exchange(), MarketData()
    readers: dict[str, BookReader] = {}
    ticks: dict[str, Step] = {}
    with ExitStack() as reading:
        for sequence, time_ns, _, events in run(seed, 200):
            for event in events:
                exchange.apply(event, sequence, time_ns)
            for update in market_data.apply(events, sequence, time_ns):
                if update.orders is not None:
                    readers[update.symbol].apply(update.orders)
            for event in events:
                if isinstance(event, InstrumentUpdated) and event.instrument.symbol in readers:
                    change = TickChange(ticks[event.instrument.symbol], event.instrument.tick_size)
                    readers[event.instrument.symbol].change_tick(change)
                if isinstance(event, InstrumentCreated | InstrumentUpdated):
                    ticks[event.instrument.symbol] = event.instrument.tick_size
            for symbol in market_data.symbols():
                if symbol not in readers:
                    data = market_data.instrument(symbol)
                    assert data is not None
                    reading.enter_context(data.telling_orders(()))
                    readers[symbol] = BookReader(())
                for side in Side:
                    assert readers[symbol].orders(side) == exchange.book_orders(symbol, side)
    assert set(readers) == set(SYMBOLS)


@pytest.mark.parametrize("seed", range(10))
def test_what_moved_is_what_the_ledger_has_and_every_account_concerned_is_told_of_it(seed):
    exchange = Exchange()
    totals: Counter[tuple[str, str]] = Counter()

    def instrument_of(symbol):
        instrument = exchange.instrument(symbol)
        assert instrument is not None
        return instrument

    for entry in run(seed, 200):
        record = Record(*entry)
        for event in record.events:
            exchange.apply(event, record.sequence, record.time_ns)
            for moved in movements_of(event, instrument_of):
                totals[moved.payer, moved.asset] -= moved.amount
                totals[moved.payee, moved.asset] += moved.amount
                assert {moved.payer, moved.payee} <= {EXTERNAL, FEES, *accounts_of(record)}
    assert totals == Counter(
        {
            (account_id, balance.asset): balance.available + balance.reserved
            for account_id in (*ACCOUNTS, EXTERNAL, FEES)
            for balance in exchange.balances(account_id)
        }
    )


@pytest.mark.parametrize("seed", range(10))
def test_equity_over_time_is_what_it_was_then_whether_lived_or_restored(seed):
    exchange, lived, restored = Exchange(), EquityHistory(), EquityHistory()
    past: dict[int, dict[str, dict[str, int]]] = {}
    minute = 0
    for entry in run(seed, 300):
        record = Record(*entry)
        until = record.time_ns // MINUTE_NS
        if until > minute:
            now = {account_id: _equities(exchange, account_id) for account_id in ACCOUNTS}
            past |= dict.fromkeys((minute + 1, (minute + 60) // 60 * 60, until), now)
            past = {each: known for each, known in past.items() if each <= until}
            minute = until
        for event in record.events:
            exchange.apply(event, record.sequence, record.time_ns)
        lived.publish([record])
        restored.publish([record])
        if record.sequence % 100 == 0:
            data = restored.snapshot()
            restored = EquityHistory()
            restored.restore(data)
    assert restored.snapshot() == lived.snapshot()
    end_ns = minute * MINUTE_NS
    told = 0
    for asked, known in past.items():
        interval_ns = (60 if asked % 60 == 0 else 1) * MINUTE_NS
        if asked * MINUTE_NS >= first_kept(end_ns, interval_ns):
            found = {account_id: lived.equities(account_id, asked * MINUTE_NS) for account_id in ACCOUNTS}
            assert found == known
            told += 1
    assert told > 5


def _equities(exchange: Exchange, account_id: str) -> dict[str, int]:
    instruments = sorted(exchange.instruments(), key=lambda instrument: instrument.symbol)
    tick_values = {instrument.symbol: instrument.tick_value for instrument in instruments}
    totals = {held.asset: held.available + held.reserved for held in exchange.balances(account_id)}
    return equities(
        {asset: total for asset, total in totals.items() if total},
        instruments,
        lambda symbol: exchange.last_price_ticks(symbol) * tick_values[symbol],
    )


def _settled(order: OrderRecord | None) -> OrderRecord | None:
    """The order without what moves with the market: the price of a trailing stop."""
    if order is None or order.order_type is not OrderType.TRAILING_STOP:
        return order
    return msgspec.structs.replace(
        order, instructions=msgspec.structs.replace(order.instructions, stop_price_ticks=0)
    )


@pytest.mark.parametrize("seed", range(10))
def test_execution_reports_show_each_order_as_the_exchange_has_it_then_and_when_resumed(seed):
    journal = [Record(*entry) for entry in run(seed, 200)]
    exchange = Exchange()
    trackers = {account_id: OrderTracker(account_id, [], exchange.instrument) for account_id in ACCOUNTS}
    reports = []
    for record in journal:
        for event in record.events:
            exchange.apply(event, record.sequence, record.time_ns)
        for tracker in trackers.values():
            made = list(tracker.reports(record))
            for report in {report.order.order_id: report for report in made}.values():
                assert _settled(report.order) == _settled(exchange.order(report.order.order_id))
            reports += made
    assert len(reports) > 100

    def order(order_id):
        found = exchange.order(order_id)
        assert found is not None
        return found

    for start in range(0, len(journal), 50):
        window = journal[start:]
        resumed = [
            OrderTracker.before(
                window, account_id, exchange.live_orders(account_id), order, exchange.instrument
            )
            for account_id in ACCOUNTS
        ]
        again = [report for record in window for tracker in resumed for report in tracker.reports(record)]
        assert again == [report for report in reports if report.sequence >= window[0].sequence]
