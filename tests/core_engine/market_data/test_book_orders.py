"""The full book: what one command does to its orders, told so that a reader keeps everybody's place."""

from contextlib import ExitStack

import pytest

from markethall_engine.domain.book.book_order import BookOrder
from markethall_engine.domain.commands import Command
from markethall_engine.domain.instructions import Instructions, SelfTradePrevention
from markethall_engine.domain.order import Side, TimeInForce
from tests.core_engine.domain.builders import BUY, SELL, cancel, cancel_all, create_instrument, order, replace
from tests.core_engine.market_data.book_reader import BookReader
from tests.core_engine.market_data.builders import SYMBOL, FollowedVenue


class ReadVenue(FollowedVenue):
    """A venue whose full book is read from the moment it is made."""

    def __init__(self) -> None:
        super().__init__()
        self._reading = ExitStack()
        self._reading.enter_context(self.gold.telling_orders(()))

    def told(self, command: Command) -> list[BookOrder]:
        """What a command changed in the book."""
        [update] = self.submit(command)
        assert update.orders is not None
        return update.orders

    def rest(self, account_id: str, side: Side, quantity_lots: int, price_ticks: int, **terms) -> int:
        self.place(account_id, side, quantity_lots, price_ticks, **terms)
        return self.venue.records[-1].sequence


def shown(order_id: int, side: Side, price_ticks: int, quantity_lots: int) -> BookOrder:
    return BookOrder(order_id, side, price_ticks, quantity_lots)


@pytest.fixture
def at() -> ReadVenue:
    return ReadVenue()


def test_an_order_that_rests_joins_with_what_it_shows(at):
    told = at.told(order("ann", BUY, 10, 100, instructions=Instructions(display_lots=4)))
    assert told == [shown(at.venue.records[-1].sequence, BUY, 100, 4)]


def test_a_taker_is_not_told_and_a_maker_shows_less_or_leaves(at):
    first, second = (at.rest("ann", SELL, 3, price) for price in (100, 101))
    assert at.told(order("bob", BUY, 4, 101)) == [shown(first, SELL, 100, 0), shown(second, SELL, 101, 2)]


def test_what_is_left_of_a_taker_joins_after_what_it_took_has_left(at):
    maker = at.rest("ann", SELL, 3, 100)
    told = at.told(order("bob", BUY, 5, 100))
    assert told == [shown(maker, SELL, 100, 0), shown(at.venue.records[-1].sequence, BUY, 100, 2)]


def test_an_iceberg_that_shows_its_next_part_leaves_and_joins_again(at):
    iceberg = at.rest("ann", SELL, 10, 100, instructions=Instructions(display_lots=4))
    at.rest("ann", SELL, 1, 100)
    assert at.told(order("bob", BUY, 4, 100)) == [shown(iceberg, SELL, 100, 0), shown(iceberg, SELL, 100, 4)]


def test_an_iceberg_that_is_filled_whole_is_told_once(at):
    iceberg = at.rest("ann", SELL, 10, 100, instructions=Instructions(display_lots=4))
    assert at.told(order("bob", BUY, 10, 100)) == [shown(iceberg, SELL, 100, 0)]


def test_a_canceled_order_leaves(at):
    placed = at.rest("ann", BUY, 10, 100)
    assert at.told(cancel("ann", placed)) == [shown(placed, BUY, 100, 0)]


def test_all_canceled_orders_leave_in_one_change(at):
    placed = [at.rest("ann", BUY, 10, price) for price in (100, 90)]
    assert [each.order_id for each in at.told(cancel_all("ann"))] == placed


def test_a_lower_quantity_is_a_change_in_place_and_of_what_was_hidden_none_at_all(at):
    placed = at.rest("ann", BUY, 10, 100)
    assert at.told(replace("ann", placed, quantity_lots=7)) == [shown(placed, BUY, 100, 7)]
    iceberg = at.rest("ann", BUY, 10, 100, instructions=Instructions(display_lots=4))
    assert at.told(replace("ann", iceberg, quantity_lots=5)) == []


def test_a_new_price_takes_an_order_out_and_puts_it_elsewhere(at):
    placed = at.rest("ann", BUY, 10, 100)
    told = at.told(replace("ann", placed, price_ticks=101))
    assert told == [shown(placed, BUY, 100, 0), shown(placed, BUY, 101, 10)]


def test_a_decremented_order_shows_less(at):
    placed = at.rest("ann", BUY, 10, 100)
    prevention = Instructions(self_trade_prevention=SelfTradePrevention.DECREMENT)
    assert at.told(order("ann", SELL, 4, 100, instructions=prevention)) == [shown(placed, BUY, 100, 6)]


def test_an_order_that_never_rests_changes_nothing(at):
    assert at.submit(order("ann", BUY, 10, 100, time_in_force=TimeInForce.IOC)) == []


def test_another_instruments_orders_are_not_told(at):
    at.submit(create_instrument(symbol="OTHER"))
    [update] = at.submit(order("ann", BUY, 1, 100, symbol="OTHER"))
    assert update.orders is None


def test_a_reader_has_the_orders_in_their_places(at):
    reader = BookReader([])
    for command in (
        order("ann", SELL, 10, 100, instructions=Instructions(display_lots=4)),
        order("ann", SELL, 1, 100),
        order("ann", SELL, 1, 99),
        order("bob", BUY, 5, 100),
        order("bob", BUY, 2, 98),
    ):
        reader.apply(at.told(command))
    for side in Side:
        assert reader.orders(side) == at.venue.exchange.book_orders(SYMBOL, side)


def test_nothing_is_told_before_somebody_reads_nor_after_the_last_has_left():
    at = FollowedVenue()
    with at.gold.telling_orders(()):
        with at.gold.telling_orders(()):
            pass
        assert at.place("ann", BUY, 1, 100).orders == [shown(at.venue.records[-1].sequence, BUY, 100, 1)]
    assert at.place("ann", BUY, 1, 100).orders is None
