from markethall_engine.domain.account import Account
from markethall_engine.domain.account_state import AccountState
from markethall_engine.domain.events import OrderAccepted
from markethall_engine.domain.ledger.balance import Balance
from markethall_engine.domain.live_order import LiveOrder
from markethall_engine.domain.matching_book import MatchingBook
from markethall_engine.domain.order import OrderType, Side, TimeInForce

OWNER, BALANCE = AccountState(Account("somebody", "", 0)), Balance("somebody", "USD")


def order(order_id: int, side: Side, lots: int, price_ticks: int) -> LiveOrder:
    kind = (OrderType.LIMIT, TimeInForce.GTC)
    terms = OrderAccepted(order_id, "somebody", "", "S", side, *kind, lots, price_ticks, 0, 0, 0)
    return LiveOrder(terms, OWNER, pays=BALANCE, receives=BALANCE, time_ns=0)


def test_an_order_takes_what_it_reaches_by_price_and_time_and_rests_with_what_is_left():
    matching = MatchingBook()
    asks = [order(1, Side.SELL, 5, 102), order(2, Side.SELL, 5, 101), order(3, Side.SELL, 5, 101)]
    assert [matching.place(ask) for ask in asks] == [[], [], []]
    taker = order(4, Side.BUY, 20, 101)
    met = matching.place(taker)
    assert [(match.maker.order_id, match.quantity_lots) for match in met] == [(2, 5), (3, 5)]
    assert matching.book.resting_orders() == [asks[0], taker]
    assert taker.leaves_lots == 10


def test_a_maker_that_is_not_filled_keeps_its_place_with_fewer_leaves():
    matching = MatchingBook()
    first, second = order(1, Side.BUY, 5, 100), order(2, Side.BUY, 5, 100)
    matching.place(first)
    matching.place(second)
    taker = order(3, Side.SELL, 3, 99)
    matching.place(taker)
    assert first.leaves_lots == 2
    assert list(matching.book.bids) == [first, second]
    assert not taker.is_resting


def test_a_canceled_order_rests_no_more():
    matching = MatchingBook()
    bid = order(1, Side.BUY, 5, 100)
    matching.place(bid)
    matching.cancel(bid)
    assert matching.book.resting_orders() == []
