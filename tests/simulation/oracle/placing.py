"""New orders."""

from fractions import Fraction
from math import ceil

from markethall_engine.domain.commands import PlaceOrder
from markethall_engine.domain.events import Event, OrderAccepted, OrderRejected
from markethall_engine.domain.order import OrderType, Side, TimeInForce
from markethall_engine.domain.reasons import CancelReason, RejectReason
from tests.simulation.oracle import checks, risk
from tests.simulation.oracle.lifecycle import cancel, rest
from tests.simulation.oracle.matching import imagine, next_met, sweep
from tests.simulation.oracle.order import Order
from tests.simulation.oracle.state import State


def place(state: State, command: PlaceOrder) -> list[Event] | int:
    """What a new order does, or the sequence of the command that this one repeats."""
    key = (command.account_id, command.client_order_id)
    if command.client_order_id:
        if key in state.client_order_ids:
            return state.client_order_ids[key]
        state.client_order_ids[key] = state.sequence
    reason = checks.of_new_order(state, command)
    if reason is not None:
        return _reject(state, command, reason)
    instrument = state.instruments[command.symbol]
    order = Order(
        state.sequence,
        command.account_id,
        instrument,
        command.side,
        command.order_type,
        command.time_in_force,
        command.price_ticks,
        command.quantity_lots,
        command.instructions,
        instrument.maker_fee_ppm,
        instrument.taker_fee_ppm,
    )
    trades = imagine(state, order)
    filled = sum(trade.quantity_lots for trade in trades)
    notional = order.price_ticks * order.quantity_lots * instrument.tick_value
    if order.is_market:
        if next_met(state, order) is None:
            return _reject(state, command, RejectReason.NO_LIQUIDITY)
        notional = sum(trade.notional for trade in trades)
    if risk.breaks_a_limit(
        state,
        order,
        order.quantity_lots,
        notional,
        state.live,
        is_new=True,
        may_rest=order.time_in_force is TimeInForce.GTC,
    ):
        return _reject(state, command, RejectReason.RISK_LIMIT)
    killed = _why_killed(order, filled)
    if order.is_market and not killed:
        order.cost = filled * instrument.lot_units
        if order.side is Side.BUY:
            order.cost = notional + ceil(Fraction(notional * order.taker_fee_ppm, 1_000_000))
    if order.needs > state.available(order.account_id, order.pays):
        return _reject(state, command, RejectReason.INSUFFICIENT_FUNDS)
    state.live.append(order)
    risk.accepted(state, order.account_id)
    return [_accepted(order, command), *_go(state, order, killed)]


def _why_killed(order: Order, filled: int) -> CancelReason | None:
    if order.time_in_force is TimeInForce.FOK and filled < order.quantity_lots:
        return CancelReason.FILL_OR_KILL
    if filled < order.instructions.min_quantity_lots:
        return CancelReason.MIN_QUANTITY
    return None


def _go(state: State, order: Order, killed: CancelReason | None) -> list[Event]:
    """What an order does that was let in."""
    if killed:
        return [cancel(state, order, killed)]
    events = sweep(state, order)
    if order not in state.live:
        return events
    if order.time_in_force is TimeInForce.GTC:
        return [*events, rest(state, order)]
    is_market = order.order_type is OrderType.MARKET
    why = CancelReason.NO_LIQUIDITY if is_market else CancelReason.IMMEDIATE_REMAINDER
    return [*events, cancel(state, order, why)]


def _accepted(order: Order, command: PlaceOrder) -> OrderAccepted:
    return OrderAccepted(
        order.order_id,
        order.account_id,
        command.client_order_id,
        order.symbol,
        order.side,
        order.order_type,
        order.time_in_force,
        order.quantity_lots,
        order.price_ticks,
        order.needs,
        order.maker_fee_ppm,
        order.taker_fee_ppm,
        command.instructions,
    )


def _reject(state: State, command: PlaceOrder, reason: RejectReason) -> list[Event]:
    state.ended[state.sequence] = command.account_id
    return [
        OrderRejected(
            state.sequence,
            command.account_id,
            command.client_order_id,
            command.symbol,
            command.side,
            command.order_type,
            command.time_in_force,
            command.quantity_lots,
            command.price_ticks,
            reason,
            "",
            command.instructions,
        )
    ]
