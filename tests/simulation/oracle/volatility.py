"""Auctions that begin where a trade would be too far from the last one's price."""

from fractions import Fraction

import msgspec

from markethall_engine.domain.events import AuctionBegun, Event, InstrumentUpdated
from markethall_engine.domain.instrument import InstrumentStatus
from tests.simulation.oracle.state import State


def anchor(state: State, symbol: str) -> int:
    """The price that others are held to; 0 for none yet."""
    reference = state.instruments[symbol].reference_price_ticks
    return state.auction_price.get(symbol, 0) or reference or state.first_price.get(symbol, 0)


def is_too_far(state: State, symbol: str, anchor_ticks: int, price_ticks: int) -> bool:
    share = Fraction(state.instruments[symbol].volatility_band_ppm, 1_000_000)
    return share > 0 and anchor_ticks > 0 and abs(price_ticks - anchor_ticks) > anchor_ticks * share


def begin_auction(state: State, symbol: str) -> list[Event]:
    old = state.instruments[symbol]
    new = msgspec.structs.replace(old, status=InstrumentStatus.AUCTION, update_time_ns=state.time_ns)
    state.put_instrument(new)
    end_ns = state.auction_ends[symbol] = state.time_ns + old.volatility_auction_ns
    return [InstrumentUpdated(new), AuctionBegun(symbol, end_ns)]
