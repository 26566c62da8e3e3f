"""The oracle's risk rules: answered from all fills and all live orders, without any sum that is kept."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from fractions import Fraction
from math import ceil, inf
from typing import TYPE_CHECKING

import msgspec

from markethall_engine.domain.commands import SetTradingState, UpdateRiskLimits
from markethall_engine.domain.order import Side
from markethall_engine.domain.risk.limits import RiskLimits
from markethall_engine.domain.risk.trading_switch import TradingState

if TYPE_CHECKING:
    from tests.simulation.oracle import Order

_DAY_NS = 24 * 60 * 60 * 1_000_000_000


@dataclass
class Fill:
    """One side of a trade; lots and notional are below zero for a sell."""

    account_id: str
    symbol: str
    quote_asset: str
    lots: int
    notional: int
    fee: int
    time_ns: int


class RiskRules:
    """What was set and what was traded."""

    def __init__(self) -> None:
        self.time_ns = 0  # of the command that is decided
        self.states: dict[tuple[str, str], TradingState] = {}
        self.limits: dict[str, RiskLimits] = {}
        self.order_times: dict[str, list[int]] = defaultdict(list)  # while there is a limit of the rate
        self.fills: list[Fill] = []

    def filled(self, order: Order, lots: int, notional: int, fee: int) -> None:
        sign = 1 if order.side is Side.BUY else -1
        symbol, quote = order.instrument.symbol, order.instrument.quote_asset
        self.fills.append(
            Fill(order.account_id, symbol, quote, sign * lots, sign * notional, fee, self.time_ns)
        )

    def accepted(self, account_id: str) -> None:
        if account_id in self.limits and self.limits[account_id].max_orders_per_second:
            self.order_times[account_id].append(self.time_ns)

    def position(self, account_id: str, symbol: str) -> int:
        return sum(fill.lots for fill in self.fills if (fill.account_id, fill.symbol) == (account_id, symbol))

    def lost_today(self, account_id: str, quote_asset: str) -> int:
        """By average cost, the closed share of the cost rounded up; fees are lost at once."""
        lost = 0
        open_: dict[str, tuple[int, int]] = defaultdict(lambda: (0, 0))  # lots and cost, by symbol
        for fill in self.fills:
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
            if fill.time_ns // _DAY_NS == self.time_ns // _DAY_NS:
                lost += fill.fee - realized
        return lost

    def breaks_a_limit(
        self,
        order: Order,
        lots: int,
        notional: int,
        beside: list[Order],
        *,
        is_new: bool,
        may_rest: bool,
    ) -> bool:
        """Whether an order with these terms and so many lots to trade is too much for its account."""
        account_id, symbol = order.account_id, order.instrument.symbol
        quote, units = order.instrument.quote_asset, order.instrument.lot_units
        limits = self.limits.get(account_id, RiskLimits())
        mine = [other for other in beside if other.account_id == account_id]
        same_side = [other for other in mine if (other.instrument.symbol, other.side) == (symbol, order.side)]
        sign = 1 if order.side is Side.BUY else -1
        reach = (
            sign * self.position(account_id, symbol) + sum(other.leaves_lots for other in same_side) + lots
        )
        second = [time for time in self.order_times[account_id] if time > self.time_ns - 1_000_000_000]
        return (
            order.quantity_lots * units > limits.max_order_quantity.get(symbol, inf)
            or notional > limits.max_order_notional.get(quote, inf)
            or reach * units > limits.max_position.get(symbol, inf)
            or (is_new and may_rest and len(mine) + 1 > (limits.max_open_orders or inf))
            or (is_new and len(second) + 1 > (limits.max_orders_per_second or inf))
            or (
                self.lost_today(account_id, quote) >= limits.max_daily_loss.get(quote, inf)
                and not self.lowers_exposure(account_id, symbol, order.side, lots, beside)
            )
        )

    def update_limits(self, command: UpdateRiskLimits) -> RiskLimits:
        old = self.limits.get(command.account_id, RiskLimits())
        named = {
            name: value
            for name in RiskLimits.__struct_fields__
            if (value := getattr(command, name)) is not None
        }
        new = self.limits[command.account_id] = msgspec.structs.replace(old, **named)
        if not new.max_orders_per_second:
            self.order_times[command.account_id] = []
        return new

    def lowers_exposure(
        self, account_id: str, symbol: str, side: Side, lots: int, beside: list[Order]
    ) -> bool:
        """Whether the position stays between where it is and flat, if it and all beside it fill whole."""
        position = self.position(account_id, symbol)
        for other in beside:
            if (other.account_id, other.instrument.symbol, other.side) == (account_id, symbol, side):
                lots += other.leaves_lots
        after = position + lots if side is Side.BUY else position - lots
        return 0 <= after < position or position < after <= 0

    def is_stopped(self, account_id: str, symbol: str, side: Side, lots: int, beside: list[Order]) -> bool:
        """Whether a switch keeps an order out."""
        scopes = (("", ""), ("", symbol), (account_id, ""))
        states = {self.states.get(scope, TradingState.ACTIVE) for scope in scopes}
        if TradingState.HALTED in states:
            return True
        return TradingState.REDUCING in states and not self.lowers_exposure(
            account_id, symbol, side, lots, beside
        )

    def ended_by(self, command: SetTradingState, live: list[Order]) -> list[Order]:
        """The orders that setting a switch ends, oldest first."""
        ended: list[Order] = []
        kept: list[Order] = []
        for order in sorted(live, key=lambda order: order.order_id):
            account_id, symbol = order.account_id, order.instrument.symbol
            is_kept = command.account_id not in ("", account_id) or command.symbol not in ("", symbol)
            if command.state is TradingState.REDUCING and not is_kept:
                is_kept = self.lowers_exposure(account_id, symbol, order.side, order.leaves_lots, kept)
            (kept if is_kept or command.state is TradingState.ACTIVE else ended).append(order)
        return ended
