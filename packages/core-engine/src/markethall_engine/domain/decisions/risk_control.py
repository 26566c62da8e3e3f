"""Deciding `SetTradingState` and `UpdateRiskLimits`: who may trade, and how much."""

from collections.abc import Container

import msgspec

from markethall_engine.domain.amounts import MAX_AMOUNT
from markethall_engine.domain.commands import SetTradingState, UpdateRiskLimits
from markethall_engine.domain.decisions.canceling import live_order_canceled
from markethall_engine.domain.events import CommandRejected, Event, RiskLimitsUpdated, TradingStateSet
from markethall_engine.domain.live_order import LiveOrder
from markethall_engine.domain.names import MAX_NOTE_LENGTH
from markethall_engine.domain.reasons import CancelReason, RejectReason
from markethall_engine.domain.risk.checks import check_account, unknown_instrument
from markethall_engine.domain.risk.exposure import raising_orders
from markethall_engine.domain.risk.limits import NO_LIMITS, RiskLimits
from markethall_engine.domain.risk.refusal import Refusal, invalid
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
        *(live_order_canceled(order, CancelReason.KILL_SWITCH) for order in ended),
    ]


def update_risk_limits(
    state: ExchangeState, command: UpdateRiskLimits, sequence: int, time_ns: int
) -> list[Event]:
    """What lives already stays, even if the new limits would refuse it."""
    refusal = check_account(state, command.account_id) or _check_limits(state, command)
    if refusal is not None:
        return [CommandRejected(refusal.reason, refusal.detail)]
    risk = state.accounts[command.account_id].risk
    old = NO_LIMITS if risk is None else risk.limits
    asked = {name: getattr(command, name) for name in RiskLimits.__struct_fields__}
    changes = {name: _in_order(limit) for name, limit in asked.items() if limit is not None}
    return [RiskLimitsUpdated(command.account_id, msgspec.structs.replace(old, **changes))]


def _in_order(limit: int | dict[str, int]) -> int | dict[str, int]:
    """Maps by key, so that equal limits have one encoding."""
    return {key: limit[key] for key in sorted(limit)} if isinstance(limit, dict) else limit


def _check_limits(state: ExchangeState, command: UpdateRiskLimits) -> Refusal | None:
    unknown_symbol = _check_amounts(
        {"max_order_quantity": command.max_order_quantity, "max_position": command.max_position},
        state.markets,
        RejectReason.UNKNOWN_INSTRUMENT,
        "instrument",
    )
    return unknown_symbol or (
        _check_amounts(
            {
                "max_order_notional": command.max_order_notional,
                "max_daily_loss": command.max_daily_loss,
            },
            state.assets,
            RejectReason.UNKNOWN_ASSET,
            "asset",
        )
        or _check_counts(command)
    )


def _check_amounts(
    limits: dict[str, dict[str, int] | None], known: Container[str], unknown: RejectReason, kind: str
) -> Refusal | None:
    for name, amounts in limits.items():
        for key, amount in (amounts or {}).items():
            if key not in known:
                return Refusal(unknown, f"{name}: there is no {kind} {key!r}")
            if not 0 < amount <= MAX_AMOUNT:
                return invalid(f"{name} of {key} must be 1 to {MAX_AMOUNT} minor units, found {amount}")
    return None


def _check_counts(command: UpdateRiskLimits) -> Refusal | None:
    for name in ("max_open_orders", "max_orders_per_second"):
        count = getattr(command, name)
        if count is not None and not 0 <= count <= MAX_AMOUNT:
            return invalid(f"{name} must be 0 (none) to {MAX_AMOUNT}, found {count}")
    return None


def _check_switch(state: ExchangeState, command: SetTradingState) -> Refusal | None:
    if command.account_id and command.symbol:
        return invalid("a trading state is of an account, of an instrument or of the venue, found both")
    if len(command.reason) > MAX_NOTE_LENGTH:
        return invalid(
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
        return sorted(
            [order for account in state.family(command.account_id) for order in account.live_orders.values()],
            key=LiveOrder.age,
        )
    orders = state.live_orders.values()
    return sorted(
        [order for order in orders if command.symbol in ("", order.symbol)],
        key=LiveOrder.age,
    )
