"""`pyorderbook`, in Python: order objects with decimal prices."""

from collections.abc import Sequence

from pyorderbook import Book, Order, Side

from tools.benchmarks.contest.contestant import Call, Prepared
from tools.benchmarks.contest.mixed_flow import Step


def prepare(steps: Sequence[Step]) -> Prepared:
    book = Book()
    calls: list[Call] = []
    orders: dict[int, Order] = {}
    for step in steps:
        if step.is_cancel:
            calls.append((book.cancel, (orders[step.number],)))
        else:
            side = Side.BID if step.is_buy else Side.ASK
            order = orders[step.number] = Order(side, "BENCH", step.price_ticks, step.quantity_lots)
            calls.append((book.match, (order,)))
    return Prepared(calls, lambda: sum(order.quantity for order in book.order_map.values()))
