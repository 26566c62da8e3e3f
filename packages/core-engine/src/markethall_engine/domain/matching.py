"""Who would trade with an incoming order: by price, then by time, at the resting order's price.

Planning changes nothing. The plan becomes events, and those change the book.
"""

from typing import NamedTuple

from markethall_engine.domain.book.book_side import BookSide
from markethall_engine.domain.instructions import Instructions, SelfTradePrevention
from markethall_engine.domain.live_order import LiveOrder

_CANCEL_NEWEST = SelfTradePrevention.CANCEL_NEWEST
_CANCEL_OLDEST = SelfTradePrevention.CANCEL_OLDEST
_CANCEL_BOTH = SelfTradePrevention.CANCEL_BOTH


class Fill(NamedTuple):
    """A resting order and how much of it an incoming order takes."""

    maker: LiveOrder
    quantity_lots: int


class Prevention(NamedTuple):
    """A resting order of the incoming one's account, and how much would have traded."""

    resting: LiveOrder
    quantity_lots: int
    rule: SelfTradePrevention


Match = Fill | Prevention
"""One meeting of an incoming order with a resting one."""


def plan_matches(
    resting: BookSide,
    quantity_lots: int,
    limit_ticks: int,
    account_id: str,
    instructions: Instructions | None,
) -> list[Match]:
    """Match up to `quantity_lots` with one side, at `limit_ticks` or better; a limit of 0 is none."""
    if instructions is None or instructions.self_trade_prevention is None:
        return _plan_fills(resting, quantity_lots, limit_ticks)
    rule = instructions.self_trade_prevention
    return _plan_without_self_trades(resting, quantity_lots, limit_ticks, account_id, rule)


def _plan_fills(resting: BookSide, quantity_lots: int, limit_ticks: int) -> list[Match]:
    fills: list[Match] = []
    ladder = resting.ladder
    if limit_ticks and not ladder.reaches(limit_ticks):
        return fills
    for price_ticks in ladder.within(limit_ticks):
        maker = resting.level(price_ticks).first
        while maker is not None:
            leaves_lots = maker.leaves_lots
            if quantity_lots <= leaves_lots:
                fills.append(Fill(maker, quantity_lots))
                return fills
            fills.append(Fill(maker, leaves_lots))
            quantity_lots -= leaves_lots
            maker = maker.next
    return fills


def _plan_without_self_trades(
    resting: BookSide, quantity_lots: int, limit_ticks: int, account_id: str, rule: SelfTradePrevention
) -> list[Match]:
    """A plan in which each order of the same account is a `Prevention`, in its place among the fills.

    After one that cancels the incoming order nothing follows.
    """
    matches: list[Match] = []
    for price_ticks in resting.ladder.within(limit_ticks):
        for maker in resting.level(price_ticks):
            lots = min(quantity_lots, maker.leaves_lots)
            if maker.account_id != account_id:
                matches.append(Fill(maker, lots))
                quantity_lots -= lots
            else:
                matches.append(Prevention(maker, lots, rule))
                if rule is _CANCEL_NEWEST or rule is _CANCEL_BOTH:
                    return matches
                if rule is not _CANCEL_OLDEST:
                    quantity_lots -= lots
            if quantity_lots == 0:
                return matches
    return matches


def filled_quantity(matches: list[Match]) -> int:
    """What would trade, in lots."""
    return sum([match.quantity_lots for match in matches if isinstance(match, Fill)])


def filled_notional(matches: list[Match], tick_value: int) -> int:
    """Price times quantity over the fills, in quote minor units."""
    fills = [match for match in matches if isinstance(match, Fill)]
    return sum([fill.maker.price_ticks * fill.quantity_lots for fill in fills]) * tick_value
