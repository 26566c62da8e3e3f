"""`lightmatchingengine`, in Python: terms as arguments, order ids counted by the engine from 1."""

from collections.abc import Sequence

from lightmatchingengine.lightmatchingengine import LightMatchingEngine, Side

from tools.benchmarks.contest.contestant import Call, Prepared
from tools.benchmarks.contest.mixed_flow import Step

_INSTRUMENT = "BENCH"


def prepare(steps: Sequence[Step]) -> Prepared:
    engine = LightMatchingEngine()
    calls: list[Call] = []
    order_ids: dict[int, int] = {}
    for step in steps:
        if step.is_cancel:
            calls.append((engine.cancel_order, (order_ids[step.number], _INSTRUMENT)))
        else:
            order_ids[step.number] = len(order_ids) + 1
            side = Side.BUY if step.is_buy else Side.SELL
            calls.append((engine.add_order, (_INSTRUMENT, step.price_ticks, step.quantity_lots, side)))

    def resting_lots() -> int:
        book = engine.order_books[_INSTRUMENT]
        levels = [*book.bids.values(), *book.asks.values()]
        return sum(order.leaves_qty for level in levels for order in level)

    return Prepared(calls, resting_lots)
