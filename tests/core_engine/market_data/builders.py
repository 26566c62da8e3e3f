"""A venue whose market data follows it, as the engine's does."""

from typing import Any

from markethall_engine.domain.commands import Command
from markethall_engine.domain.order import Side
from markethall_engine.market_data.instrument_data import InstrumentData
from markethall_engine.market_data.projection import MarketData
from markethall_engine.market_data.updates import MarketUpdate
from tests.core_engine.domain.builders import FIRST_TIME_NS, SYMBOL, Venue, order, venue

__all__ = ["FIRST_TIME_NS", "SYMBOL", "FollowedVenue"]


class FollowedVenue:
    """Every command is decided, applied and then followed by `market_data`."""

    def __init__(self, built: Venue | None = None) -> None:
        self.venue = built or venue("ann", "bob")
        self.market_data = MarketData()
        for record in self.venue.records:
            self.market_data.apply(record.events, record.sequence, record.time_ns)

    @property
    def gold(self) -> InstrumentData:
        data = self.market_data.instrument(SYMBOL)
        assert data is not None
        return data

    def submit(self, command: Command) -> list[MarketUpdate]:
        """What the command changed, and what the venue then owed itself."""
        known = len(self.venue.records)
        self.venue.decide(command)
        return [
            update
            for record in self.venue.records[known:]
            for update in self.market_data.apply(record.events, record.sequence, record.time_ns)
        ]

    def place(
        self, account_id: str, side: Side, quantity_lots: int, price_ticks: int = 0, **terms: Any
    ) -> MarketUpdate | None:
        """What a placed order changed, if anything; its id is the venue's newest sequence."""
        updates = self.submit(order(account_id, side, quantity_lots, price_ticks, **terms))
        assert len(updates) <= 1
        return updates[0] if updates else None

    def at(self, time_ns: int) -> None:
        """Let the next command come at this time."""
        self.venue.time_ns = time_ns - 1_000_000_000
