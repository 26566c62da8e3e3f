"""The band that trades must stay in, and beyond which a volatility auction begins.

It is around the price of the last auction; before the first, around the instrument's reference price, and
without one around the price of its first trade. A trade is in it if
`|price - anchor| * 1,000,000 <= anchor * ppm`.
"""

from markethall_engine.domain.account_state import AccountState
from markethall_engine.domain.amounts import MILLION
from markethall_engine.domain.instructions import Instructions
from markethall_engine.domain.market import Market
from markethall_engine.domain.matches import Fill, Match
from markethall_engine.domain.matching import plan_matches
from markethall_engine.domain.order import Side


def plan_within_band(
    market: Market,
    side: Side,
    matches: list[Match],
    quantity_lots: int,
    limit_ticks: int,
    taker: AccountState,
    instructions: Instructions | None,
    order_id: int = 0,
) -> list[Match] | None:
    """The part of the plan `matches` that stays within the band; `None` if all of it does.

    The other arguments are those that it was made with: see `matching.plan_matches`.
    """
    prices = [match.maker.price_ticks for match in matches if isinstance(match, Fill)]
    if not prices:
        return None
    band_ppm = market.instrument.volatility_band_ppm
    anchor_ticks = market.anchor_ticks() or prices[0]
    lowest = -(-anchor_ticks * (MILLION - band_ppm) // MILLION)
    highest = anchor_ticks * (MILLION + band_ppm) // MILLION
    # The plan goes from the best price to the worst, so that the first and the last say it all.
    if lowest <= min(prices[0], prices[-1]) and max(prices[0], prices[-1]) <= highest:
        return None
    if not lowest <= prices[0] <= highest:
        return []
    limit_ticks = min(limit_ticks or highest, highest) if side is Side.BUY else max(limit_ticks, lowest)
    return plan_matches(market.met_by(side), quantity_lots, limit_ticks, taker, instructions, order_id)
