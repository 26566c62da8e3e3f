"""How far through the book a market order may go.

An instrument may limit it to a fraction of the best price that the order meets when it is decided: a buy to
prices up to that much above, rounded down to a tick, a sell to prices down to that much below, rounded up.
"""

from markethall_engine.domain.amounts import MILLION
from markethall_engine.domain.market import Market
from markethall_engine.domain.order import Side
from markethall_engine.domain.reasons import CancelReason


def protected_limit_ticks(market: Market, side: Side) -> int:
    """The worst price at which a market order may trade now; 0 where any will do, or there is none."""
    protection_ppm = market.instrument.market_protection_ppm
    if not protection_ppm:
        return 0
    best_ticks = market.book.opposite(side).ladder.best()
    if best_ticks is None:
        return 0
    if side is Side.BUY:
        return best_ticks * (MILLION + protection_ppm) // MILLION
    return -(-best_ticks * (MILLION - protection_ppm) // MILLION)


def remainder_reason(market: Market, side: Side) -> CancelReason:
    """Why what a market order could not fill ends: nobody is left, or only those beyond its limit."""
    limit_ticks = protected_limit_ticks(market, side)
    if limit_ticks and market.book.opposite(side).ladder.goes_beyond(limit_ticks):
        return CancelReason.MARKET_PROTECTION
    return CancelReason.NO_LIQUIDITY
