"""Deciding `SetTradingState`: what stops trading, and lets it go on."""

from markethall_engine.domain.commands import SetTradingState
from markethall_engine.domain.decisions.canceling import resting_order_canceled
from markethall_engine.domain.events import CommandRejected, Event, TradingStateSet
from markethall_engine.domain.live_order import LiveOrder
from markethall_engine.domain.names import MAX_NOTE_LENGTH
from markethall_engine.domain.reasons import CancelReason, RejectReason
from markethall_engine.domain.risk.checks import check_account, unknown_instrument
from markethall_engine.domain.risk.exposure import raising_orders
from markethall_engine.domain.risk.refusal import Refusal
from markethall_engine.domain.risk.trading_switch import TradingState, TradingSwitch
from markethall_engine.domain.state import ExchangeState


def set_trading_state(
    state: ExchangeState, command: SetTradingState, sequence: int, time_ns: int
) -> list[Event]:
    """HALTED cancels the live orders concerned, REDUCING those of them that could raise exposure."""
    refusal = _check_switch(state, command)
    if refusal is not None:
        return [CommandRejected(refusal.reason, refusal.detail)]
    ended: list[LiveOrder] = []
    if command.state is TradingState.HALTED:
        ended = _orders_concerned(state, command)
    elif command.state is TradingState.REDUCING:
        ended = raising_orders(_orders_concerned(state, command))
    switch = TradingSwitch(command.account_id, command.symbol, command.state, command.reason, time_ns)
    return [
        TradingStateSet(switch),
        *(resting_order_canceled(order, CancelReason.KILL_SWITCH) for order in ended),
    ]


def _check_switch(state: ExchangeState, command: SetTradingState) -> Refusal | None:
    if command.account_id and command.symbol:
        return _invalid("a trading state is of an account, of an instrument or of the venue, found both")
    if len(command.reason) > MAX_NOTE_LENGTH:
        return _invalid(
            f"a reason has at most {MAX_NOTE_LENGTH} characters, found {len(command.reason)}",
        )
    if command.account_id:
        return check_account(state, command.account_id)
    if command.symbol and command.symbol not in state.markets:
        return unknown_instrument(command.symbol)
    return None


def _orders_concerned(state: ExchangeState, command: SetTradingState) -> list[LiveOrder]:
    """Every live order that the switch is over, oldest first."""
    if command.account_id:
        return list(state.accounts[command.account_id].live_orders.values())
    orders = state.live_orders.values()
    return sorted(
        [order for order in orders if command.symbol in ("", order.symbol)],
        key=LiveOrder.age,
    )


def _invalid(detail: str) -> Refusal:
    return Refusal(RejectReason.INVALID_PARAMETERS, detail)
