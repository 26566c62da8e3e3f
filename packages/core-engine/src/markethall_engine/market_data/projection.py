"""The market data of the whole venue: follows the events, command by command."""

from collections.abc import Sequence
from typing import Any

from markethall_engine.domain.events import Event, InstrumentCreated, InstrumentUpdated
from markethall_engine.market_data import snapshot
from markethall_engine.market_data.instrument_data import FOLLOWED, InstrumentData
from markethall_engine.market_data.updates import MarketUpdate


class MarketData:
    """Market data by symbol. One writer; what is read is immutable."""

    __slots__ = ("_instruments", "_sequence")

    def __init__(self) -> None:
        self._sequence = 0
        self._instruments: dict[str, InstrumentData] = {}

    @property
    def sequence(self) -> int:
        """Of the last command that it followed; 0 at the start."""
        return self._sequence

    def apply(
        self, events: Sequence[Event], sequence: int, time_ns: int, *, tells: bool = True
    ) -> list[MarketUpdate]:
        """Follow one command's events; gives what they changed, by instrument, unless `tells` is false."""
        self._sequence = sequence
        changed: dict[str, InstrumentData] = {}
        event: Any  # `FOLLOWED` tells it by its type
        for event in events:
            kind = type(event)
            follow = FOLLOWED.get(kind)
            if follow is not None:
                symbol = event.symbol
                data = changed.get(symbol)
                if data is None:
                    data = changed[symbol] = self._instruments[symbol]
                follow(data, event, sequence, time_ns)
            elif kind is InstrumentUpdated:
                symbol = event.instrument.symbol
                data = changed[symbol] = self._instruments[symbol]
                data.redefined(event.instrument)
            elif kind is InstrumentCreated:
                self._instruments[event.instrument.symbol] = InstrumentData(event.instrument)
        updates = [data.commit(events, time_ns, tells=tells) for data in changed.values()]
        return [update for update in updates if update is not None] if tells else []

    def instrument(self, symbol: str) -> InstrumentData | None:
        return self._instruments.get(symbol)

    def symbols(self) -> list[str]:
        """In the order of creation."""
        return list(self._instruments)

    def snapshot(self) -> bytes:
        """Everything, in one encoding: equal market data gives equal bytes."""
        return snapshot.dump(self._sequence, [data.record() for data in self._instruments.values()])

    @classmethod
    def restore(cls, data: bytes) -> "MarketData":
        """Market data that goes on where the snapshot's left off; raises `MarketDataSnapshotError`."""
        record = snapshot.load(data)
        market_data = cls()
        market_data._sequence = record.sequence
        for instrument in record.instruments:
            market_data._instruments[instrument.instrument.symbol] = InstrumentData.restore(instrument)
        return market_data
