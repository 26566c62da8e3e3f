"""A client order id is an account's own, for ever."""

from markethall_engine.domain.commands import CreateAccount, PlaceOrder, same_request
from markethall_engine.domain.exchange import Duplicate, Exchange
from tests.core_engine.domain.builders import BUY, SELL, Venue, cancel, order, venue


def test_a_repeated_order_is_a_duplicate_of_the_first():
    at = venue()
    bid = order("maker", BUY, 10, 100, client_order_id="mine")
    at.submit(bid)
    original = at.sequence
    assert at.decide(bid) == Duplicate(original)
    assert at.bids() == [(100, 10, 1)]


def test_it_stays_a_duplicate_after_the_order_was_filled_or_canceled_and_after_a_snapshot():
    at = venue()
    filled, canceled = (order("maker", BUY, 1, 100, client_order_id=name) for name in ("filled", "canceled"))
    filled_id, canceled_id = (at.submit(bid)[0].order_id for bid in (filled, canceled))  # type: ignore[union-attr]
    at.place("taker", SELL, 1, 100)
    at.submit(cancel("maker", canceled_id))
    for exchange in (at.exchange, Exchange.restore(at.exchange.snapshot())):
        later = Venue(exchange)
        assert later.decide(filled) == Duplicate(filled_id)
        assert later.decide(canceled) == Duplicate(canceled_id)


def test_a_rejected_order_stays_rejected_when_it_is_sent_again():
    at = venue()
    dear = order("maker", BUY, 1_000_000, 1_000_000, client_order_id="dear")
    at.submit(dear)
    assert at.decide(dear) == Duplicate(at.sequence)


def test_an_order_rejected_for_want_of_its_account_stays_rejected_when_there_is_one():
    at = venue()
    early = order("late", BUY, 1, 100, client_order_id="early")
    at.submit(early)
    original = at.sequence
    at.submit(CreateAccount("late"))
    assert at.decide(early) == Duplicate(original)
    assert at.exchange.order_id_of("late", "early") == original


def test_another_request_under_a_used_id_is_a_duplicate_too_and_can_be_told():
    at = venue()
    bid = order("maker", BUY, 10, 100, client_order_id="mine")
    at.submit(bid)
    other = order("maker", SELL, 3, 120, client_order_id="mine")
    assert at.decide(other) == Duplicate(at.sequence)
    assert not same_request(bid, other)


def test_the_same_decimals_under_another_revision_are_the_same_request():
    assert same_request(order("maker", BUY, 10, 100), order("maker", BUY, 10, 100, instrument_revision=2))


def test_other_commands_are_the_same_when_they_are_equal():
    assert same_request(cancel("maker", 1), cancel("maker", 1))
    assert not same_request(cancel("maker", 1), cancel("maker", 2))


def test_executing_is_deciding_and_applying_at_once_and_a_repetition_applies_nothing():
    at, executed = venue(), venue().exchange
    bid = order("maker", BUY, 10, 100, client_order_id="mine")
    at.submit(bid)
    assert executed.execute(bid, at.sequence, at.time_ns) == at.records[-1].events
    assert executed.digest() == at.exchange.digest()
    assert executed.execute(bid, at.sequence + 1, at.time_ns) == Duplicate(at.sequence)
    assert executed.digest() == at.exchange.digest()


def test_two_accounts_may_use_the_same_id():
    at = venue()
    at.place("maker", BUY, 1, 100, client_order_id="one")
    assert at.submit(order("taker", BUY, 1, 100, client_order_id="one"))


def test_orders_without_an_id_never_repeat_each_other():
    at = venue()
    bid: PlaceOrder = order("maker", BUY, 1, 100)
    at.submit(bid)
    at.submit(bid)
    assert at.bids() == [(100, 2, 2)]
    assert at.exchange.order_id_of("maker", "") is None
