"""An incoming order meets the other side, one resting order after another; each meeting is done at once."""

import msgspec

from markethall_engine.domain.events import AuctionSides, Event, TradeExecuted, TradePrevented
from markethall_engine.domain.instructions import SelfTradePrevention
from markethall_engine.domain.order import Side
from markethall_engine.domain.reasons import CancelReason
from tests.simulation.oracle import groups, margin, reduce_only, stops, volatility
from tests.simulation.oracle.lifecycle import cancel, leave, reduce, refresh
from tests.simulation.oracle.order import Order
from tests.simulation.oracle.state import Fill, State


def sweep(state: State, order: Order) -> list[Event]:
    """Meet all that the order reaches, or only up to the volatility band if it would trade beyond."""
    if state.is_in_auction(order.symbol):
        return []
    if state.instruments[order.symbol].volatility_band_ppm == 0 or order.is_liquidation:
        return _meet(state, order, 0)
    prices = [trade.price_ticks for trade in _imagine(state, order, has_band=False)]
    anchor_ticks = volatility.anchor(state, order.symbol) or (prices[0] if prices else 0)
    if not any(volatility.is_too_far(state, order.symbol, anchor_ticks, ticks) for ticks in prices):
        return _meet(state, order, 0)
    events: list[Event] = []
    if not volatility.is_too_far(state, order.symbol, anchor_ticks, prices[0]):
        events = _meet(state, order, anchor_ticks)
    return [*events, *volatility.begin_auction(state, order.symbol)]


def _meet(state: State, order: Order, anchor_ticks: int) -> list[Event]:
    """Until nothing of it is left, or too far beyond the anchor, if one is given."""
    events: list[Event] = []
    while order in state.live and (maker := next_met(state, order)):
        is_beyond = anchor_ticks and not reaches(order.side, anchor_ticks, maker.price_ticks)
        if is_beyond and volatility.is_too_far(state, order.symbol, anchor_ticks, maker.price_ticks):
            break
        if is_prevented(state, order, maker):
            events += _prevent(state, maker, order)
            continue
        events += reduce_only.cut(state, maker)
        if maker in state.live:
            events += _trade(state, maker, order, min(order.leaves_lots, maker.shown_lots))
    return events


def imagine(state: State, order: Order) -> list[TradeExecuted]:
    """The trades of an order, if it came now; nothing happens."""
    return _imagine(state, order, has_band=True)


def _imagine(state: State, order: Order, *, has_band: bool) -> list[TradeExecuted]:
    other, taker = state.copy(), order.copy()
    other.live = [live for live in other.live if live.order_id != order.order_id]
    other.live.append(taker)
    events = sweep(other, taker) if has_band else _meet(other, taker, 0)
    return [event for event in events if isinstance(event, TradeExecuted)]


def next_met(state: State, order: Order) -> Order | None:
    for maker in state.resting(order.symbol, opposite(order.side)):
        if order.limit_ticks == 0 or reaches(order.side, order.limit_ticks, maker.price_ticks):
            return maker
    return None


def reaches(side: Side, limit_ticks: int, price_ticks: int) -> bool:
    """Whether an order with this limit trades at that price."""
    return price_ticks <= limit_ticks if side is Side.BUY else price_ticks >= limit_ticks


def opposite(side: Side) -> Side:
    return Side.SELL if side is Side.BUY else Side.BUY


def is_prevented(state: State, order: Order, maker: Order) -> bool:
    """Whether an incoming order shall not trade with a resting one."""
    is_own = state.are_one(order.account_id, maker.account_id)
    return is_own and order.instructions.self_trade_prevention is not None


