"""The end of an auction: resting orders trade with each other at one price.

Both queues, by price and then time, are walked side by side. Where orders meet that must not trade (of one
account, with self-trade prevention), or that end others (of a group) or must be lowered first (reduce-only),
that is decided before anything trades; the price is then found anew from what is left. So the price is always
that of most volume over the orders that really trade at it, and nothing that is left crosses.
"""

from typing import Final

from markethall_engine.domain.auction_price import AuctionPrice, auction_price
from markethall_engine.domain.book.book_side import BookSide
from markethall_engine.domain.decisions.canceling import live_order_canceled
from markethall_engine.domain.events import (
    AuctionEnded,
    AuctionSides,
    Event,
    OrderCanceled,
    OrderReduced,
    TradeExecuted,
    TradePrevented,
)
from markethall_engine.domain.instructions import SelfTradePrevention
from markethall_engine.domain.instrument import Instrument
from markethall_engine.domain.ledger.fees import fee_credit_after, fee_due
from markethall_engine.domain.ledger.reservation import limit_reservation
from markethall_engine.domain.live_order import LiveOrder
from markethall_engine.domain.market import Market
from markethall_engine.domain.order import Side
from markethall_engine.domain.reasons import CancelReason

_CANCEL_NEWEST: Final = SelfTradePrevention.CANCEL_NEWEST
_CANCEL_OLDEST: Final = SelfTradePrevention.CANCEL_OLDEST
_DECREMENT: Final = SelfTradePrevention.DECREMENT


def uncrossed(market: Market, last_trade_id: int) -> list[Event]:
    """What trades when the auction ends, and what must be canceled before it may."""
    return Uncrossing(market).events(last_trade_id + 1)


class CrossingOrder:
    """A resting order that the other side reaches, and what the uncrossing leaves of it."""

    __slots__ = (
        "_fee_credit",
        "_hidden_lots",
        "_instrument",
        "_quantity_lots",
        "leaves_lots",
        "open_lots",
        "order",
    )

    def __init__(self, order: LiveOrder, instrument: Instrument) -> None:
        self.order = order
        self._instrument = instrument
        self._quantity_lots = order.quantity_lots
        self._fee_credit = order.fee_credit
        self.leaves_lots = order.leaves_lots
        self._hidden_lots = order.hidden_lots
        self.open_lots = 0  # of its leaves, what has met nobody in the walk under way

    def cut(self, lots: int, reason: CancelReason) -> Event:
        """Take `lots` of its open quantity off, or of all, hidden ones first."""
        order = self.order
        self.open_lots = max(0, self.open_lots - lots)
        self.leaves_lots -= lots
        if self.leaves_lots == 0:
            return OrderCanceled(
                order.order_id,
                order.account_id,
                order.symbol,
                order.side,
                order.price_ticks,
                lots,
                was_resting=True,
                reason=reason,
                hidden_lots=self._hidden_lots,
            )
        hidden_lots = min(lots, self._hidden_lots)
        self._hidden_lots -= hidden_lots
        self._quantity_lots -= lots
        return OrderReduced(
            order_id=order.order_id,
            account_id=order.account_id,
            symbol=order.symbol,
            side=order.side,
            price_ticks=order.price_ticks,
            quantity_lots=self._quantity_lots,
            leaves_lots=self.leaves_lots,
            reserved=self._reservation(),
            reduced_lots=lots,
            was_resting=True,
            reduced_hidden_lots=hidden_lots,
        )

    def fill(self, lots: int, notional: int, rate_ppm: int) -> tuple[int, int, int]:
        """Count a fill down; gives its fee, what the order still holds back, and how much less it shows."""
        fee = fee_due(notional, rate_ppm, self._fee_credit)
        self._fee_credit = fee_credit_after(notional, rate_ppm, self._fee_credit, fee)
        shown_lots = self.leaves_lots - self._hidden_lots
        self.leaves_lots -= lots
        instructions = self.order.instructions
        self._hidden_lots = 0 if instructions is None else instructions.hidden_lots(self.leaves_lots)
        reserved = self._reservation() if self.leaves_lots else 0
        return fee, reserved, shown_lots - (self.leaves_lots - self._hidden_lots)

    def _reservation(self) -> int:
        order = self.order
        return limit_reservation(
            self._instrument,
            side=order.side,
            price_ticks=order.price_ticks,
            leaves_lots=self.leaves_lots,
            highest_fee_ppm=order.highest_fee_ppm(),
            fee_credit=self._fee_credit,
        )


