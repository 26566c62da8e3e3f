"""What traffic remembers of orders, so that it can ask for what is possible, or just not."""

from collections import Counter, defaultdict
from dataclasses import dataclass, field
from fractions import Fraction

from markethall_engine.domain.events import (
    Event,
    InstrumentCreated,
    InstrumentUpdated,
    OrderAccepted,
    OrderCanceled,
    TradeExecuted,
)
from markethall_engine.domain.order import Side


@dataclass
class OrderMemory:
    """All that events told."""

    live: dict[int, str] = field(default_factory=dict)
    """Order ids and their accounts."""
    ended: dict[int, str] = field(default_factory=dict)
    filled: Counter[int] = field(default_factory=Counter)
    """Lots by order id."""
    positions: Counter[tuple[str, str]] = field(default_factory=Counter)
    """Lots by account and symbol, below zero for short."""

    symbols: dict[int, str] = field(default_factory=dict)
    """By order id."""
    revisions: defaultdict[str, int] = field(default_factory=lambda: defaultdict(lambda: 1))
    """Of instruments, by symbol."""
    first_tick_sizes: dict[str, Fraction] = field(default_factory=dict)
    scales: defaultdict[str, Fraction] = field(default_factory=lambda: defaultdict(lambda: Fraction(1)))
    """By symbol, how many ticks of now one of the first is."""

    def hear(self, event: Event) -> None:
        if isinstance(event, OrderAccepted):
            self.live[event.order_id] = event.account_id
            self.symbols[event.order_id] = event.symbol
        elif isinstance(event, InstrumentCreated | InstrumentUpdated):
            instrument = event.instrument
            size = Fraction(instrument.tick_size.coefficient, 10**instrument.tick_size.scale)
            self.revisions[instrument.symbol] = instrument.revision
            first = self.first_tick_sizes.setdefault(instrument.symbol, size)
            self.scales[instrument.symbol] = first / size
        elif isinstance(event, OrderCanceled):
            self._end(event.order_id)
        elif isinstance(event, TradeExecuted):
            lots = event.quantity_lots if event.taker_side is Side.BUY else -event.quantity_lots
            self.positions[event.taker_account_id, event.symbol] += lots
            self.positions[event.maker_account_id, event.symbol] -= lots
            self._fill(event.maker_order_id, event.quantity_lots, event.maker_leaves_lots)
            self._fill(event.taker_order_id, event.quantity_lots, event.taker_leaves_lots)

    def _fill(self, order_id: int, lots: int, leaves_lots: int) -> None:
        self.filled[order_id] += lots
        if leaves_lots == 0:
            self._end(order_id)

    def _end(self, order_id: int) -> None:
        self.ended[order_id] = self.live.pop(order_id)
