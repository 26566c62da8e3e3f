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


def is_too_large(state: State, order: Order, notional: int) -> bool:
    limits, instrument = _limits(state, order), order.instrument
    quantity = order.quantity_lots * instrument.lot_units
    return quantity > limits.max_order_quantity.get(
        order.symbol, inf
    ) or notional > limits.max_order_notional.get(instrument.quote_asset, inf)


def reaches_too_far(state: State, order: Order) -> bool:
    """Whether the position would be too large, if the order and all beside it filled whole."""
    sign = 1 if order.side is Side.BUY else -1
    reach = sign * state.position(order.account_id, order.symbol) + order.leaves_lots
    reach += sum(other.leaves_lots for other in beside(state, order))
    return reach * order.instrument.lot_units > _limits(state, order).max_position.get(order.symbol, inf)


def is_one_too_many(state: State, order: Order) -> bool:
    """Whether a new order is one too many, at a time or within a second."""
    limits = _limits(state, order)
    mine = [other for other in state.live if other.account_id == order.account_id]
    begin = state.time_ns - 1_000_000_000
    second = [time for time in state.order_times[order.account_id] if time > begin]
    return (order.may_rest and len(mine) + 1 > (limits.max_open_orders or inf)) or (
        len(second) + 1 > (limits.max_orders_per_second or inf)
    )


def has_lost_too_much(state: State, order: Order) -> bool:
    """Whether its account lost all it may today, and the order does not lower exposure."""
    quote = order.instrument.quote_asset
    limit = _limits(state, order).max_daily_loss.get(quote)
    return (
        limit is not None
        and lost_today(state, order.account_id, quote) >= limit
        and not lowers_exposure(state, order, beside(state, order))
    )


def beside(state: State, order: Order) -> list[Order]:
    """The account's other live orders of the order's side, apart from those that wait to be released."""
    key = (order.account_id, order.symbol, order.side)
    return [
        other
        for other in state.live
        if (other.account_id, other.symbol, other.side) == key
        and other.order_id != order.order_id
        and not other.is_pending
    ]


def _limits(state: State, order: Order) -> RiskLimits:
    return state.limits.get(order.account_id, RiskLimits())


def lowers_exposure(state: State, order: Order, others: list[Order]) -> bool:
    """Whether the position stays between where it is and flat, if the order and the others fill whole."""
    position = state.position(order.account_id, order.symbol)
    lots = order.leaves_lots + sum(other.leaves_lots for other in others)
    after = position + lots if order.side is Side.BUY else position - lots
    return 0 <= after < position or position < after <= 0


def is_stopped(state: State, order: Order) -> bool:
    """Whether a switch keeps an order out."""
    accounts = state.family(order.account_id)
    scopes = [("", ""), ("", order.symbol), *((account_id, "") for account_id in accounts)]
    states = {state.switches.get(scope, TradingState.ACTIVE) for scope in scopes}
    if TradingState.HALTED in states:
        return True
    return TradingState.REDUCING in states and not lowers_exposure(state, order, beside(state, order))


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
        accounts = ("", *state.family(order.account_id))
        is_kept = command.account_id not in accounts or command.symbol not in ("", order.symbol)
        if command.state is TradingState.REDUCING and not is_kept:
            others = [other for other in beside(state, order) if other in kept]
            is_kept = lowers_exposure(state, order, [] if order.is_pending else others)
        (kept if is_kept or command.state is TradingState.ACTIVE else ended).append(order)
    return ended
