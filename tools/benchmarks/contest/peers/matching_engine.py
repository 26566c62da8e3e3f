"""`matching-engine`, in Python: sequenced commands in, events out; self-trade prevention off."""

from collections.abc import Sequence

from matching_engine.domain import (
    CancelOrder,
    NewOrder,
    OrderType,
    SelfTradePrevention,
    SequencedCommand,
    Side,
    TimeInForce,
)
from matching_engine.engine import MatchingEngine

from tools.benchmarks.contest.contestant import Call, Prepared
from tools.benchmarks.contest.mixed_flow import Step

_TERMS = (OrderType.LIMIT, TimeInForce.GTC, False, SelfTradePrevention.NONE)


def prepare(steps: Sequence[Step]) -> Prepared:
    engine = MatchingEngine()
    calls: list[Call] = []
    for sequence, step in enumerate(steps, start=1):
        if step.is_cancel:
            command = CancelOrder(step.number, step.account)
        else:
            side = Side.BUY if step.is_buy else Side.SELL
            command = NewOrder(step.number, step.account, side, step.price_ticks, step.quantity_lots, *_TERMS)
        calls.append((engine.process, (SequencedCommand(sequence, sequence, command),)))
    return Prepared(calls, lambda: sum(entry.qty for entry in engine.book.entries()))
