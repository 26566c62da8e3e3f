"""Which records somebody wants to see."""

from dataclasses import dataclass

import msgspec

from markethall_engine.application.parties import accounts_of
from markethall_engine.application.record import Record
from tools.journal.readable import kind

_ORDER_ID_FIELDS = ("order_id", "maker_order_id", "taker_order_id")


@dataclass(frozen=True, slots=True)
class Selection:
    """What is given must hold, all of it; empty strings, zeros and empty sets ask for nothing."""

    account_id: str = ""
    symbol: str = ""
    order_id: int = 0
    kinds: frozenset[str] = frozenset()
    """Names of commands or events, any one of them."""
    first: int = 1
    """Sequence."""
    last: int | None = None
    since_ns: int = 0
    """Nanoseconds since 1970, inclusive."""
    until_ns: int | None = None
    """Exclusive."""

    def is_past(self, record: Record) -> bool:
        """Whether this record and all that follow it are beyond what is wanted."""
        return (self.last is not None and record.sequence > self.last) or (
            self.until_ns is not None and record.time_ns >= self.until_ns
        )

    def includes(self, record: Record) -> bool:
        return (
            record.sequence >= self.first
            and record.time_ns >= self.since_ns
            and not self.is_past(record)
            and (not self.account_id or self.account_id in accounts_of(record))
            and (not self.symbol or self._names(record, ("symbol",), self.symbol))
            and (not self.order_id or self._names(record, _ORDER_ID_FIELDS, self.order_id))
            and (not self.kinds or any(kind(what) in self.kinds for what in (record.command, *record.events)))
        )

    @staticmethod
    def _names(record: Record, fields: tuple[str, ...], wanted: str | int) -> bool:
        """Whether the command, or an event or what it defines, holds the value in one of the fields."""
        whats: list[msgspec.Struct] = [record.command, *record.events]
        whats += [what.instrument for what in record.events if hasattr(what, "instrument")]
        return any(getattr(what, field, None) == wanted for what in whats for field in fields)
