"""Limits and switches: answered from all fills and all live orders."""

from collections import defaultdict
from fractions import Fraction
from math import ceil, inf

import msgspec

from markethall_engine.domain.commands import SetTradingState, UpdateRiskLimits
from markethall_engine.domain.events import CommandRejected, Event, RiskLimitsUpdated, TradingStateSet
from markethall_engine.domain.order import Side
from markethall_engine.domain.reasons import CancelReason, RejectReason
from markethall_engine.domain.risk.limits import RiskLimits
from markethall_engine.domain.risk.trading_switch import TradingState, TradingSwitch
from tests.simulation.oracle.lifecycle import cancel
from tests.simulation.oracle.order import Order
from tests.simulation.oracle.state import State

_DAY_NS = 24 * 60 * 60 * 1_000_000_000


def accepted(state: State, account_id: str) -> None:
    if account_id in state.limits and state.limits[account_id].max_orders_per_second:
        state.order_times[account_id].append(state.time_ns)


def lost_today(state: State, account_id: str, quote_asset: str) -> int:
    """By average cost, the closed share of the cost rounded up; fees are lost at once."""
    lost = 0
    open_: dict[str, tuple[int, int]] = defaultdict(lambda: (0, 0))  # lots and cost, by symbol
    for fill in state.fills:
        if (fill.account_id, fill.quote_asset) != (account_id, quote_asset):
            continue
        lots, cost = open_[fill.symbol]
        realized = 0
        closes = min(abs(lots), abs(fill.lots)) if lots * fill.lots < 0 else 0
        if closes:
            closed_cost = ceil(Fraction(cost * closes, abs(lots)))
            closed_notional = Fraction(fill.notional * closes, abs(fill.lots))
            assert closed_notional.denominator == 1
            realized = -closed_cost - int(closed_notional)
            opened_notional = fill.notional - int(closed_notional)
            open_[fill.symbol] = (lots + fill.lots, cost - closed_cost + opened_notional)
        else:
            open_[fill.symbol] = (lots + fill.lots, cost + fill.notional)
        if fill.time_ns // _DAY_NS == state.time_ns // _DAY_NS:
            lost += fill.fee - realized
    return lost


def breaks_a_limit(
    state: State,
    order: Order,
    lots: int,
    notional: int,
    beside: list[Order],
    *,
    is_new: bool,
    may_rest: bool,
) -> bool:
    """Whether an order with these terms and so many lots to trade is too much for its account."""
    account_id, symbol = order.account_id, order.symbol
    quote, units = order.instrument.quote_asset, order.instrument.lot_units
    limits = state.limits.get(account_id, RiskLimits())
    mine = [other for other in beside if other.account_id == account_id]
    same_side = [other for other in mine if (other.symbol, other.side) == (symbol, order.side)]
    sign = 1 if order.side is Side.BUY else -1
    reach = sign * state.position(account_id, symbol) + sum(other.leaves_lots for other in same_side) + lots
    second = [time for time in state.order_times[account_id] if time > state.time_ns - 1_000_000_000]
    return (
        order.quantity_lots * units > limits.max_order_quantity.get(symbol, inf)
        or notional > limits.max_order_notional.get(quote, inf)
        or reach * units > limits.max_position.get(symbol, inf)
        or (is_new and may_rest and len(mine) + 1 > (limits.max_open_orders or inf))
        or (is_new and len(second) + 1 > (limits.max_orders_per_second or inf))
        or (
            quote in limits.max_daily_loss
            and lost_today(state, account_id, quote) >= limits.max_daily_loss[quote]
            and not lowers_exposure(state, account_id, symbol, order.side, lots, beside)
        )
    )


def lowers_exposure(
    state: State, account_id: str, symbol: str, side: Side, lots: int, beside: list[Order]
) -> bool:
    """Whether the position stays between where it is and flat, if it and all beside it fill whole."""
    position = state.position(account_id, symbol)
    for other in beside:
        if (other.account_id, other.symbol, other.side) == (account_id, symbol, side):
            lots += other.leaves_lots
    after = position + lots if side is Side.BUY else position - lots
    return 0 <= after < position or position < after <= 0


def is_stopped(
    state: State, account_id: str, symbol: str, side: Side, lots: int, beside: list[Order]
) -> bool:
    """Whether a switch keeps an order out."""
    scopes = (("", ""), ("", symbol), (account_id, ""))
    states = {state.switches.get(scope, TradingState.ACTIVE) for scope in scopes}
    if TradingState.HALTED in states:
        return True
    return TradingState.REDUCING in states and not lowers_exposure(
        state, account_id, symbol, side, lots, beside
    )


def update_limits(state: State, command: UpdateRiskLimits) -> list[Event]:
    if command.account_id not in state.accounts:
        return [CommandRejected(RejectReason.UNKNOWN_ACCOUNT, "")]
    for named, known, reason in (
        (command.max_order_quantity, state.instruments, RejectReason.UNKNOWN_INSTRUMENT),
        (command.max_position, state.instruments, RejectReason.UNKNOWN_INSTRUMENT),
        (command.max_order_notional, state.assets, RejectReason.UNKNOWN_ASSET),
        (command.max_daily_loss, state.assets, RejectReason.UNKNOWN_ASSET),
    ):
        for key, amount in (named or {}).items():
            if key not in known:
                return [CommandRejected(reason, "")]
            if amount <= 0:
                return [CommandRejected(RejectReason.INVALID_PARAMETERS, "")]
    old = state.limits.get(command.account_id, RiskLimits())
    given = {
        name: value for name in RiskLimits.__struct_fields__ if (value := getattr(command, name)) is not None
    }
    new = state.limits[command.account_id] = msgspec.structs.replace(old, **given)
    if not new.max_orders_per_second:
        state.order_times[command.account_id] = []
    return [RiskLimitsUpdated(command.account_id, new)]


def set_trading_state(state: State, command: SetTradingState) -> list[Event]:
    account_id, symbol = command.account_id, command.symbol
    if account_id and symbol:
        return [CommandRejected(RejectReason.INVALID_PARAMETERS, "")]
    if account_id and account_id not in state.accounts:
        return [CommandRejected(RejectReason.UNKNOWN_ACCOUNT, "")]
    if symbol and symbol not in state.instruments:
        return [CommandRejected(RejectReason.UNKNOWN_INSTRUMENT, "")]
    state.switches[account_id, symbol] = command.state
    switch = TradingSwitch(account_id, symbol, command.state, command.reason, state.time_ns)
    ended = _ended_by(state, command)
    return [TradingStateSet(switch), *(cancel(state, order, CancelReason.KILL_SWITCH) for order in ended)]


def _ended_by(state: State, command: SetTradingState) -> list[Order]:
    """The orders that setting a switch ends, oldest first."""
    ended: list[Order] = []
    kept: list[Order] = []
    for order in state.live:
        is_kept = command.account_id not in ("", order.account_id) or command.symbol not in ("", order.symbol)
        if command.state is TradingState.REDUCING and not is_kept:
            is_kept = lowers_exposure(
                state, order.account_id, order.symbol, order.side, order.leaves_lots, kept
            )
        (kept if is_kept or command.state is TradingState.ACTIVE else ended).append(order)
    return ended
