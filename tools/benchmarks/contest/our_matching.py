"""Our matching alone: plan who trades with whom, and change the book; no risk, no ledger, no events."""

from collections.abc import Sequence

from markethall_engine.domain.account import Account
from markethall_engine.domain.account_state import AccountState
from markethall_engine.domain.events import OrderAccepted
from markethall_engine.domain.ledger.balance import Balance
from markethall_engine.domain.live_order import LiveOrder
from markethall_engine.domain.matching_book import MatchingBook
from markethall_engine.domain.order import OrderType, Side, TimeInForce
from tools.benchmarks.contest.contestant import Call, Prepared
from tools.benchmarks.contest.mixed_flow import Step


def prepare(steps: Sequence[Step]) -> Prepared:
    matching = MatchingBook()
    owner, balance = AccountState(Account("1", "", 0)), Balance("1", "USD")
    calls: list[Call] = []
    orders: dict[int, LiveOrder] = {}
    for step in steps:
        if step.is_cancel:
            calls.append((matching.cancel, (orders[step.number],)))
            continue
        side = Side.BUY if step.is_buy else Side.SELL
        kind = (OrderType.LIMIT, TimeInForce.GTC)
        terms = OrderAccepted(
            step.number, "1", "", "BENCH", side, *kind, step.quantity_lots, step.price_ticks, 0, 0, 0
        )
        order = LiveOrder(terms, owner, pays=balance, receives=balance, time_ns=0)
        orders[step.number] = order
        calls.append((matching.place, (order,)))
    return Prepared(calls, lambda: sum(order.leaves_lots for order in matching.book.resting_orders()))
