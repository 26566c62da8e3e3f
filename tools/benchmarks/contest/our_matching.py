"""Our matching alone: plan who trades with whom, and change the book; no risk, no ledger, no events."""

from collections.abc import Sequence

from markethall_engine.domain.account import Account
from markethall_engine.domain.account_state import AccountState
from markethall_engine.domain.book.order_book import OrderBook
from markethall_engine.domain.events import OrderAccepted
from markethall_engine.domain.ledger.balance import Balance
from markethall_engine.domain.live_order import LiveOrder
from markethall_engine.domain.matches import Fill
from markethall_engine.domain.matching import plan_matches
from markethall_engine.domain.order import OrderType, Side, TimeInForce
from tools.benchmarks.contest.contestant import Call, Prepared
from tools.benchmarks.contest.mixed_flow import Step


def prepare(steps: Sequence[Step]) -> Prepared:
    book = OrderBook()
    owner, balance = AccountState(Account("1", "", 0)), Balance("1", "USD")

    def place(order: LiveOrder) -> None:
        opposite = book.opposite(order.side)
        for match in plan_matches(opposite, order.leaves_lots, order.price_ticks, owner, None):
            assert isinstance(match, Fill), "plain orders meet nothing else"
            maker, lots = match
            if lots < maker.leaves_lots:
                opposite.lower(maker, maker.leaves_lots - lots)
            else:
                opposite.remove(maker)
            order.leaves_lots -= lots
        if order.leaves_lots:
            book.side(order.side).add(order)

    def cancel(order: LiveOrder) -> None:
        book.side(order.side).remove(order)

    calls: list[Call] = []
    orders: dict[int, LiveOrder] = {}
    for step in steps:
        if step.is_cancel:
            calls.append((cancel, (orders[step.number],)))
            continue
        side = Side.BUY if step.is_buy else Side.SELL
        kind = (OrderType.LIMIT, TimeInForce.GTC)
        terms = OrderAccepted(
            step.number, "1", "", "BENCH", side, *kind, step.quantity_lots, step.price_ticks, 0, 0, 0
        )
        order = LiveOrder(terms, owner, pays=balance, receives=balance, time_ns=0)
        orders[step.number] = order
        calls.append((place, (order,)))
    return Prepared(calls, lambda: sum(order.leaves_lots for order in book.resting_orders()))
