"""The exchange: commands in, events out, and the one state that the events make.

`decide` reads and `apply` writes. The caller (the sequencer, or recovery, or a test) owns order, time and
durability: it gives every command a sequence that rises by one and a time that never falls, and applies a
command's events in order before it decides the next. Equal commands with equal sequences and times give
equal events and equal digests, in any process.
"""

from collections.abc import Sequence

import msgspec

from markethall_engine.domain.account import Account
from markethall_engine.domain.balance import BalanceRecord, PositionRecord
from markethall_engine.domain.commands import Command
from markethall_engine.domain.events import Event
from markethall_engine.domain.instrument import Asset, Instrument
from markethall_engine.domain.order import OrderRecord, Side


class Duplicate(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """The command repeats one that was decided before, as `sequence`; nothing is to be journaled.

    Its original record holds the answer. `commands.same_request` tells a repetition from another request
    under a used identifier.
    """

    sequence: int


class Level(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """One price of one side of a book."""

    price_ticks: int
    quantity_lots: int
    order_count: int


class Exchange:
    """All instruments, accounts, orders and balances of one engine."""

    sequence: int
    """Of the last event applied; 0 at the start."""
    time_ns: int
    """Of the last event applied, nanoseconds since 1970 (UTC); 0 at the start."""

    def decide(self, command: Command, sequence: int, time_ns: int) -> list[Event] | Duplicate:
        """Say what `command` would do now; changes nothing. A refusal is an event, never an exception."""
        raise NotImplementedError

    def apply(self, event: Event, sequence: int, time_ns: int) -> None:
        """Change the state by one event of the command `sequence`; raises only for a bug."""
        raise NotImplementedError

    def snapshot(self) -> bytes:
        """The whole state in its one canonical encoding: equal states give equal bytes."""
        raise NotImplementedError

    @classmethod
    def restore(cls, data: bytes) -> "Exchange":
        """An exchange that decides as the snapshot's one would; raises `SnapshotError` for foreign bytes."""
        raise NotImplementedError

    def digest(self) -> str:
        """BLAKE2b of the state in hexadecimal, 64 digits; equal states have equal digests in any process."""
        raise NotImplementedError

    # Reading. Everything returned is immutable, so it may be kept while the exchange goes on.

    def assets(self) -> list[Asset]:
        raise NotImplementedError

    def asset(self, asset: str) -> Asset | None:
        raise NotImplementedError

    def instruments(self) -> list[Instrument]:
        raise NotImplementedError

    def instrument(self, symbol: str) -> Instrument | None:
        raise NotImplementedError

    def accounts(self) -> list[Account]:
        raise NotImplementedError

    def account(self, account_id: str) -> Account | None:
        raise NotImplementedError

    def balances(self, account_id: str) -> list[BalanceRecord]:
        raise NotImplementedError

    def balance(self, account_id: str, asset: str) -> BalanceRecord:
        raise NotImplementedError

    def positions(self, account_id: str) -> list[PositionRecord]:
        raise NotImplementedError

    def position(self, account_id: str, symbol: str) -> PositionRecord:
        raise NotImplementedError

    def order(self, order_id: int) -> OrderRecord | None:
        raise NotImplementedError

    def order_id_of(self, account_id: str, client_order_id: str) -> int | None:
        raise NotImplementedError

    def order_ids(self, account_id: str) -> Sequence[int]:
        raise NotImplementedError

    def live_orders(self, account_id: str, symbol: str = "") -> list[OrderRecord]:
        raise NotImplementedError

    def best_bid(self, symbol: str) -> Level | None:
        raise NotImplementedError

    def best_ask(self, symbol: str) -> Level | None:
        raise NotImplementedError

    def levels(self, symbol: str, side: Side, limit: int | None = None) -> list[Level]:
        raise NotImplementedError

    def resting_orders(self, symbol: str, side: Side, limit: int | None = None) -> list[OrderRecord]:
        raise NotImplementedError

    def last_price_ticks(self, symbol: str) -> int:
        raise NotImplementedError
