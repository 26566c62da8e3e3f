"""What accounts were worth at any full minute: the projection behind equity over time.

Equity is not stored: what accounts hold and what instruments traded at last are, as they were after each
minute in which they changed, and the equity of any moment is computed from them exactly as today's is. So an
account costs something only when it trades, and a price is kept once for all accounts: 12 bytes for each
minute in which a holding or a last price changed, of the last seven days, and for each such hour before.
"""

from collections.abc import Callable, Iterator, Sequence
from typing import Any, Final, NamedTuple

import msgspec

from markethall_engine.application.record import Record
from markethall_engine.application.step_series import Packed, StepSeries, first_minute_kept
from markethall_engine.domain.amounts import half_to_even
from markethall_engine.domain.events import Event, InstrumentCreated, InstrumentUpdated, TradeExecuted
from markethall_engine.domain.instrument import Instrument
from markethall_engine.domain.ledger.equity import equities
from markethall_engine.domain.ledger.movements import MOVING, movements_of

MINUTE_NS: Final = 60 * 1_000_000_000
_HOUR_NS: Final = 60 * MINUTE_NS


class EquityPoint(NamedTuple):
    """What an account was worth when a minute began, in minor units of each quote asset."""

    time_ns: int
    equities: dict[str, int]


class EquityHistory:
    """A publisher: follows durable records."""

    def __init__(self) -> None:
        self._instruments: dict[str, Instrument] = {}
        self._holdings: dict[str, dict[str, StepSeries]] = {}  # totals by account and asset
        self._lot_values: dict[str, StepSeries] = {}  # of one lot at the last price, by symbol

    def publish(self, records: Sequence[Record]) -> None:
        for record in records:
            minute = record.time_ns // MINUTE_NS
            for event in record.events:
                follow = _FOLLOWED.get(type(event))
                if follow is not None:
                    follow(self, event, minute)

    def equities(self, account_id: str, time_ns: int) -> dict[str, int]:
        """What the account was worth when the minute of `time_ns` began, before the commands of that time."""
        return self._equities(account_id, self._concerning(account_id), time_ns // MINUTE_NS)

    def points(
        self, account_id: str, interval_ns: int, start_time_ns: int, end_time_ns: int
    ) -> Iterator[EquityPoint]:
        """What the account was worth at each multiple of the interval, from the start on and before the end.

        The interval is whole minutes; ask no further back than `first_kept`.
        """
        instruments = self._concerning(account_id)
        first_ns = -(-start_time_ns // interval_ns) * interval_ns
        for time_ns in range(first_ns, end_time_ns, interval_ns):
            yield EquityPoint(time_ns, self._equities(account_id, instruments, time_ns // MINUTE_NS))

    def _concerning(self, account_id: str) -> list[Instrument]:
        """The instruments of what the account ever held, by symbol."""
        held = self._holdings.get(account_id, {})
        return [
            instrument
            for _, instrument in sorted(self._instruments.items())
            if instrument.base_asset in held or instrument.quote_asset in held
        ]

    def _equities(self, account_id: str, instruments: list[Instrument], minute: int) -> dict[str, int]:
        held = {
            asset: total
            for asset, series in self._holdings.get(account_id, {}).items()
            if (total := series.before(minute))
        }
        return equities(
            held,
            [instrument for instrument in instruments if instrument.create_time_ns < minute * MINUTE_NS],
            lambda symbol: self._lot_values[symbol].before(minute),
        )

    def moved(self, event: Event, minute: int) -> None:
        for movement in movements_of(event, self._instruments.__getitem__):
            self._holding(movement.payer, movement.asset).add(minute, -movement.amount)
            self._holding(movement.payee, movement.asset).add(minute, movement.amount)

    def traded(self, event: TradeExecuted, minute: int) -> None:
        self.moved(event, minute)
        symbol = event.symbol
        self._lot_values[symbol].set(minute, event.price_ticks * self._instruments[symbol].tick_value)

    def created(self, event: InstrumentCreated, minute: int) -> None:
        symbol = event.instrument.symbol
        self._instruments[symbol] = event.instrument
        self._lot_values[symbol] = StepSeries()

    def updated(self, event: InstrumentUpdated, minute: int) -> None:
        """With another tick size the last price is one of its multiples, rounded half to even."""
        instrument = event.instrument
        tick_value = instrument.tick_value
        if tick_value != self._instruments[instrument.symbol].tick_value:
            values = self._lot_values[instrument.symbol]
            values.set(minute, half_to_even(values.last, tick_value) * tick_value)
        self._instruments[instrument.symbol] = instrument

    def _holding(self, account_id: str, asset: str) -> StepSeries:
        holdings = self._holdings.get(account_id)
        if holdings is None:
            holdings = self._holdings[account_id] = {}
        series = holdings.get(asset)
        if series is None:
            series = holdings[asset] = StepSeries()
        return series

    def snapshot(self) -> bytes:
        return _encode(
            (
                list(self._instruments.values()),
                {
                    account_id: {asset: series.packed() for asset, series in holdings.items()}
                    for account_id, holdings in self._holdings.items()
                },
                {symbol: series.packed() for symbol, series in self._lot_values.items()},
            )
        )

    def restore(self, data: bytes) -> None:
        instruments, holdings, lot_values = _decode(data)
        self._instruments = {instrument.symbol: instrument for instrument in instruments}
        self._holdings = {
            account_id: {asset: StepSeries.unpacked(*series) for asset, series in of_account.items()}
            for account_id, of_account in holdings.items()
        }
        self._lot_values = {symbol: StepSeries.unpacked(*series) for symbol, series in lot_values.items()}


def first_kept(time_ns: int, interval_ns: int) -> int:
    """From when on equity at multiples of the interval can be told at this time: 0 for always."""
    if interval_ns % _HOUR_NS == 0:
        return 0
    return first_minute_kept(time_ns // MINUTE_NS) * MINUTE_NS


_FOLLOWED: Final[dict[type, Callable[[EquityHistory, Any, int], None]]] = {
    **dict.fromkeys(MOVING, EquityHistory.moved),
    TradeExecuted: EquityHistory.traded,
    InstrumentCreated: EquityHistory.created,
    InstrumentUpdated: EquityHistory.updated,
}

_encode = msgspec.msgpack.Encoder().encode
_decode = msgspec.msgpack.Decoder(
    tuple[list[Instrument], dict[str, dict[str, Packed]], dict[str, Packed]]
).decode
