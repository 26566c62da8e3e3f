"""`liquibook`, a binding of the C++ library: order objects, no listeners."""

from collections.abc import Sequence

from liquibook import DepthOrderBook, SimpleOrder

from tools.benchmarks.contest.contestant import Call, Prepared
from tools.benchmarks.contest.mixed_flow import Step


def prepare(steps: Sequence[Step]) -> Prepared:
    book = DepthOrderBook()
    calls: list[Call] = []
    orders: dict[int, SimpleOrder] = {}
    for step in steps:
        if step.is_cancel:
            calls.append((book.cancel, (orders[step.number],)))
        else:
            order = orders[step.number] = SimpleOrder(step.is_buy, step.price_ticks, step.quantity_lots)
            calls.append((book.add, (order,)))

    # The orders must live as long as the book, which does not hold them.
    def resting_lots(orders: dict[int, SimpleOrder] = orders) -> None:
        """An order's open quantity is counted down by listeners only, of which there are none."""

    return Prepared(calls, resting_lots)
