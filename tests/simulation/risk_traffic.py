"""Random commands about risk: switches that are mostly set back soon, limits that are met now and then."""

import random

from markethall_engine.domain.commands import SetTradingState, UpdateRiskLimits
from markethall_engine.domain.risk.trading_switch import TradingState

_STATES = (*(TradingState.ACTIVE,) * 6, *(TradingState.REDUCING,) * 2, TradingState.HALTED)


def risk_command(chance: random.Random, account_id: str, symbol: str) -> SetTradingState | UpdateRiskLimits:
    if chance.random() < 0.75:
        return _update_limits(chance, account_id, symbol)
    return SetTradingState(
        chance.choice(_STATES),
        account_id if (scope := chance.random()) < 0.5 else "",
        symbol if 0.47 < scope < 0.93 else "",
        chance.choice(("", "a reason")),
    )


def _update_limits(chance: random.Random, account_id: str, symbol: str) -> UpdateRiskLimits:
    """One limit, or none any more; amounts are about what traffic asks of the instruments of its venue."""
    lot_units = 10_000_000 if symbol == "BTC-USD" else 1_000_000
    quote = chance.choice(("USD", "BTC", "USD", "XXX"))
    match chance.choice((0, 1, 2, 2, 3, 4, 5, 5, 5, 6)):
        case 0:
            limits = {symbol: chance.randint(5, 25) * lot_units} if chance.random() < 0.6 else {}
            return UpdateRiskLimits(account_id, max_order_quantity=limits)
        case 1:
            limits = {quote: chance.randint(0, 10_000)} if chance.random() < 0.6 else {}
            return UpdateRiskLimits(account_id, max_order_notional=limits)
        case 2:
            limits = {symbol: chance.randint(0, 60) * lot_units} if chance.random() < 0.6 else {}
            return UpdateRiskLimits(account_id, max_position=limits)
        case 3:
            return UpdateRiskLimits(account_id, max_open_orders=chance.choice((0, 1, 3, 8)))
        case 4:
            return UpdateRiskLimits(account_id, max_orders_per_second=chance.choice((0, 1, 2, 3)))
        case 5:
            limits = {quote: chance.randint(1, 400)} if chance.random() < 0.6 else {}
            return UpdateRiskLimits(account_id, max_daily_loss=limits)
    return UpdateRiskLimits(account_id, {}, {}, {}, 0, 0, {})
