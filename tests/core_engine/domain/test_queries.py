"""What readers see."""

from markethall_engine.domain.book.level import Level
from markethall_engine.domain.exchange import Exchange
from markethall_engine.domain.order import OrderRecord, OrderStatus
from tests.core_engine.domain.builders import (
    BUY,
    GTC,
    LIMIT,
    SELL,
    SYMBOL,
    cancel,
    create_instrument,
    venue,
)


def test_an_order_is_read_as_it_stands_and_what_was_read_never_changes():
    at = venue(taker_fee_ppm=1_000)
    bid_id = at.place("maker", BUY, 10, 100, client_order_id="mine")
    placed_ns = at.time_ns
    before = at.exchange.order(bid_id)
    assert before == OrderRecord(
        order_id=bid_id,
        account_id="maker",
        client_order_id="mine",
        symbol=SYMBOL,
        side=BUY,
        order_type=LIMIT,
        time_in_force=GTC,
        status=OrderStatus.NEW,
        quantity_lots=10,
        price_ticks=100,
        filled_lots=0,
        leaves_lots=10,
        canceled_lots=0,
        filled_notional=0,
        fees_paid=0,
        reserved=1_001,
        reject_reason=None,
        cancel_reason=None,
        detail="",
        create_time_ns=placed_ns,
        update_time_ns=placed_ns,
        update_sequence=bid_id,
    )
    at.place("taker", SELL, 4, 100)
    after = at.exchange.order(bid_id)
    assert before.leaves_lots == 10
    assert (after.status, after.filled_lots, after.leaves_lots, after.filled_notional) == (
        OrderStatus.PARTIALLY_FILLED,
        4,
        6,
        400,
    )
    assert (after.create_time_ns, after.update_time_ns, after.update_sequence) == (
        placed_ns,
        at.time_ns,
        at.sequence,
    )


def test_an_order_nobody_placed_is_not_found():
    assert venue().exchange.order(999) is None


def test_an_account_s_orders_are_listed_newest_first_and_by_page():
    at = venue()
    first, second, third = (at.place("maker", BUY, 1, price) for price in (100, 99, 98))
    at.place("taker", SELL, 1, 100)
    at.submit(cancel("maker", second))
    listed = list(at.exchange.orders("maker"))
    assert [(record.order_id, record.status) for record in listed] == [
        (third, OrderStatus.NEW),
        (second, OrderStatus.CANCELED),
        (first, OrderStatus.FILLED),
    ]
    assert [record.order_id for record in at.exchange.orders("maker", before=third)] == [second, first]
    assert list(at.exchange.orders("maker", before=first)) == []
    assert list(at.exchange.orders("nobody")) == []


def test_live_orders_are_listed_oldest_first_and_by_symbol():
    at = venue()
    at.submit(create_instrument(symbol="GOLD-2"))
    first, other = at.place("maker", BUY, 1, 100), at.place("maker", BUY, 1, 100, symbol="GOLD-2")
    assert [record.order_id for record in at.exchange.live_orders("maker")] == [first, other]
    assert [record.order_id for record in at.exchange.live_orders("maker", "GOLD-2")] == [other]
    assert at.exchange.live_orders("nobody") == []
    assert at.exchange.live_order_count == 2


def test_the_book_is_read_best_first_as_deep_as_asked():
    at = venue()
    for price, lots in ((98, 1), (100, 2), (100, 3), (99, 4)):
        at.place("maker", BUY, lots, price)
    for price, lots in ((103, 1), (101, 2), (102, 3)):
        at.place("maker", SELL, lots, price)
    assert at.exchange.best_bid(SYMBOL) == Level(100, 5, 2)
    assert at.exchange.best_ask(SYMBOL) == Level(101, 2, 1)
    assert at.exchange.levels(SYMBOL, BUY) == [Level(100, 5, 2), Level(99, 4, 1), Level(98, 1, 1)]
    assert at.exchange.levels(SYMBOL, SELL, 2) == [Level(101, 2, 1), Level(102, 3, 1)]
    resting = at.exchange.resting_orders(SYMBOL, BUY, 3)
    assert [(record.price_ticks, record.leaves_lots) for record in resting] == [(100, 2), (100, 3), (99, 4)]


def test_what_does_not_exist_is_empty():
    exchange = Exchange()
    assert (exchange.sequence, exchange.time_ns, exchange.trade_count) == (0, 0, 0)
    assert exchange.instrument("NONE") is exchange.asset("NONE") is exchange.account("nobody") is None
    assert exchange.best_bid("NONE") is exchange.best_ask("NONE") is None
    assert exchange.levels("NONE", BUY) == exchange.resting_orders("NONE", SELL) == []
    assert exchange.book_orders("NONE", SELL) == []
    assert exchange.last_price_ticks("NONE") == 0
    assert exchange.balances("nobody") == exchange.positions("nobody") == []
    assert exchange.balance("nobody", "USD").available == 0


def test_the_last_price_is_the_last_trade_s():
    at = venue()
    assert at.exchange.last_price_ticks(SYMBOL) == 0
    at.place("maker", SELL, 1, 100)
    at.place("maker", SELL, 1, 105)
    at.place("taker", BUY, 2, 110)
    assert at.exchange.last_price_ticks(SYMBOL) == 105
