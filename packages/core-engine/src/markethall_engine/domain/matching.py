"""Who would trade with an incoming order: by price, then by time, at the resting order's price.

Planning changes nothing. The plan becomes events, and those change the book.
"""

from markethall_engine.domain.account_state import AccountState
from markethall_engine.domain.book.book_side import BookSide
from markethall_engine.domain.careful_matching import CarefulPlan
from markethall_engine.domain.instructions import Instructions
from markethall_engine.domain.matches import Fill, Match


def plan_matches(
    resting: BookSide,
    quantity_lots: int,
    limit_ticks: int,
    taker: AccountState,
    instructions: Instructions | None,
    order_id: int = 0,
) -> list[Match]:
    """Match up to `quantity_lots` with one side, at `limit_ticks` or better; a limit of 0 is none.

    `taker` is whose order comes in, and `order_id` which it is if it lives already.
    """
    if instructions is None or not (instructions.self_trade_prevention or instructions.order_group_id):
        return _plan_fills(resting, quantity_lots, limit_ticks, taker)
    matches: list[Match] = []
    plan = CarefulPlan(taker, instructions, order_id, matches)
    for price_ticks in resting.ladder.within(limit_ticks):
        quantity_lots = plan.meet(resting.level(price_ticks), quantity_lots)
        if quantity_lots == 0:
            break
    return matches


def plan_past(resting: BookSide, quantity_lots: int, taker: AccountState, ended: set[int]) -> list[Match]:
    """Match at any price with orders other than those that end before, in the same command."""
    matches: list[Match] = []
    plan = CarefulPlan(taker, None, 0, matches, ended)
    for price_ticks in resting.ladder.within(0):
        quantity_lots = plan.meet(resting.level(price_ticks), quantity_lots)
        if quantity_lots == 0:
            break
    return matches


def _plan_fills(resting: BookSide, quantity_lots: int, limit_ticks: int, taker: AccountState) -> list[Match]:
    """The plan of an order that no resting one concerns more than any other."""
    fills: list[Match] = []
    ladder = resting.ladder
    if limit_ticks and not ladder.reaches(limit_ticks):
        return fills
    plan: CarefulPlan | None = None
    for price_ticks in ladder.within(limit_ticks):
        level = resting.level(price_ticks)
        if level.careful_orders:
            plan = plan or CarefulPlan(taker, None, 0, fills)
            quantity_lots = plan.meet(level, quantity_lots)
            if quantity_lots == 0:
                return fills
            continue
        maker = level.first
        while maker is not None:
            leaves_lots = maker.leaves_lots
            if quantity_lots <= leaves_lots:
                fills.append(Fill(maker, quantity_lots))
                return fills
            fills.append(Fill(maker, leaves_lots))
            quantity_lots -= leaves_lots
            maker = maker.next
    return fills
