"""Deciding `ExpireOrders`: the time of DAY and GTD orders is over."""

from markethall_engine.domain.commands import ExpireOrders
from markethall_engine.domain.decisions.canceling import live_order_canceled
from markethall_engine.domain.events import Event
from markethall_engine.domain.reasons import CancelReason
from markethall_engine.domain.state import ExchangeState


def expire_orders(state: ExchangeState, command: ExpireOrders, sequence: int, time_ns: int) -> list[Event]:
    """One `OrderCanceled` for each order whose time it is, by time and then by id."""
    return [
        live_order_canceled(state.live_orders[order_id], CancelReason.EXPIRED)
        for order_id in state.expiries.due(command.time_ns)
    ]
