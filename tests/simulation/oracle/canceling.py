"""What ends orders on request."""

from markethall_engine.domain.commands import CancelAllOrders, CancelOrder, EndSession, ReplaceOrder
from markethall_engine.domain.events import (
    CancelAllCompleted,
    CancelRejected,
    CommandRejected,
    Event,
    SessionEnded,
)
from markethall_engine.domain.reasons import CancelReason, RejectReason
from tests.simulation.oracle import lifecycle
from tests.simulation.oracle.order import Order
from tests.simulation.oracle.state import State


def cancel(state: State, command: CancelOrder) -> list[Event]:
    order = find(state, command)
    if isinstance(order, RejectReason):
        return [CancelRejected(command.account_id, command.order_id, command.client_order_id, order, "")]
    return [lifecycle.cancel(state, order, CancelReason.REQUESTED)]


def cancel_all(state: State, command: CancelAllOrders) -> list[Event]:
    if command.account_id not in state.accounts:
        return [CommandRejected(RejectReason.UNKNOWN_ACCOUNT, "")]
    if command.symbol and command.symbol not in state.instruments:
        return [CommandRejected(RejectReason.UNKNOWN_INSTRUMENT, "")]
    meant = [
        order
        for order in state.live
        if order.account_id == command.account_id
        and command.symbol in ("", order.symbol)
        and command.side in (None, order.side)
    ]
    events: list[Event] = [lifecycle.cancel(state, order, CancelReason.REQUESTED) for order in meant]
    return [*events, CancelAllCompleted(command.account_id, command.symbol, command.side, len(meant))]


def end_session(state: State, command: EndSession) -> list[Event]:
    meant = [order for order in state.live if order.instructions.session_id == command.session_id]
    events: list[Event] = [lifecycle.cancel(state, order, CancelReason.DISCONNECTED) for order in meant]
    return [*events, SessionEnded(command.session_id, len(meant))]


def find(state: State, command: CancelOrder | ReplaceOrder) -> Order | RejectReason:
    """The live order that a command names."""
    order_id = command.order_id or state.client_order_ids.get(
        (command.account_id, command.client_order_id), 0
    )
    for order in state.live:
        if order.order_id == order_id and order.account_id == command.account_id:
            return order
    if command.account_id not in state.accounts:
        return RejectReason.UNKNOWN_ACCOUNT
    ended = state.ended.get(order_id)
    if command.account_id in (ended.account_id if ended else None, state.rejected.get(order_id)):
        return RejectReason.ORDER_ENDED
    return RejectReason.UNKNOWN_ORDER