Meeting = tuple[CrossingOrder, CrossingOrder, int]
"""The older order, the younger one, and how much they trade."""


class Uncrossing:
    """The crossing part of one book on its way to being uncrossed."""

    __slots__ = (
        "_asks",
        "_bids",
        "_crossing",
        "_cuts",
        "_ended_elsewhere",
        "_instrument",
        "_meetings",
        "_positions",
        "_reference_ticks",
    )

    def __init__(self, market: Market) -> None:
        book = market.book
        self._instrument = market.instrument
        self._reference_ticks = market.reference_ticks()
        self._bids = _crossing_orders(book.bids, book.asks, market.instrument)
        self._asks = _crossing_orders(book.asks, book.bids, market.instrument)
        self._crossing = {order.order.order_id: order for order in (*self._bids, *self._asks)}
        self._ended_elsewhere: set[int] = set()  # orders of groups that do not cross
        # Of the walk under way:
        self._cuts: list[Event] = []
        self._meetings: list[Meeting] = []
        self._positions: dict[str, int] = {}  # what the meetings add to accounts' positions

    def events(self, trade_id: int) -> list[Event]:
        """What happens, until and with the end; trades are numbered from `trade_id`."""
        events: list[Event] = []
        outcome = self._price()
        while outcome is not None:
            self._walk(outcome.price_ticks)
            if not self._cuts:
                break
            events += self._cuts
            outcome = self._price()
        if outcome is None:
            return [*events, AuctionEnded(self._instrument.symbol, 0, 0)]
        for number, (older, younger, lots) in enumerate(self._meetings, trade_id):
            events.append(self._trade(older, younger, lots, outcome.price_ticks, number))
        events.append(AuctionEnded(self._instrument.symbol, outcome.price_ticks, outcome.quantity_lots))
        return events

    def _price(self) -> AuctionPrice | None:
        return auction_price(_priced(self._bids), _priced(self._asks), self._reference_ticks)

    def _walk(self, price_ticks: int) -> None:
        """Have bids and asks meet at this price, from the heads of both queues on."""
        self._meetings, self._cuts, self._positions = [], [], {}
        bids = [bid for bid in self._bids if bid.order.price_ticks >= price_ticks]
        asks = [ask for ask in self._asks if ask.order.price_ticks <= price_ticks]
        for order in (*bids, *asks):
            order.open_lots = order.leaves_lots
        bid_index = ask_index = 0
        while bid_index < len(bids) and ask_index < len(asks):
            bid, ask = bids[bid_index], asks[ask_index]
            if bid.open_lots == 0:
                bid_index += 1
            elif ask.open_lots == 0:
                ask_index += 1
            elif bid.order.order_id < ask.order.order_id:
                self._meet(bid, ask, price_ticks)
            else:
                self._meet(ask, bid, price_ticks)

    def _meet(self, older: CrossingOrder, younger: CrossingOrder, price_ticks: int) -> None:
        """What two orders at the heads of their queues do to each other."""
        lots = min(older.open_lots, younger.open_lots)
        rule = _rule_between(older.order, younger.order)
        if rule is not None:
            self._prevent(older, younger, lots, price_ticks, rule)
            return
        if self._is_cut_to_reduce(older) or self._is_cut_to_reduce(younger):
            return
        self._end_groups(older, younger)
        older.open_lots -= lots
        younger.open_lots -= lots
        self._meetings.append((older, younger, lots))
        for order in (older.order, younger.order):
            bought_lots = lots if order.side is Side.BUY else -lots
            self._positions[order.account_id] = self._positions.get(order.account_id, 0) + bought_lots

    def _is_cut_to_reduce(self, crossing: CrossingOrder) -> bool:
        """Take off what would no longer reduce the account's position, and say whether there was any."""
        order = crossing.order
        if order.instructions is None or not order.instructions.reduce_only:
            return False
        position = order.owner.positions.get(order.symbol)
        lots = self._positions.get(order.account_id, 0) + (0 if position is None else position.quantity_lots)
        reducible_lots = max(0, -lots if order.side is Side.BUY else lots)
        if crossing.open_lots <= reducible_lots:
            return False
        self._cuts.append(crossing.cut(crossing.open_lots - reducible_lots, CancelReason.REDUCE_ONLY))
        return True

    def _end_groups(self, older: CrossingOrder, younger: CrossingOrder) -> None:
        """End the other orders of the groups of two that trade."""
        for trading in (older.order, younger.order):
            if trading.instructions is None or not trading.instructions.order_group_id:
                continue
            for order in trading.owner.orders_of_group(trading.instructions.order_group_id):
                if order is not older.order and order is not younger.order:
                    self._end(order)

    def _end(self, order: LiveOrder) -> None:
        """End an order of a group, unless that was done already."""
        crossing = self._crossing.get(order.order_id)
        if crossing is not None:
            if crossing.leaves_lots:
                self._cuts.append(crossing.cut(crossing.leaves_lots, CancelReason.ORDER_GROUP))
        elif order.order_id not in self._ended_elsewhere:
            self._ended_elsewhere.add(order.order_id)
            self._cuts.append(live_order_canceled(order, CancelReason.ORDER_GROUP))

    def _prevent(
        self,
        older: CrossingOrder,
        younger: CrossingOrder,
        lots: int,
        price_ticks: int,
        rule: SelfTradePrevention,
    ) -> None:
        """What self-trade prevention does to both orders; the younger one counts as the incoming."""
        self._cuts.append(
            TradePrevented(
                symbol=self._instrument.symbol,
                account_id=younger.order.account_id,
                incoming_order_id=younger.order.order_id,
                incoming_side=younger.order.side,
                resting_order_id=older.order.order_id,
                price_ticks=price_ticks,
                quantity_lots=lots,
                self_trade_prevention=rule,
                resting_account_id=""
                if older.order.account_id == younger.order.account_id
                else older.order.account_id,
            )
        )
        reason = CancelReason.SELF_TRADE_PREVENTION
        if rule is not _CANCEL_NEWEST:
            self._cuts.append(older.cut(lots if rule is _DECREMENT else older.open_lots, reason))
        if rule is not _CANCEL_OLDEST:
            self._cuts.append(younger.cut(lots if rule is _DECREMENT else younger.open_lots, reason))

    def _trade(
        self, older: CrossingOrder, younger: CrossingOrder, lots: int, price_ticks: int, trade_id: int
    ) -> TradeExecuted:
        maker, taker = older.order, younger.order
        notional = self._instrument.notional(price_ticks, lots)
        maker_fee, maker_reserved, maker_shown = older.fill(lots, notional, maker.terms.maker_fee_ppm)
        taker_fee, taker_reserved, taker_shown = younger.fill(lots, notional, taker.terms.taker_fee_ppm)
        return TradeExecuted(
            trade_id=trade_id,
            symbol=self._instrument.symbol,
            price_ticks=price_ticks,
            quantity_lots=lots,
            notional=notional,
            taker_side=taker.side,
            maker_order_id=maker.order_id,
            maker_account_id=maker.account_id,
            maker_fee=maker_fee,
            maker_leaves_lots=older.leaves_lots,
            maker_reserved=maker_reserved,
            taker_order_id=taker.order_id,
            taker_account_id=taker.account_id,
            taker_fee=taker_fee,
            taker_leaves_lots=younger.leaves_lots,
            taker_reserved=taker_reserved,
            auction=AuctionSides(
                maker_limit_ticks=maker.price_ticks,
                maker_shown_lots=maker_shown,
                taker_limit_ticks=taker.price_ticks,
                taker_shown_lots=taker_shown,
            ),
        )


def _crossing_orders(side: BookSide, other: BookSide, instrument: Instrument) -> list[CrossingOrder]:
    """The orders of a side that the other side reaches, by priority."""
    best_ticks = other.ladder.best()
    if best_ticks is None:
        return []
    return [
        CrossingOrder(order, instrument)
        for price_ticks in side.ladder.within(best_ticks)
        for order in side.level(price_ticks)
    ]


def _priced(orders: list[CrossingOrder]) -> list[tuple[int, int]]:
    return [(order.order.price_ticks, order.leaves_lots) for order in orders if order.leaves_lots]


def _rule_between(older: LiveOrder, younger: LiveOrder) -> SelfTradePrevention | None:
    """How a trade of the two is to be prevented, if it is; the younger one says."""
    instructions = younger.instructions
    if instructions is None or instructions.self_trade_prevention is None:
        return None
    if older.account_id != younger.account_id:
        group_id = younger.owner.account.self_trade_group_id
        if not group_id or older.owner.account.self_trade_group_id != group_id:
            return None
    return instructions.self_trade_prevention