def _prevent(state: State, resting: Order, incoming: Order) -> list[Event]:
    rule = incoming.instructions.self_trade_prevention
    assert rule is not None
    lots = min(resting.leaves_lots, incoming.leaves_lots)
    events: list[Event] = [
        TradePrevented(
            incoming.symbol,
            incoming.account_id,
            incoming.order_id,
            incoming.side,
            resting.order_id,
            resting.price_ticks,
            lots,
            rule,
            resting.account_id if resting.account_id != incoming.account_id else "",
        )
    ]
    for order in (resting, incoming):
        loses_all = rule is SelfTradePrevention.CANCEL_BOTH or rule is (
            SelfTradePrevention.CANCEL_OLDEST if order is resting else SelfTradePrevention.CANCEL_NEWEST
        )
        if rule is SelfTradePrevention.DECREMENT and lots < order.leaves_lots:
            events.append(reduce(order, lots))
        elif loses_all or rule is SelfTradePrevention.DECREMENT:
            events.append(cancel(state, order, CancelReason.SELF_TRADE_PREVENTION))
    return events


def _trade(state: State, maker: Order, taker: Order, lots: int) -> list[Event]:
    maker.shown_lots -= lots
    events: list[Event] = [_execute(state, maker, taker, lots, maker.price_ticks)]
    if maker.leaves_lots and maker.shown_lots == 0:
        events.append(refresh(state, maker))
    return [*events, *groups.cancel_others(state, maker, taker)]


def trade_in_auction(state: State, older: Order, younger: Order, lots: int, price_ticks: int) -> list[Event]:
    """Let two resting orders trade; the older is the maker, and both keep their places."""
    shown_before = [order.shown_lots for order in (older, younger)]
    trade = _execute(state, older, younger, lots, price_ticks)
    for order in (older, younger):
        order.shown_lots = min(order.leaves_lots, order.instructions.display_lots or order.leaves_lots)
    sides = AuctionSides(
        older.price_ticks,
        shown_before[0] - older.shown_lots,
        younger.price_ticks,
        shown_before[1] - younger.shown_lots,
    )
    return [msgspec.structs.replace(trade, auction=sides)]


def _execute(state: State, maker: Order, taker: Order, lots: int, price_ticks: int) -> TradeExecuted:
    notional = price_ticks * lots * taker.instrument.tick_value
    maker_fee = _fill(state, maker, lots, notional, maker.maker_fee_ppm)
    taker_fee = _fill(state, taker, lots, notional, taker.taker_fee_ppm)
    state.trades += 1
    state.last_price[taker.symbol] = price_ticks
    state.first_price.setdefault(taker.symbol, price_ticks)
    for order in (maker, taker):
        reduce_only.owe_trim(state, order.account_id, order.symbol)
    stops.release(state, taker.symbol, price_ticks)
    margin.owe_liquidations(state, taker.instrument)
    return TradeExecuted(
        trade_id=state.trades,
        symbol=taker.symbol,
        price_ticks=price_ticks,
        quantity_lots=lots,
        notional=notional,
        taker_side=taker.side,
        maker_order_id=maker.order_id,
        maker_account_id=maker.account_id,
        maker_fee=maker_fee,
        maker_leaves_lots=maker.leaves_lots,
        maker_reserved=maker.needs,
        taker_order_id=taker.order_id,
        taker_account_id=taker.account_id,
        taker_fee=taker_fee,
        taker_leaves_lots=taker.leaves_lots,
        taker_reserved=taker.needs,
    )


def _fill(state: State, order: Order, lots: int, notional: int, rate_ppm: int) -> int:
    """Count a fill into the order and into what its account holds; gives the fee."""
    before = order.fee
    order.fills.append((lots, notional, rate_ppm))
    fee = order.fee - before
    account_id, instrument = order.account_id, order.instrument
    sign = 1 if order.side is Side.BUY else -1
    state.holdings[account_id, instrument.base_asset] += sign * lots * instrument.lot_units
    state.holdings[account_id, instrument.quote_asset] -= sign * notional + fee
    state.fills.append(
        Fill(
            account_id, order.symbol, instrument.quote_asset, sign * lots, sign * notional, fee, state.time_ns
        )
    )
    if order.leaves_lots == 0:
        leave(state, order)
    return fee
