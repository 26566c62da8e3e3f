"""`orderly-chaos`, a C++ book behind ctypes: terms as arguments, no trade handler."""

from collections.abc import Sequence

from orderly_chaos import LimitOrderBook, Side

from tools.benchmarks.contest.contestant import Call, Prepared
from tools.benchmarks.contest.mixed_flow import Step


def prepare(steps: Sequence[Step]) -> Prepared:
    book = LimitOrderBook()
    calls: list[Call] = []
    for step in steps:
        if step.is_cancel:
            calls.append((book.cancel, (step.number,)))
        else:
            side = Side.BUY if step.is_buy else Side.SELL
            calls.append((book.limit, (side, step.number, step.quantity_lots, step.price_ticks)))
    return Prepared(calls, lambda: int(book.volume()))
