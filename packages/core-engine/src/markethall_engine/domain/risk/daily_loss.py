"""What an account lost on a day: realized, fees included, in one quote asset.

A day begins at 00:00 UTC. Profit counts against loss, over all instruments with that quote asset.
"""

from markethall_engine.domain.account_state import AccountState
from markethall_engine.domain.ledger.position import day_of
from markethall_engine.domain.state import ExchangeState


def daily_loss(state: ExchangeState, account: AccountState, asset: str, time_ns: int) -> int:
    """In minor units of the quote asset, on the day of `time_ns`; below zero is a profit."""
    day = day_of(time_ns)
    return -sum(
        [
            position.gain_on(day)
            for position in account.positions.values()
            if state.markets[position.symbol].instrument.quote_asset == asset
        ]
    )
