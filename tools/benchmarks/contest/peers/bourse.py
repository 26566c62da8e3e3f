"""`bourse`, an order book in Rust: prices and volumes as arguments, order ids counted by the book from 0.

The book keeps its orders by price and time, and its time stands still until it is set: without that, orders
overwrite each other.
"""

from collections.abc import Sequence

from bourse.core import OrderBook

from tools.benchmarks.contest.contestant import Call, Prepared
from tools.benchmarks.contest.mixed_flow import Step


def prepare(steps: Sequence[Step]) -> Prepared:
    book = OrderBook(0, 1)
    calls: list[Call] = []
    order_ids: dict[int, int] = {}
    for step in steps:
        if step.is_cancel:
            calls.append((book.cancel_order, (order_ids[step.number],)))
        else:
            order_ids[step.number] = len(order_ids)
            terms = (step.is_buy, step.quantity_lots, step.account, step.price_ticks)
            calls += [(book.set_time, (step.number,)), (book.place_order, terms)]
    return Prepared(calls, lambda: int(book.bid_vol() + book.ask_vol()))
