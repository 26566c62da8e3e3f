"""How much of its limits an account uses, for people to read."""

from markethall_engine.domain.account_state import AccountState
from markethall_engine.domain.order import Side
from markethall_engine.domain.risk.daily_loss import daily_loss
from markethall_engine.domain.risk.limit_checks import position_reach
from markethall_engine.domain.risk.limits import NO_LIMITS, RiskLimits
from markethall_engine.domain.state import ExchangeState


def limits_used(state: ExchangeState, account: AccountState, time_ns: int) -> RiskLimits:
    """What counts towards each limit that the account has at `time_ns`, in its unit and at least 0.

    Limits of a single order have no use.
    """
    risk = account.risk
    if risk is None:
        return NO_LIMITS
    limits = risk.limits
    positions: dict[str, int] = {}
    for symbol in limits.max_position:
        reach = max(position_reach(account, risk, symbol, side) for side in Side)
        positions[symbol] = reach * state.markets[symbol].instrument.lot_units
    return RiskLimits(
        max_position=positions,
        max_open_orders=len(account.live_orders) if limits.max_open_orders else 0,
        max_orders_per_second=risk.orders_in_second(time_ns),
        max_daily_loss={
            asset: max(0, daily_loss(state, account, asset, time_ns)) for asset in limits.max_daily_loss
        },
    )
