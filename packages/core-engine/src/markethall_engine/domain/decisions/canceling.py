"""Deciding `CancelOrder`, `CancelAllOrders`, `EndSession`: possible whatever state trading is in."""

from typing import Final

from markethall_engine.domain.commands import CancelAllOrders, CancelOrder, EndSession
from markethall_engine.domain.decisions.order_lookup import find_live_order
from markethall_engine.domain.events import (
    CancelAllCompleted,
    CancelRejected,
    CommandRejected,
    Event,
    OrderCanceled,
    SessionEnded,
)
from markethall_engine.domain.live_order import LiveOrder
from markethall_engine.domain.reasons import CancelReason
from markethall_engine.domain.risk.checks import check_account, unknown_instrument
from markethall_engine.domain.risk.refusal import Refusal
from markethall_engine.domain.state import ExchangeState

_REQUESTED: Final = CancelReason.REQUESTED


def cancel_order(state: ExchangeState, command: CancelOrder, sequence: int, time_ns: int) -> list[Event]:
    order = find_live_order(
        state,
        account_id=command.account_id,
        order_id=command.order_id,
        client_order_id=command.client_order_id,
    )
    if isinstance(order, Refusal):
        return [
            CancelRejected(
                account_id=command.account_id,
                order_id=command.order_id,
                client_order_id=command.client_order_id,
                reason=order.reason,
                detail=order.detail,
            )
        ]
    return [live_order_canceled(order, _REQUESTED)]


def cancel_all_orders(
    state: ExchangeState, command: CancelAllOrders, sequence: int, time_ns: int
) -> list[Event]:
    """One `OrderCanceled` an order, oldest first."""
    refusal = check_account(state, command.account_id)
    if refusal is None and command.symbol and command.symbol not in state.markets:
        refusal = unknown_instrument(command.symbol)
    if refusal is not None:
        return [CommandRejected(refusal.reason, refusal.detail)]
    events: list[Event] = [
        live_order_canceled(order, _REQUESTED)
        for order in state.accounts[command.account_id].live_orders.values()
        if command.symbol in ("", order.symbol) and command.side in (None, order.side)
    ]
    events.append(CancelAllCompleted(command.account_id, command.symbol, command.side, len(events)))
    return events


def end_session(state: ExchangeState, command: EndSession, sequence: int, time_ns: int) -> list[Event]:
    """One `OrderCanceled` an order, oldest first."""
    orders = state.sessions.get(command.session_id, {}).values()
    events: list[Event] = [live_order_canceled(order, CancelReason.DISCONNECTED) for order in orders]
    events.append(SessionEnded(command.session_id, len(events)))
    return events


def live_order_canceled(order: LiveOrder, reason: CancelReason) -> OrderCanceled:
    """What canceling all that is left of a live order amounts to."""
    return OrderCanceled(
        order.order_id,
        order.account_id,
        order.symbol,
        order.side,
        order.price_ticks,
        order.leaves_lots,
        order.is_resting,
        reason,
        order.hidden_lots,
    )
