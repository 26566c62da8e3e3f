"""What rounding fees up to whole minor units brings the venue is counted, to the millionth."""

from collections import Counter

from hypothesis import given, settings
from hypothesis import strategies as st

from markethall_engine.domain.amounts import MILLION
from markethall_engine.domain.events import OrderAccepted, TradeExecuted
from markethall_engine.domain.exchange import Exchange
from markethall_engine.domain.ledger.records import FeesRecord
from tests.core_engine.domain.builders import BUY, SELL, Venue, cancel, venue
from tests.core_engine.domain.strategies import commands, small_venue


def test_nothing_is_rounded_where_nothing_is_charged():
    at = venue()
    at.place("maker", SELL, 5, 100)
    at.place("taker", BUY, 5, 100)
    assert at.exchange.venue_fees() == [FeesRecord("USD", 0, 0)]


def test_a_filled_orders_rounding_is_what_it_paid_too_much():
    at = venue(maker_fee_ppm=1_000, taker_fee_ppm=2_500)
    at.place("maker", SELL, 5, 101)
    at.place("taker", BUY, 5, 101)
    # 505 cents at 0.1 % and 0.25 %: 0.505 and 1.2625, rounded up to 1 and 2.
    assert at.exchange.venue_fees() == [FeesRecord("USD", 3, 495_000 + 737_500)]


def test_a_live_order_has_its_credit_still_and_leaves_it_when_it_is_canceled():
    at = venue(maker_fee_ppm=1_000)
    resting = at.place("maker", SELL, 5, 101)
    at.place("taker", BUY, 2, 101)
    assert at.exchange.venue_fees() == [FeesRecord("USD", 1, 0)]
    at.submit(cancel("maker", resting))
    assert at.exchange.venue_fees() == [FeesRecord("USD", 1, MILLION - 202_000)]


def test_a_snapshot_keeps_what_rounding_came_to():
    at = venue(maker_fee_ppm=1)
    at.place("maker", SELL, 5, 101)
    at.place("taker", BUY, 5, 101)
    assert Exchange.restore(at.exchange.snapshot()).venue_fees() == at.exchange.venue_fees()


def test_rounding_beyond_what_was_earned_is_a_violation():
    at = venue()
    at.exchange._state.ledger.keep_rounding("USD", 1)
    assert at.exchange.violations() == ["rounding came to 1 millionths of 0 USD of fees"]


@given(st.lists(commands, min_size=15, max_size=60))
@settings(max_examples=100, deadline=None)
def test_fees_of_ended_orders_less_the_rounding_are_exactly_notional_times_rate(sent):
    at = small_venue()
    for command in sent:
        at.decide(command)
    exact = _exact_fees(at)
    live = {order_id for order_id in exact if at.exchange.order(order_id).leaves_lots}  # type: ignore[union-attr]
    [fees] = at.exchange.venue_fees()
    paid_by_live = sum(at.exchange.order(order_id).fees_paid for order_id in live)  # type: ignore[union-attr]
    ended = sum(fee for order_id, fee in exact.items() if order_id not in live)
    assert (fees.collected - paid_by_live) * MILLION - fees.rounding == ended


def _exact_fees(at: Venue) -> Counter[int]:
    """What each order owes for its fills, in millionths of a cent."""
    rates: dict[int, tuple[int, int]] = {}
    exact: Counter[int] = Counter()
    for record in at.records:
        for event in record.events:
            if isinstance(event, OrderAccepted):
                rates[event.order_id] = event.maker_fee_ppm, event.taker_fee_ppm
            elif isinstance(event, TradeExecuted):
                exact[event.maker_order_id] += event.notional * rates[event.maker_order_id][0]
                exact[event.taker_order_id] += event.notional * rates[event.taker_order_id][1]
    return exact
