"""New terms for live orders."""

import msgspec

from markethall_engine.domain.commands import ReplaceOrder
from markethall_engine.domain.events import Event, OrderReplaced, ReplaceRejected
from markethall_engine.domain.instructions import Instructions
from markethall_engine.domain.instrument import InstrumentStatus
from markethall_engine.domain.order import OrderType
from markethall_engine.domain.reasons import CancelReason, RejectReason
from tests.simulation.oracle import brackets, checks, margin, reduce_only, risk, stops
from tests.simulation.oracle.canceling import find
from tests.simulation.oracle.lifecycle import cancel, rest
from tests.simulation.oracle.matching import sweep
from tests.simulation.oracle.order import Order
from tests.simulation.oracle.sliding import slide
from tests.simulation.oracle.state import State


def replace(state: State, command: ReplaceOrder) -> list[Event]:
    order = find(state, command)
    if isinstance(order, RejectReason):
        return _reject(command, order)
    new = _with_new_terms(command, order)
    if not new.is_pending:
        slide(state, new)
    reason = _why_not(state, command, order, new)
    if reason is not None:
        return _reject(command, reason)
    if new.leaves_lots == 0:
        return [cancel(state, order, CancelReason.REPLACED)]
    if new.is_pending:
        state.live[state.live.index(order)] = new
        stops.wait(state, new)
        return [_replaced(order, new, keeps_priority=False)]
    keeps_priority = (
        new.price_ticks == order.price_ticks
        and new.quantity_lots < order.quantity_lots
        and new.replied_instructions == order.replied_instructions
    )
    if keeps_priority:
        new.shown_lots = min(order.shown_lots, new.leaves_lots)
    else:
        new.arrival = new.shown_lots = 0
    state.live[state.live.index(order)] = new
    events: list[Event] = [_replaced(order, new, keeps_priority=keeps_priority)]
    if not keeps_priority:
        events += sweep(state, new)
        if new in state.live:
            events.append(rest(state, new))
    return events


def _with_new_terms(command: ReplaceOrder, order: Order) -> Order:
    new = order.copy()
    if command.quantity_lots is not None:
        new.quantity_lots = command.quantity_lots
    if command.price_ticks is not None:
        new.price_ticks = command.price_ticks
    if command.display_lots is not None:
        new.replied_instructions = msgspec.structs.replace(
            new.instructions, display_lots=command.display_lots
        )
    if command.stop_price_ticks is not None:
        new.replied_instructions = msgspec.structs.replace(
            new.instructions, stop_price_ticks=command.stop_price_ticks
        )
    return new


def _why_not(state: State, command: ReplaceOrder, order: Order, new: Order) -> RejectReason | None:
    if command.stop_price_ticks is not None and not order.is_pending:
        return RejectReason.INVALID_PARAMETERS
    instrument = state.instruments[order.symbol]
    if instrument.status is InstrumentStatus.HALTED:
        return RejectReason.INSTRUMENT_HALTED
    if command.instrument_revision != instrument.revision:
        return RejectReason.INSTRUMENT_CHANGED
    if not _makes_sense(command, order, new):
        return RejectReason.INVALID_PARAMETERS
    if new.quantity_lots < order.filled_lots:
        return RejectReason.QUANTITY_BELOW_FILLED
    if _terms(new) == _terms(order):
        return RejectReason.NO_CHANGE
    if new.is_pending:
        return _why_not_wait(state, order, new)
    reason = None
    if new.quantity_lots not in (order.quantity_lots, order.filled_lots):
        reason = checks.out_of_bounds(instrument, new.quantity_lots)
    if reason is None and new.price_ticks != order.price_ticks:
        reason = checks.out_of_band(state, new)
    if reason is not None:
        return reason
    if new.instructions.post_only and checks.would_take(state, new):
        return RejectReason.POST_ONLY_WOULD_TAKE
    if not brackets.make_sense(new):
        return RejectReason.INVALID_PARAMETERS
    display = new.instructions.display_lots
    if display < 0 or new.leaves_lots > 100 * display > 0 or (display and new.instructions.reduce_only):
        return RejectReason.INVALID_PARAMETERS
    return _why_not_allowed(state, order, new) if new.leaves_lots else None


