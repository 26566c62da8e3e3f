"""What holds for any commands whatever. `Venue` checks every invariant after every command."""

import msgspec
from hypothesis import given, settings
from hypothesis import strategies as st

from markethall_engine.domain.commands import Command
from markethall_engine.domain.events import Event
from markethall_engine.domain.exchange import Duplicate, Exchange
from markethall_engine.domain.order import OrderRecord, OrderStatus
from markethall_engine.domain.reasons import CancelReason
from tests.core_engine.domain.strategies import commands, small_venue

traffic = st.lists(commands, min_size=15, max_size=60)


@given(traffic)
@settings(max_examples=150, deadline=None)
def test_no_commands_break_an_invariant(sent):
    at = small_venue()
    for command in sent:
        at.decide(command)


@given(traffic)
@settings(max_examples=60, deadline=None)
def test_every_order_adds_up_and_says_how_it_ended(sent):
    at = small_venue()
    for command in sent:
        at.decide(command)
    for order_id in range(at.sequence + 1):
        order = at.exchange.order(order_id)
        if order is not None:
            _check(order)


def _check(order: OrderRecord) -> None:
    assert order.filled_lots + order.leaves_lots + order.canceled_lots == order.quantity_lots
    is_pending = order.status is OrderStatus.PENDING_TRIGGER
    is_live = is_pending or order.status in (OrderStatus.NEW, OrderStatus.PARTIALLY_FILLED)
    assert is_live is (order.leaves_lots > 0)
    assert (is_live and not is_pending) or order.reserved == 0
    assert (order.status is OrderStatus.FILLED) is (order.filled_lots == order.quantity_lots)
    assert (order.cancel_reason is not None) is (order.status in (OrderStatus.CANCELED, OrderStatus.EXPIRED))
    was_refused = order.cancel_reason is CancelReason.REFUSED_AT_TRIGGER
    assert (order.reject_reason is not None) is (order.status is OrderStatus.REJECTED or was_refused)


@given(traffic)
@settings(max_examples=60, deadline=None)
def test_deciding_changes_nothing_and_deciding_again_gives_the_same_events(sent):
    at = small_venue()
    for command in sent:
        before = at.exchange.digest()
        first = at.exchange.decide(command, at.sequence + 1, at.time_ns)
        assert at.exchange.decide(command, at.sequence + 1, at.time_ns) == first
        assert at.exchange.digest() == before
        at.decide(command)


@given(traffic, st.randoms(use_true_random=False))
@settings(max_examples=60, deadline=None)
def test_a_snapshot_and_the_records_after_it_give_the_live_state(sent, chance):
    at = small_venue()
    for command in sent:
        at.decide(command)
    records = at.records
    cut = chance.randint(0, len(records))
    replayed = Exchange()
    for record in records[:cut]:
        _apply(replayed, record.events, record.sequence, record.time_ns)
    restored = Exchange.restore(replayed.snapshot())
    for record in records[cut:]:
        for exchange in (replayed, restored):
            decision = exchange.decide(record.command, record.sequence, record.time_ns)
            assert decision == record.events
            assert not isinstance(decision, Duplicate)
            _apply(exchange, decision, record.sequence, record.time_ns)
    assert replayed.digest() == restored.digest() == at.exchange.digest()
    assert restored.violations() == []


@given(traffic)
@settings(max_examples=60, deadline=None)
def test_commands_and_events_survive_the_journal_s_encoding(sent):
    at = small_venue()
    for command in sent:
        at.decide(command)
    events = msgspec.msgpack.Decoder(list[Event])
    command_of = msgspec.msgpack.Decoder(Command)
    for record in at.records:
        assert events.decode(msgspec.msgpack.encode(record.events)) == record.events
        assert command_of.decode(msgspec.msgpack.encode(record.command)) == record.command


def _apply(exchange: Exchange, events: list[Event], sequence: int, time_ns: int) -> None:
    for event in events:
        exchange.apply(event, sequence, time_ns)
