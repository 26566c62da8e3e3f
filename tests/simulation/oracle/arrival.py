"""An order that comes to the market: new, or a stop order that is released."""

from fractions import Fraction
from math import ceil

from markethall_engine.domain.events import Event, TradeExecuted
from markethall_engine.domain.order import OrderType, Side, TimeInForce
from markethall_engine.domain.reasons import CancelReason, RejectReason
from tests.simulation.oracle import margin, risk
from tests.simulation.oracle.lifecycle import cancel, rest
from tests.simulation.oracle.matching import imagine, next_met, sweep
from tests.simulation.oracle.order import Order
from tests.simulation.oracle.protection import protect
from tests.simulation.oracle.state import State


def why_not(state: State, order: Order, *, is_new: bool) -> RejectReason | None:
    """Whether limits and funds let in an order that does not live yet; a market order learns its cost."""
    if order.is_market and next_met(state, order) is None:
        return RejectReason.NO_LIQUIDITY
    protect(state, order)
    trades = imagine(state, order) if order.is_market else []
    notional = sum(trade.notional for trade in trades) if order.is_market else _notional(order)
    if (
        risk.is_too_large(state, order, notional)
        or risk.reaches_too_far(state, order)
        or (is_new and risk.is_one_too_many(state, order))
        or risk.has_lost_too_much(state, order)
    ):
        return RejectReason.RISK_LIMIT
    if order.is_market and not why_killed(order, trades):
        order.cost = cost_of(order, trades)
    if margin.of_account(state, order.account_id):
        lots = order.leaves_lots
        if order.is_market:
            lots = 0 if why_killed(order, trades) else sum(trade.quantity_lots for trade in trades)
        return margin.why_not_order(state, order, lots)
    if order.needs > state.available(order.account_id, order.pays):
        return RejectReason.INSUFFICIENT_FUNDS
    return None


def why_not_pending(state: State, order: Order) -> RejectReason | None:
    """Whether limits let a stop order wait."""
    if risk.is_too_large(state, order, _notional(order)) or risk.is_one_too_many(state, order):
        return RejectReason.RISK_LIMIT
    return None


def go(state: State, order: Order) -> list[Event]:
    """What it does, once it is let in."""
    killed = why_killed(order, imagine(state, order)) if _wants_much(order) else None
    if killed:
        return [cancel(state, order, killed)]
    events = sweep(state, order)
    if order not in state.live:
        return events
    if order.may_rest:
        return [*events, rest(state, order)]
    return [*events, cancel(state, order, _why_not_more(state, order))]


def _wants_much(order: Order) -> bool:
    return order.time_in_force is TimeInForce.FOK or order.instructions.min_quantity_lots > 0


def why_killed(order: Order, trades: list[TradeExecuted]) -> CancelReason | None:
    """Whether it shall not trade at all, since it would trade too little."""
    filled = sum(trade.quantity_lots for trade in trades)
    is_limited = order.order_type in (OrderType.LIMIT, OrderType.MARKET, OrderType.STOP_LIMIT)
    if order.time_in_force is TimeInForce.FOK and is_limited and filled < order.quantity_lots:
        return CancelReason.FILL_OR_KILL
    if filled < order.instructions.min_quantity_lots:
        return CancelReason.MIN_QUANTITY
    return None


def _why_not_more(state: State, order: Order) -> CancelReason:
    if not order.is_market:
        return CancelReason.IMMEDIATE_REMAINDER
    if order.is_short_of_more and not state.is_in_auction(order.symbol):
        return CancelReason.MARKET_PROTECTION
    return CancelReason.NO_LIQUIDITY


def _notional(order: Order) -> int:
    return (
        (order.price_ticks or order.instructions.stop_price_ticks)
        * order.quantity_lots
        * order.instrument.tick_value
    )


def cost_of(order: Order, trades: list[TradeExecuted]) -> int:
    """What a market order's fills take."""
    if order.side is Side.SELL:
        return sum(trade.quantity_lots for trade in trades) * order.instrument.lot_units
    notional = sum(trade.notional for trade in trades)
    return notional + ceil(Fraction(notional * order.taker_fee_ppm, 1_000_000))
