"""Meeting orders that a plain walk through the queue does not do justice to.

Icebergs come round again; own orders are met with self-trade prevention; a reduce-only order fills no more
than what its account's position then allows; the first fill of an order of a group ends the others. What an
order may do can depend on what the plan did before, so a plan that meets such orders is one object that
remembers.
"""

from collections import deque
from collections.abc import Iterable
from typing import Final

from markethall_engine.domain.account_state import AccountState
from markethall_engine.domain.book.price_level import PriceLevel
from markethall_engine.domain.instructions import Instructions, SelfTradePrevention
from markethall_engine.domain.live_order import LiveOrder
from markethall_engine.domain.matches import Cancellation, Fill, Match, Prevention, Reduction
from markethall_engine.domain.order import Side
from markethall_engine.domain.reasons import CancelReason

_BUY: Final = Side.BUY
_CANCEL_NEWEST: Final = SelfTradePrevention.CANCEL_NEWEST
_CANCEL_OLDEST: Final = SelfTradePrevention.CANCEL_OLDEST
_CANCEL_BOTH: Final = SelfTradePrevention.CANCEL_BOTH


class CarefulPlan:
    """A plan of matches under way, for an incoming order of `taker` with the id `order_id`, 0 if it is new.

    `matches` is what was planned before, and is added to. Orders that have `ended` by then are not met.
    """

    __slots__ = ("_gone", "_group_id", "_matches", "_order_id", "_positions", "_rule", "_seen", "_taker")

    def __init__(
        self,
        taker: AccountState,
        instructions: Instructions | None,
        order_id: int,
        matches: list[Match],
        ended: Iterable[int] = (),
    ) -> None:
        self._taker = taker
        self._order_id = order_id
        self._group_id = "" if instructions is None else instructions.order_group_id
        self._rule = None if instructions is None else instructions.self_trade_prevention
        self._matches = matches
        self._gone = set(ended)  # orders with nothing left, of those that more than one match may name
        self._positions: dict[str, int] = {}  # what the first `_seen` matches added to accounts' positions
        self._seen = 0

    def meet(self, level: PriceLevel, quantity_lots: int) -> int:
        """Match with one level; gives what is left to match, 0 after what cancels the incoming order.

        An iceberg whose shown part is taken shows its next one at the back of the queue, where it may be met
        again. An own order is met whole, with what it hides.
        """
        coming = level.first
        again: deque[tuple[LiveOrder, int, int]] = deque()  # icebergs, with what they show and hide by then
        while quantity_lots:
            if coming is not None:
                order, hidden_lots = coming, coming.hidden_lots
                shown_lots = order.leaves_lots - hidden_lots
                coming = coming.next
            elif again:
                order, shown_lots, hidden_lots = again.popleft()
            else:
                break
            if order.order_id in self._gone:
                continue
            if self._rule is not None and self._is_own(order):
                quantity_lots = self._prevent(order, quantity_lots, self._rule)
                continue
            instructions = order.instructions
            if instructions is not None and instructions.reduce_only:
                shown_lots = self._cut(order)
                if shown_lots == 0:
                    continue
            lots = min(quantity_lots, shown_lots)
            self._matches.append(Fill(order, lots))
            quantity_lots -= lots
            if hidden_lots and lots == shown_lots:
                next_lots = hidden_lots - next_hidden_lots(order, hidden_lots)
                again.append((order, next_lots, hidden_lots - next_lots))
            elif lots == shown_lots:
                self._gone.add(order.order_id)
            self._cancel_groups(order)
        return quantity_lots

    def _is_own(self, order: LiveOrder) -> bool:
        """Whether it is the taker's, or of an account that the taker is not to trade with either."""
        if order.owner is self._taker:
            return True
        group_id = self._taker.account.self_trade_group_id
        return group_id != "" and order.owner.account.self_trade_group_id == group_id

    def _prevent(self, order: LiveOrder, quantity_lots: int, rule: SelfTradePrevention) -> int:
        lots = min(quantity_lots, order.leaves_lots)
        self._matches.append(Prevention(order, lots, rule))
        if rule is _CANCEL_NEWEST or rule is _CANCEL_BOTH:
            return 0
        if rule is _CANCEL_OLDEST or lots == order.leaves_lots:
            self._gone.add(order.order_id)
        return quantity_lots if rule is _CANCEL_OLDEST else quantity_lots - lots

    def _cut(self, order: LiveOrder) -> int:
        """Leave a reduce-only order what it can reduce by now; gives its leaves."""
        reducible_lots = self._reducible_lots(order)
        if order.leaves_lots <= reducible_lots:
            return order.leaves_lots
        if reducible_lots == 0:
            self._matches.append(Cancellation(order, CancelReason.REDUCE_ONLY))
            self._gone.add(order.order_id)
        else:
            self._matches.append(Reduction(order, order.leaves_lots - reducible_lots))
        return reducible_lots

    def _reducible_lots(self, order: LiveOrder) -> int:
        """By how much the order's side reduces its account's position, as the plan leaves that so far."""
        positions = self._positions
        matches = self._matches
        for index in range(self._seen, len(matches)):
            match = matches[index]
            if isinstance(match, Fill):
                bought_lots = match.quantity_lots if match.maker.side is _BUY else -match.quantity_lots
                maker_id, taker_id = match.maker.account_id, self._taker.account.account_id
                positions[maker_id] = positions.get(maker_id, 0) + bought_lots
                positions[taker_id] = positions.get(taker_id, 0) - bought_lots
        self._seen = len(matches)
        position = order.owner.positions.get(order.symbol)
        lots = positions.get(order.account_id, 0) + (0 if position is None else position.quantity_lots)
        return max(0, -lots if order.side is _BUY else lots)

    def _cancel_groups(self, maker: LiveOrder) -> None:
        """Take out the others of the groups whose orders have just traded, the maker's group first."""
        instructions = maker.instructions
        if instructions is not None and instructions.order_group_id:
            self._cancel_group(maker.owner, instructions.order_group_id, maker)
        if self._group_id:
            self._cancel_group(self._taker, self._group_id, maker)

    def _cancel_group(self, account: AccountState, group_id: str, maker: LiveOrder) -> None:
        for order in account.orders_of_group(group_id):
            order_id = order.order_id
            if order is not maker and order_id != self._order_id and order_id not in self._gone:
                self._gone.add(order_id)
                self._matches.append(Cancellation(order, CancelReason.ORDER_GROUP))


def next_hidden_lots(order: LiveOrder, leaves_lots: int) -> int:
    """What an iceberg still hides after showing its next part."""
    assert order.instructions is not None, "what hides is an iceberg"
    return order.instructions.hidden_lots(leaves_lots)
