"""The end of an auction: one price, and trades at it."""

from collections import Counter

from markethall_engine.domain.events import AuctionEnded, Event, TradePrevented
from markethall_engine.domain.instructions import SelfTradePrevention
from markethall_engine.domain.order import Side
from markethall_engine.domain.reasons import CancelReason
from tests.simulation.oracle import groups, matching
from tests.simulation.oracle.lifecycle import cancel, reduce
from tests.simulation.oracle.order import Order
from tests.simulation.oracle.state import State

Walk = list[tuple[Order, Order, int]]
"""Who trades with whom, the older one first, and how many lots."""


def uncross(state: State, symbol: str) -> list[Event]:
    """Walk until nothing is cut any more, then trade."""
    events: list[Event] = []
    while True:
        price_ticks = _price(state, symbol)
        if price_ticks is None:
            return [*events, AuctionEnded(symbol, 0, 0)]
        cuts, meetings = _walk(state, symbol, price_ticks)
        events += cuts
        if not cuts:
            break
    for older, younger, lots in meetings:
        events += matching.trade_in_auction(state, older, younger, lots, price_ticks)
    state.auction_price[symbol] = price_ticks
    return [*events, AuctionEnded(symbol, price_ticks, sum(lots for _, _, lots in meetings))]


def _price(state: State, symbol: str) -> int | None:
    """By volume, then surplus, then pressure, then nearness to the reference."""
    bids, asks = state.resting(symbol, Side.BUY), state.resting(symbol, Side.SELL)

    def demand(ticks: int) -> int:
        return sum(bid.leaves_lots for bid in bids if bid.price_ticks >= ticks)

    def supply(ticks: int) -> int:
        return sum(ask.leaves_lots for ask in asks if ask.price_ticks <= ticks)

    prices = sorted({order.price_ticks for order in (*bids, *asks)})
    largest = max((min(demand(ticks), supply(ticks)) for ticks in prices), default=0)
    if largest == 0:
        return None
    prices = [ticks for ticks in prices if min(demand(ticks), supply(ticks)) == largest]
    smallest = min(abs(demand(ticks) - supply(ticks)) for ticks in prices)
    prices = [ticks for ticks in prices if abs(demand(ticks) - supply(ticks)) == smallest]
    if all(demand(ticks) > supply(ticks) for ticks in prices):
        return prices[-1]
    if all(demand(ticks) < supply(ticks) for ticks in prices):
        return prices[0]
    reference = state.reference_price(symbol) or prices[0]
    return min(prices, key=lambda ticks: (abs(ticks - reference), -ticks))


def _walk(state: State, symbol: str, price_ticks: int) -> tuple[list[Event], Walk]:
    """What the two queues would trade, and what was cut on the way."""
    cuts: list[Event] = []
    meetings: Walk = []
    while True:
        met: Counter[int] = Counter()
        for older, younger, lots in meetings:
            met[older.order_id] += lots
            met[younger.order_id] += lots
        heads = []
        for side in Side:
            for order in state.resting(symbol, side):
                if (
                    matching.reaches(side, order.price_ticks, price_ticks)
                    and order.leaves_lots > met[order.order_id]
                ):
                    heads.append(order)
                    break
        if len(heads) < 2:
            return cuts, meetings
        older, younger = sorted(heads, key=lambda order: order.order_id)
        open_lots = {order.order_id: order.leaves_lots - met[order.order_id] for order in heads}
        lots = min(open_lots.values())
        cut = _cut(state, older, younger, lots, open_lots, meetings, price_ticks)
        cuts += cut
        if not cut:
            meetings.append((older, younger, lots))


def _cut(
    state: State,
    older: Order,
    younger: Order,
    lots: int,
    open_lots: dict[int, int],
    meetings: Walk,
    price_ticks: int,
) -> list[Event]:
    """What keeps two orders from trading as they are."""
    if matching.is_prevented(state, younger, older):
        return _prevent(state, older, younger, lots, open_lots, price_ticks)
    for order in (older, younger):
        excess = open_lots[order.order_id] - _reducible(state, order, meetings)
        if order.instructions.reduce_only and excess > 0:
            return _cut_by(state, order, excess, CancelReason.REDUCE_ONLY)
    return groups.cancel_others(state, older, younger)


def _prevent(
    state: State, older: Order, younger: Order, lots: int, open_lots: dict[int, int], price_ticks: int
) -> list[Event]:
    rule = younger.instructions.self_trade_prevention
    assert rule is not None
    events: list[Event] = [
        TradePrevented(
            younger.symbol,
            younger.account_id,
            younger.order_id,
            younger.side,
            older.order_id,
            price_ticks,
            lots,
            rule,
            older.account_id if older.account_id != younger.account_id else "",
        )
    ]
    for order, spared in (
        (older, SelfTradePrevention.CANCEL_NEWEST),
        (younger, SelfTradePrevention.CANCEL_OLDEST),
    ):
        if rule is SelfTradePrevention.DECREMENT:
            events += _cut_by(state, order, lots, CancelReason.SELF_TRADE_PREVENTION)
        elif rule is not spared:
            events += _cut_by(state, order, open_lots[order.order_id], CancelReason.SELF_TRADE_PREVENTION)
    return events


def _cut_by(state: State, order: Order, lots: int, reason: CancelReason) -> list[Event]:
    if lots == order.leaves_lots:
        return [cancel(state, order, reason)]
    return [reduce(order, lots)]


def _reducible(state: State, order: Order, meetings: Walk) -> int:
    """What the account's position lets an order reduce, once all have traded that met before."""
    position = state.position(order.account_id, order.symbol)
    for older, younger, lots in meetings:
        for met in (older, younger):
            if met.account_id == order.account_id:
                position += lots if met.side is Side.BUY else -lots
    return max(0, -position if order.side is Side.BUY else position)
