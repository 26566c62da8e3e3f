"""Random commands about risk: switches that are mostly set back soon, so that trading goes on."""

import random

from markethall_engine.domain.commands import SetTradingState
from markethall_engine.domain.risk.trading_switch import TradingState

_STATES = (*(TradingState.ACTIVE,) * 6, *(TradingState.REDUCING,) * 2, TradingState.HALTED)


def risk_command(chance: random.Random, account_id: str, symbol: str) -> SetTradingState:
    return SetTradingState(
        chance.choice(_STATES),
        account_id if (scope := chance.random()) < 0.5 else "",
        symbol if 0.47 < scope < 0.85 else "",
        chance.choice(("", "a reason")),
    )
