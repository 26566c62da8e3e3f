"""The market data of the whole venue: follows the events, command by command."""

from collections.abc import Sequence
from typing import Final

import msgspec

from markethall_engine.domain.events import Event, InstrumentCreated
from markethall_engine.market_data.instrument_data import (
    MARKET_EVENTS,
    InstrumentData,
    InstrumentRecord,
    MarketUpdate,
)

FORMAT: Final = "markethall-market-data"
VERSION: Final = 1


class MarketDataSnapshotError(ValueError):
    """The bytes are not a snapshot of this format and version; the message says what was found."""


class _Snapshot(msgspec.Struct, frozen=True, array_like=True, gc=False):
    format: str
    version: int
    sequence: int
    instruments: list[InstrumentRecord]


class _Header(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """The beginning of any version."""

    format: str
    version: int


_encode = msgspec.msgpack.Encoder().encode
_decode = msgspec.msgpack.Decoder(_Snapshot).decode
_decode_header = msgspec.msgpack.Decoder(_Header).decode


class MarketData:
    """Market data by symbol. One writer; what is read is immutable."""

    def __init__(self) -> None:
        self._sequence = 0
        self._instruments: dict[str, InstrumentData] = {}

    @property
    def sequence(self) -> int:
        """Of the last command that it followed; 0 at the start."""
        return self._sequence

    def apply(self, events: Sequence[Event], sequence: int, time_ns: int) -> list[MarketUpdate]:
        """Follow one command's events; gives what they changed, by instrument."""
        self._sequence = sequence
        changed: dict[str, InstrumentData] = {}
        for event in events:
            if isinstance(event, MARKET_EVENTS):
                data = self._instruments[event.symbol]
                data.follow(event, sequence, time_ns)
                changed[event.symbol] = data
            elif isinstance(event, InstrumentCreated):
                symbol = event.instrument.symbol
                self._instruments[symbol] = InstrumentData(symbol)
        updates = [data.commit(time_ns) for data in changed.values()]
        return [update for update in updates if update is not None]

    def instrument(self, symbol: str) -> InstrumentData | None:
        return self._instruments.get(symbol)

    def symbols(self) -> list[str]:
        """In the order of creation."""
        return list(self._instruments)

    def snapshot(self) -> bytes:
        """Everything, in one encoding: equal market data gives equal bytes."""
        records = [data.record() for data in self._instruments.values()]
        return _encode(_Snapshot(FORMAT, VERSION, self._sequence, records))

    @classmethod
    def restore(cls, data: bytes) -> "MarketData":
        """Market data that goes on where the snapshot's left off; raises `MarketDataSnapshotError`."""
        expected = f"expected {FORMAT} version {VERSION}"
        try:
            header = _decode_header(data)
            if (header.format, header.version) != (FORMAT, VERSION):
                raise MarketDataSnapshotError(f"{expected}, found {header.format!r} version {header.version}")
            snapshot = _decode(data)
        except msgspec.MsgspecError as error:
            raise MarketDataSnapshotError(f"{expected}, found other bytes: {error}") from error
        market_data = cls()
        market_data._sequence = snapshot.sequence
        for record in snapshot.instruments:
            market_data._instruments[record.depth.symbol] = InstrumentData.restore(record)
        return market_data
