"""Who would trade with an incoming order: by price, then by time, at the resting order's price.

Planning changes nothing. The plan becomes `TradeExecuted` events, and those change the book.
"""

from typing import NamedTuple

from markethall_engine.domain.book.book_side import BookSide
from markethall_engine.domain.live_order import LiveOrder


class Fill(NamedTuple):
    """A resting order and how much of it an incoming order takes."""

    maker: LiveOrder
    quantity_lots: int


def plan_fills(resting: BookSide, quantity_lots: int, limit_ticks: int) -> list[Fill]:
    """Fill up to `quantity_lots` from one side, at `limit_ticks` or better; a limit of 0 is none."""
    fills: list[Fill] = []
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


def filled_quantity(fills: list[Fill]) -> int:
    return sum([fill.quantity_lots for fill in fills])


def filled_notional(fills: list[Fill], tick_value: int) -> int:
    """Price times quantity over the fills, in quote minor units."""
    return sum([fill.maker.price_ticks * fill.quantity_lots for fill in fills]) * tick_value
