"""`akhil4n-orderbook`, in Python: order objects; prices as integers, which are quicker than its decimals."""

from collections.abc import Sequence

from orderbook import Order, OrderBook, OrderSide

from tools.benchmarks.contest.contestant import Call, Prepared
from tools.benchmarks.contest.mixed_flow import Step


def prepare(steps: Sequence[Step]) -> Prepared:
    book = OrderBook()
    calls: list[Call] = []
    orders: dict[int, Order] = {}
    for step in steps:
        if step.is_cancel:
            calls.append((book.cancel_order, (orders[step.number].order_id,)))
        else:
            side = OrderSide.BID if step.is_buy else OrderSide.ASK
            order = orders[step.number] = Order(side, step.price_ticks, step.quantity_lots)
            calls.append((book.add_limit_order, (order,)))
    return Prepared(calls, lambda: sum(order.remaining_quantity for _, order in book.orders.values()))
