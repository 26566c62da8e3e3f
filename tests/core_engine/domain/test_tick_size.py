"""Another tick size: orders that it cannot express end, and all other prices stay what they are."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from markethall_engine.domain.commands import UpdateInstrument
from markethall_engine.domain.events import CommandRejected, InstrumentUpdated, OrderCanceled
from markethall_engine.domain.exchange import Exchange
from markethall_engine.domain.instructions import Instructions
from markethall_engine.domain.instrument import FormerTick, InstrumentStatus, Step
from markethall_engine.domain.reasons import CancelReason, RejectReason
from markethall_engine.domain.tick_change import TickChange
from tests.core_engine.domain.builders import (
    BUY,
    SELL,
    SYMBOL,
    Venue,
    cancel,
    create_instrument,
    fills,
    kinds,
    order,
    rejection,
    replace,
    venue,
)

FIVE_CENTS, CENT = Step(5, 2), Step(1, 2)


def change_tick(at: Venue, tick_size: Step, **changes):
    revision = at.exchange.instrument(SYMBOL).revision
    return at.submit(UpdateInstrument(SYMBOL, revision, tick_size=tick_size, **changes))


def test_orders_that_the_new_tick_cannot_express_end_first_and_oldest_first():
    at = venue()
    stays, ends = at.place("maker", BUY, 5, 100), at.place("maker", BUY, 5, 99)
    also_ends = at.place("taker", SELL, 3, 101)
    at.submit(create_instrument(symbol="OTHER"))
    elsewhere = at.place("maker", BUY, 1, 99, symbol="OTHER")
    first, second, updated = change_tick(at, FIVE_CENTS)
    reason = CancelReason.TICK_SIZE_CHANGED
    assert first == OrderCanceled(ends, "maker", SYMBOL, BUY, 99, 5, was_resting=True, reason=reason)
    assert second == OrderCanceled(also_ends, "taker", SYMBOL, SELL, 101, 3, was_resting=True, reason=reason)
    assert isinstance(updated, InstrumentUpdated)
    assert at.bids() == [(20, 5, 1)]
    assert at.exchange.order(stays).price_ticks == 20
    assert at.exchange.order(elsewhere).price_ticks == 99


def test_the_instrument_keeps_what_its_ticks_were_worth():
    at = venue(reference_price_ticks=104)
    change_tick(at, FIVE_CENTS)
    instrument = at.exchange.instrument(SYMBOL)
    assert (instrument.revision, instrument.tick_size, instrument.tick_value) == (2, FIVE_CENTS, 5)
    assert instrument.reference_price_ticks == 21  # 1.04 is nearest to 1.05
    first = FormerTick(1, at.sequence, CENT, 1)
    assert instrument.former_ticks == (first,)
    changed_at = at.sequence
    change_tick(at, CENT)
    instrument = at.exchange.instrument(SYMBOL)
    assert instrument.former_ticks == (first, FormerTick(2, at.sequence, FIVE_CENTS, 5))
    assert [instrument.tick_size_of(revision) for revision in (1, 2, 3)] == [CENT, FIVE_CENTS, CENT]
    assert instrument.tick_size_at(changed_at) == CENT
    assert instrument.tick_size_at(changed_at + 1) == FIVE_CENTS
    assert instrument.tick_size_at(at.sequence + 1) == CENT
    sequences = (changed_at, changed_at + 1, at.sequence, at.sequence + 1)
    assert [instrument.revision_at(sequence) for sequence in sequences] == [1, 2, 2, 3]


def test_commands_of_the_old_ticks_are_refused_and_trading_goes_on_in_new_ones():
    at = venue(maker_fee_ppm=10_000)
    ask = at.place("maker", SELL, 5, 100)
    at.place("taker", BUY, 2, 100)
    reserved = at.place("taker", BUY, 2, 95)
    change_tick(at, FIVE_CENTS)
    assert at.exchange.last_price_ticks(SYMBOL) == 20
    assert at.exchange.order(reserved).reserved == 190 + 2
    stale = rejection(at.submit(order("taker", BUY, 2, 100)))
    assert stale.reason is RejectReason.INSTRUMENT_CHANGED
    assert stale.tick_revision == 1
    events = at.submit(order("taker", BUY, 1, 20, instrument_revision=2))
    assert fills(events) == [(ask, 1, 20)]
    assert events[0].tick_revision == 2
    replaced, rested = at.submit(replace("maker", ask, price_ticks=21, instrument_revision=2))
    assert (replaced.old_price_ticks, replaced.tick_revision, rested.price_ticks) == (20, 2, 21)


def test_a_record_says_whose_ticks_its_prices_are_counted_in():
    at = venue()
    filled, canceled, live = (at.place("maker", SELL, 1, price) for price in (100, 101, 105))
    at.place("taker", BUY, 1, 100)
    change_tick(at, FIVE_CENTS)
    seen = [at.exchange.order(order_id) for order_id in (filled, canceled, live)]
    assert [(one.price_ticks, one.tick_revision) for one in seen] == [(100, 1), (101, 1), (21, 2)]
    restored = Exchange.restore(at.exchange.snapshot())
    assert restored.digest() == at.exchange.digest()
    assert restored.order(live) == at.exchange.order(live)
    assert restored.violations() == []


def test_places_in_the_queue_stay_and_so_do_the_parts_of_icebergs():
    at = venue()
    first = at.place("maker", SELL, 9, 100, instructions=Instructions(display_lots=3))
    at.place("maker", SELL, 3, 100)
    change_tick(at, FIVE_CENTS)
    assert at.asks() == [(20, 6, 2)]
    assert fills(at.submit(order("taker", BUY, 1, instrument_revision=2))) == [(first, 1, 20)]


@pytest.mark.parametrize(("take_profit", "stays"), [(110, True), (111, False)])
def test_prices_of_brackets_count_too(take_profit, stays):
    at = venue()
    bracket = Instructions(take_profit_ticks=take_profit, stop_loss_ticks=90)
    order_id = at.place("maker", BUY, 1, 100, instructions=bracket)
    change_tick(at, FIVE_CENTS)
    live = at.exchange.order(order_id)
    assert (live.leaves_lots > 0) is stays
    if stays:
        assert (live.instructions.take_profit_ticks, live.instructions.stop_loss_ticks) == (22, 18)


def test_a_reference_price_beside_it_is_counted_in_new_ticks():
    at = venue(reference_price_ticks=104)
    change_tick(at, FIVE_CENTS, reference_price_ticks=30)
    assert at.exchange.instrument(SYMBOL).reference_price_ticks == 30


def test_the_same_size_in_other_digits_changes_nothing():
    at = venue()
    at.place("maker", SELL, 1, 101)
    assert kinds(change_tick(at, Step(10, 3))) == ["InstrumentUpdated"]
    instrument = at.exchange.instrument(SYMBOL)
    assert (instrument.revision, instrument.tick_size) == (1, CENT)


@pytest.mark.parametrize(
    ("tick_size", "changes", "detail"),
    [
        (
            Step(0, 2),
            {},
            "the tick size must be positive with at most 18 places, found Step(coefficient=0, scale=2)",
        ),
        (
            Step(5, 3),
            {},
            (
                "tick size times lot size must be a whole number of minor units of USD (scale 2), "
                "at most 9223372036854775807, found 0.005 times 1"
            ),
        ),
        (
            FIVE_CENTS,
            {"status": InstrumentStatus.HALTED},
            "a new tick size takes no change of status beside it, found both",
        ),
    ],
)
def test_a_tick_size_that_cannot_be_is_refused(tick_size, changes, detail):
    at = venue()
    at.place("maker", SELL, 1, 101)
    (refused,) = change_tick(at, tick_size, **changes)
    assert refused == CommandRejected(RejectReason.INVALID_PARAMETERS, detail)
    assert at.asks() == [(101, 1, 1)]


def test_an_auction_goes_on_in_new_ticks():
    at = venue()
    at.submit(UpdateInstrument(SYMBOL, status=InstrumentStatus.AUCTION))
    at.place("maker", SELL, 2, 95)
    at.place("taker", BUY, 2, 105)
    assert kinds(change_tick(at, FIVE_CENTS)) == ["InstrumentUpdated"]
    assert at.exchange.instrument(SYMBOL).status is InstrumentStatus.AUCTION
    events = at.submit(UpdateInstrument(SYMBOL, status=InstrumentStatus.OPEN))
    assert events[-1].price_ticks == 19


@pytest.mark.parametrize(
    ("price", "again", "is_same"), [(100, 20, True), (100, 21, False), (101, 20, False), (101, 101, False)]
)
def test_the_same_decimals_in_other_ticks_are_the_same_request(price, again, is_same):
    at = venue()
    first = order("maker", BUY, 5, price, client_order_id="a")
    at.submit(first)
    change_tick(at, FIVE_CENTS)
    repeated = order("maker", BUY, 5, again, client_order_id="a", instrument_revision=2)
    assert at.exchange.is_same_request(first, repeated) is is_same


def test_without_a_change_and_between_other_commands_requests_are_compared_as_they_are():
    at = venue()
    bid = order("maker", BUY, 5, 100)
    assert at.exchange.is_same_request(bid, bid)
    assert not at.exchange.is_same_request(bid, cancel("maker", 1))
    unknown = order("maker", BUY, 5, 100, symbol="NONE")
    assert at.exchange.is_same_request(
        unknown, order("maker", BUY, 5, 100, symbol="NONE", instrument_revision=2)
    )


steps = st.builds(Step, st.integers(1, 500), st.integers(0, 4))


@given(steps, steps, st.integers(1, 10_000))
def test_a_price_that_fits_is_the_same_in_both_ticks_and_the_nearest_is_at_most_half_a_tick_away(
    old, new, ticks
):
    change = TickChange(old, new)
    scale = 10**10
    value = ticks * old.coefficient * scale // 10**old.scale
    new_unit = new.coefficient * scale // 10**new.scale
    if change.is_exact(ticks):
        assert change.exact(ticks) * new_unit == value
        assert change.nearest(ticks) == change.exact(ticks)
        assert TickChange(new, old).exact(change.exact(ticks)) == ticks
    else:
        nearest = change.nearest(ticks)
        assert 2 * abs(nearest * new_unit - value) <= new_unit or nearest == 1
    assert change.nearest(0) == 0


@pytest.mark.parametrize(
    ("one", "other", "common"),
    [(CENT, FIVE_CENTS, CENT), (Step(4, 2), Step(6, 2), Step(2, 2)), (Step(5, 1), Step(25, 2), Step(25, 2))],
)
def test_the_common_step_of_two_is_the_largest_that_both_are_multiples_of(one, other, common):
    assert one.common(other) == other.common(one) == common


@pytest.mark.parametrize(("ticks", "nearest"), [(5, 2), (15, 8), (4, 2), (6, 3), (1, 1)])
def test_halves_go_to_the_even_tick_and_no_price_to_nothing(ticks, nearest):
    assert TickChange(Step(1, 2), Step(2, 2)).nearest(ticks) == nearest
