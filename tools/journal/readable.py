"""Records in people's units: decimals for ticks, lots and minor units, names for numbers, times as RFC 3339.

Fields are told by their names, which end in their unit: `price_ticks` becomes `price` in quote per base,
`quantity_lots` becomes `quantity` in base. What a tick and a lot are worth was journaled too, so whoever
translates has to be shown every record from the first, in order.
"""

from datetime import UTC, datetime
from enum import IntEnum
from typing import Any

import msgspec

from markethall_common.decimals import format_decimal
from markethall_engine.application.record import Record
from markethall_engine.domain.commands import Command
from markethall_engine.domain.events import AssetCreated, Event, InstrumentCreated, InstrumentUpdated
from markethall_engine.domain.instructions import Instructions
from markethall_engine.domain.instrument import Asset, Instrument, Step
from markethall_engine.domain.order import Side

_QUOTE_AMOUNTS = frozenset({"notional", "maker_fee", "taker_fee"})
_RESERVATIONS = frozenset({"reserved", "maker_reserved", "taker_reserved"})
_FUNDS = _RESERVATIONS | {"amount", "available", "to_available", "to_reserved"}
_LIMITS_BY_SYMBOL = frozenset({"max_order_quantity", "max_position"})
_DURATIONS = ("volatility_auction",)
"""Fields in nanoseconds that are no times, without their unit."""
_SECOND_PLACES = 9
_PPM_PLACES = 6

Fields = dict[str, Any]
"""Names and readable values; nested for what is defined in place."""


def kind(what: Command | Event) -> str:
    """What a command or event is called."""
    return type(what).__name__


def symbol_of(record: Record) -> str:
    """The instrument that a record is about; empty where it is about none, or where only the order says."""
    for what in (record.command, *record.events):
        instrument = getattr(what, "instrument", None)
        symbol = getattr(what, "symbol", "") if instrument is None else instrument.symbol
        if symbol:
            return str(symbol)
    return ""


def readable_time(time_ns: int) -> str:
    seconds, nanoseconds = divmod(time_ns, 1_000_000_000)
    return f"{datetime.fromtimestamp(seconds, UTC):%Y-%m-%dT%H:%M:%S}.{nanoseconds:09d}Z"


class Translator:
    """Knows the assets and instruments as they stood after the last record that it was shown."""

    def __init__(self) -> None:
        self._assets: dict[str, Asset] = {}
        self._instruments: dict[str, Instrument] = {}

    def learn(self, record: Record) -> None:
        for event in record.events:
            if isinstance(event, AssetCreated):
                self._assets[event.asset.asset] = event.asset
            elif isinstance(event, InstrumentCreated | InstrumentUpdated):
                self._instruments[event.instrument.symbol] = event.instrument

    def record(self, record: Record) -> Fields:
        """The whole record; what names no instrument we know keeps its units, in its value and its name."""
        symbol = symbol_of(record)
        return {
            "sequence": record.sequence,
            "time": readable_time(record.time_ns),
            "command": {"kind": kind(record.command), **self.fields(record.command, symbol)},
            "events": [self._event(event, record.sequence, symbol) for event in record.events],
        }

    def _event(self, event: Event, sequence: int, symbol: str) -> Fields:
        """Its kind and fields; what came before a change of the tick size is told in the ticks of then."""
        known = self._instruments.get(symbol)
        if known is None or not known.former_ticks or isinstance(event, InstrumentUpdated):
            return {"kind": kind(event), **self.fields(event, symbol)}
        then = msgspec.structs.replace(known, tick_size=known.tick_size_at(sequence))
        self._instruments[symbol] = then
        try:
            return {"kind": kind(event), **self.fields(event, symbol)}
        finally:
            self._instruments[symbol] = known

    def fields(self, what: msgspec.Struct, symbol: str = "") -> Fields:
        """The fields that are set, of something about the instrument `symbol` unless it names another.

        Of instructions they are those that ask for something.
        """
        symbol = getattr(what, "symbol", "") or symbol
        readable: Fields = {}
        for name in what.__struct_fields__:
            value = getattr(what, name)
            if value is not None and not (isinstance(what, Instructions) and not value):
                readable.update([self._field(what, self._instruments.get(symbol), name, value)])
        return readable

    def _field(
        self, what: msgspec.Struct, instrument: Instrument | None, name: str, value: Any
    ) -> tuple[str, Any]:
        """A field's name without its unit and its value in people's."""
        stem, _, unit = name.rpartition("_")
        match unit, value:
            case _, IntEnum():
                return name, value.name
            case _, Step():
                return name, format_decimal(value.coefficient, value.scale)
            case _, msgspec.Struct():
                return name, self.fields(value, "" if instrument is None else instrument.symbol)
            case _, dict():
                return name, {key: self._entry(name, key, entry) for key, entry in value.items()}
            case "ns", int() if stem in _DURATIONS:
                return f"{stem}_seconds", format_decimal(value, _SECOND_PLACES)
            case "ns", int():
                return stem, readable_time(value) if value else "none"
            case "ppm", int():
                return stem, format_decimal(value, _PPM_PLACES)
            case "ticks" | "lots", int():
                step = getattr(what, "tick_size" if unit == "ticks" else "lot_size", None)
                if step is None and instrument is not None:
                    step = instrument.tick_size if unit == "ticks" else instrument.lot_size
                return (name, value) if step is None else (stem, step.format(value))
        scale = self._scale(what, instrument, name)
        return name, value if scale is None else format_decimal(value, scale)

    def _entry(self, name: str, key: str, entry: Any) -> Any:
        return self.fields(entry) if isinstance(entry, msgspec.Struct) else self._limit(name, key, entry)

    def _limit(self, name: str, key: str, amount: int) -> str | int:
        """An amount of a risk limit: of a symbol's base asset, or of an asset."""
        instrument = self._instruments.get(key) if name in _LIMITS_BY_SYMBOL else None
        asset = self._assets.get(key if instrument is None else instrument.base_asset)
        return amount if asset is None else format_decimal(amount, asset.scale)

    def _scale(self, what: msgspec.Struct, instrument: Instrument | None, name: str) -> int | None:
        """Decimal places of the amount that the field is; `None` where it is none."""
        asset: str | None = None
        if name in _FUNDS and isinstance(getattr(what, "asset", None), str):
            asset = what.asset  # type: ignore[attr-defined]  # just looked
        elif instrument is not None and name in _QUOTE_AMOUNTS:
            asset = instrument.quote_asset
        elif instrument is not None and name in _RESERVATIONS:
            asset = instrument.quote_asset if _buys(what, name) else instrument.base_asset
        known = None if asset is None else self._assets.get(asset)
        return None if known is None else known.scale


def _buys(what: msgspec.Struct, reservation: str) -> bool:
    """Whether the order that the reservation is for buys, and so holds back quote."""
    if reservation == "maker_reserved":
        return what.taker_side is Side.SELL  # type: ignore[attr-defined]  # only trades have one
    side = "taker_side" if reservation == "taker_reserved" else "side"
    return getattr(what, side) is Side.BUY
