"""The oracle's risk rules: answered from all fills and all live orders, without any sum that is kept."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from markethall_engine.domain.commands import SetTradingState
from markethall_engine.domain.order import Side
from markethall_engine.domain.risk.trading_switch import TradingState

if TYPE_CHECKING:
    from tests.simulation.oracle import Order


class RiskRules:
    """What was set and what was traded."""

    def __init__(self) -> None:
        self.states: dict[tuple[str, str], TradingState] = {}
        self.fills: dict[tuple[str, str], list[int]] = defaultdict(list)  # signed lots, by account and symbol

    def filled(self, order: Order, lots: int) -> None:
        signed_lots = lots if order.side is Side.BUY else -lots
        self.fills[order.account_id, order.instrument.symbol].append(signed_lots)

    def lowers_exposure(
        self, account_id: str, symbol: str, side: Side, lots: int, beside: list[Order]
    ) -> bool:
        """Whether the position stays between where it is and flat, if it and all beside it fill whole."""
        position = sum(self.fills[account_id, symbol])
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
