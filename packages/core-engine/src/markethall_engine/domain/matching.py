"""Who would trade with an incoming order: by price, then by time, at the resting order's price.

Planning changes nothing. The plan becomes events, and those change the book.
"""

from collections import deque
from typing import Final, NamedTuple

from markethall_engine.domain.book.book_side import BookSide
from markethall_engine.domain.book.price_level import PriceLevel
from markethall_engine.domain.instructions import Instructions, SelfTradePrevention
from markethall_engine.domain.live_order import LiveOrder

_CANCEL_NEWEST: Final = SelfTradePrevention.CANCEL_NEWEST
_CANCEL_OLDEST: Final = SelfTradePrevention.CANCEL_OLDEST
_CANCEL_BOTH: Final = SelfTradePrevention.CANCEL_BOTH


class Fill(NamedTuple):
    """A resting order and how much of it an incoming order takes."""

    maker: LiveOrder
    quantity_lots: int


class Prevention(NamedTuple):
    """A resting order of the incoming one's account or group, and how much would have traded."""

    resting: LiveOrder
    quantity_lots: int
    rule: SelfTradePrevention


Match = Fill | Prevention
"""One meeting of an incoming order with a resting one."""


class _Own:
    """Whose orders an incoming order is not to trade with, and what is to happen instead."""

    __slots__ = ("_account_id", "_group_id", "rule")

    def __init__(self, account_id: str, group_id: str, rule: SelfTradePrevention) -> None:
        self._account_id = account_id
        self._group_id = group_id
        self.rule = rule

    def includes(self, order: LiveOrder) -> bool:
        if order.account_id == self._account_id:
            return True
        return self._group_id != "" and order.owner.account.self_trade_group_id == self._group_id


def plan_matches(
    resting: BookSide,
    quantity_lots: int,
    limit_ticks: int,
    account_id: str,
    instructions: Instructions | None,
    self_trade_group_id: str = "",
) -> list[Match]:
    """Match up to `quantity_lots` with one side, at `limit_ticks` or better; a limit of 0 is none.

    Account and group are the incoming order's; where the group is not empty, orders of all its accounts are
    own orders to self-trade prevention.
    """
    if instructions is None or instructions.self_trade_prevention is None:
        return _plan_fills(resting, quantity_lots, limit_ticks)
    rule = instructions.self_trade_prevention
    prevention = _Own(account_id, self_trade_group_id, rule)
    return _plan_without_self_trades(resting, quantity_lots, limit_ticks, prevention)


def _plan_fills(resting: BookSide, quantity_lots: int, limit_ticks: int) -> list[Match]:
    fills: list[Match] = []
    ladder = resting.ladder
    if limit_ticks and not ladder.reaches(limit_ticks):
        return fills
    for price_ticks in ladder.within(limit_ticks):
        level = resting.level(price_ticks)
        if level.hidden_lots:
            quantity_lots = _meet_level(level, quantity_lots, None, fills)
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


def _plan_without_self_trades(
    resting: BookSide, quantity_lots: int, limit_ticks: int, own: "_Own"
) -> list[Match]:
    """A plan in which each own order is a `Prevention`, in its place among the fills.

    After one that cancels the incoming order nothing follows.
    """
    matches: list[Match] = []
    for price_ticks in resting.ladder.within(limit_ticks):
        quantity_lots = _meet_level(resting.level(price_ticks), quantity_lots, own, matches)
        if quantity_lots == 0:
            break
    return matches


def _meet_level(
    level: PriceLevel,
    quantity_lots: int,
    own: "_Own | None",
    matches: list[Match],
) -> int:
    """Match with one level of icebergs, or of own orders, and add to `matches`; gives what is left to match.

    An iceberg whose shown part is taken shows its next one at the back of the queue, where it may be met
    again. An own order is met whole, with what it hides.
    """
    queue = deque((order, order.leaves_lots - order.hidden_lots, order.hidden_lots) for order in level)
    while queue and quantity_lots:
        order, shown_lots, hidden_lots = queue.popleft()
        if own is not None and own.includes(order):
            rule = own.rule
            lots = min(quantity_lots, order.leaves_lots)
            matches.append(Prevention(order, lots, rule))
            if rule is _CANCEL_NEWEST or rule is _CANCEL_BOTH:
                return 0
            if rule is not _CANCEL_OLDEST:
                quantity_lots -= lots
            continue
        lots = min(quantity_lots, shown_lots)
        matches.append(Fill(order, lots))
        quantity_lots -= lots
        if hidden_lots and lots == shown_lots:
            next_lots = hidden_lots - next_hidden_lots(order, hidden_lots)
            queue.append((order, next_lots, hidden_lots - next_lots))
    return quantity_lots


def next_hidden_lots(order: LiveOrder, leaves_lots: int) -> int:
    """What an iceberg still hides after showing its next part."""
    assert order.instructions is not None, "what hides is an iceberg"
    return order.instructions.hidden_lots(leaves_lots)


def filled_quantity(matches: list[Match]) -> int:
    """What would trade, in lots."""
    return sum([match.quantity_lots for match in matches if isinstance(match, Fill)])


def filled_notional(matches: list[Match], tick_value: int) -> int:
    """Price times quantity over the fills, in quote minor units."""
    fills = [match for match in matches if isinstance(match, Fill)]
    return sum([fill.maker.price_ticks * fill.quantity_lots for fill in fills]) * tick_value