def _makes_sense(command: ReplaceOrder, order: Order, new: Order) -> bool:
    has_limit = order.order_type in (OrderType.LIMIT, OrderType.STOP_LIMIT)
    if new.quantity_lots <= 0 or has_limit is not (new.price_ticks > 0):
        return False
    if command.stop_price_ticks is not None and (
        order.order_type is OrderType.TRAILING_STOP or command.stop_price_ticks <= 0
    ):
        return False
    return not order.is_pending or command.display_lots is None


def _why_not_wait(state: State, order: Order, new: Order) -> RejectReason | None:
    """Of an order that waits to be released."""
    if risk.is_stopped(state, new):
        return RejectReason.KILL_SWITCH
    if new.quantity_lots != order.quantity_lots:
        reason = checks.out_of_bounds(new.instrument, new.quantity_lots)
        if reason is not None:
            return reason
        if new.quantity_lots > 100 * new.instructions.display_lots > 0:
            return RejectReason.INVALID_PARAMETERS
    reason = checks.out_of_band(state, new) if new.price_ticks != order.price_ticks else None
    if reason is not None:
        return reason
    if not brackets.make_sense(new):
        return RejectReason.INVALID_PARAMETERS
    ticks = new.price_ticks or new.instructions.stop_price_ticks
    if risk.is_too_large(state, new, ticks * new.quantity_lots * new.instrument.tick_value):
        return RejectReason.RISK_LIMIT
    return None


def _why_not_allowed(state: State, order: Order, new: Order) -> RejectReason | None:
    if new.quantity_lots > order.quantity_lots and reduce_only.would_increase(state, new):
        return RejectReason.REDUCE_ONLY_WOULD_INCREASE
    if risk.is_stopped(state, new):
        return RejectReason.KILL_SWITCH
    only_lowers = new.price_ticks == order.price_ticks and new.quantity_lots < order.quantity_lots
    notional = new.filled_notional + new.price_ticks * new.leaves_lots * new.instrument.tick_value
    if not only_lowers and (
        risk.is_too_large(state, new, notional)
        or risk.reaches_too_far(state, new)
        or risk.has_lost_too_much(state, new)
    ):
        return RejectReason.RISK_LIMIT
    if margin.of_account(state, order.account_id):
        raises = new.price_ticks != order.price_ticks or new.quantity_lots > order.quantity_lots
        return None if not raises else margin.why_not_order(state, new, new.leaves_lots)
    if new.needs > state.available(order.account_id, order.pays) + order.needs:
        return RejectReason.INSUFFICIENT_FUNDS
    return None


def _terms(order: Order) -> tuple[int, int, Instructions | None]:
    return order.quantity_lots, order.price_ticks, order.replied_instructions


def _replaced(old: Order, new: Order, *, keeps_priority: bool) -> OrderReplaced:
    return OrderReplaced(
        order_id=new.order_id,
        account_id=new.account_id,
        symbol=new.symbol,
        side=new.side,
        quantity_lots=new.quantity_lots,
        price_ticks=new.price_ticks,
        leaves_lots=new.leaves_lots,
        reserved=new.needs,
        old_quantity_lots=old.quantity_lots,
        old_price_ticks=old.price_ticks,
        old_leaves_lots=old.leaves_lots,
        keeps_priority=keeps_priority,
        hidden_lots=new.hidden_lots,
        old_hidden_lots=old.hidden_lots,
        instructions=new.replied_instructions,
        old_instructions=old.replied_instructions,
        tick_revision=new.instrument.revision,
        was_resting=not old.is_pending,
    )


def _reject(command: ReplaceOrder, reason: RejectReason) -> list[Event]:
    return [ReplaceRejected(command.account_id, command.order_id, command.client_order_id, reason, "")]
