"""Beginning a volatility auction: instead of a trade beyond the band, everybody is asked."""

import msgspec

from markethall_engine.domain.events import AuctionBegun, Event, InstrumentUpdated, OrderCanceled
from markethall_engine.domain.instrument import InstrumentStatus
from markethall_engine.domain.market import Market
from markethall_engine.domain.reasons import CancelReason


def with_auction(market: Market, events: list[Event], time_ns: int) -> list[Event]:
    """The events of an order that traded up to the band, with the auction that it begins.

    The last one, what becomes of its remainder, happens in the auction already.
    """
    *traded, remainder = events
    if isinstance(remainder, OrderCanceled) and remainder.reason is CancelReason.MARKET_PROTECTION:
        remainder = msgspec.structs.replace(remainder, reason=CancelReason.NO_LIQUIDITY)
    instrument = msgspec.structs.replace(
        market.instrument, status=InstrumentStatus.AUCTION, update_time_ns=time_ns
    )
    end_time_ns = time_ns + instrument.volatility_auction_ns
    return [
        *traded,
        InstrumentUpdated(instrument),
        AuctionBegun(instrument.symbol, end_time_ns),
        remainder,
    ]
