"""Market data in a snapshot: one encoding, so that equal market data gives equal bytes."""

from typing import Final

import msgspec

from markethall_engine.domain.instrument import Instrument, Step
from markethall_engine.market_data.candles import Candle
from markethall_engine.market_data.depth import BestBidOffer, Depth
from markethall_engine.market_data.trades import Trade

FORMAT: Final = "markethall-market-data"
VERSION: Final = 3


class MarketDataSnapshotError(ValueError):
    """The bytes are not a snapshot of this format and version; the message says what was found."""


class CandleRecord(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """A candle whose sums, which may pass 64 bits, are text."""

    open_time_ns: int
    open_ticks: int
    high_ticks: int
    low_ticks: int
    close_ticks: int
    volume_lots: str
    notional: str
    trade_count: int

    @classmethod
    def of(cls, candle: Candle) -> "CandleRecord":
        return cls(
            candle.open_time_ns,
            candle.open_ticks,
            candle.high_ticks,
            candle.low_ticks,
            candle.close_ticks,
            str(candle.volume_lots),
            str(candle.notional),
            candle.trade_count,
        )

    def candle(self) -> Candle:
        return Candle(
            self.open_time_ns,
            self.open_ticks,
            self.high_ticks,
            self.low_ticks,
            self.close_ticks,
            int(self.volume_lots),
            int(self.notional),
            self.trade_count,
        )


class InstrumentRecord(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """All of one instrument's market data; candles by interval, in the enum's order."""

    instrument: Instrument
    depth: Depth
    hidden_bids: list[tuple[int, int]]  # price and quantity, where any is hidden
    hidden_asks: list[tuple[int, int]]
    best: BestBidOffer
    trades: list[Trade]
    last_price_ticks: int
    price_step: Step  # of candles
    candles: list[list[CandleRecord]]


class MarketDataRecord(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """All market data after the command `sequence`."""

    format: str
    version: int
    sequence: int
    instruments: list[InstrumentRecord]


class _Header(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """The beginning of any version."""

    format: str
    version: int


_encode = msgspec.msgpack.Encoder().encode
_decode = msgspec.msgpack.Decoder(MarketDataRecord).decode
_decode_header = msgspec.msgpack.Decoder(_Header).decode


def dump(sequence: int, instruments: list[InstrumentRecord]) -> bytes:
    return _encode(MarketDataRecord(FORMAT, VERSION, sequence, instruments))


def load(data: bytes) -> MarketDataRecord:
    """Raises `MarketDataSnapshotError` for what is no snapshot of this version."""
    expected = f"expected {FORMAT} version {VERSION}"
    try:
        header = _decode_header(data)
        if (header.format, header.version) != (FORMAT, VERSION):
            raise MarketDataSnapshotError(f"{expected}, found {header.format!r} version {header.version}")
        return _decode(data)
    except msgspec.MsgspecError as error:
        raise MarketDataSnapshotError(f"{expected}, found other bytes: {error}") from error
