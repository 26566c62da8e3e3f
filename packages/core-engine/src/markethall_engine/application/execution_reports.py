"""What happens to the orders of one account, told one event at a time with the order as it then stands."""

from collections.abc import Callable, Iterable, Iterator, Sequence

import msgspec

from markethall_engine.application.order_history import (
    OrderChange,
    OrderCreation,
    OrderEvent,
    in_ticks_at,
    order_after,
    order_created,
    rewound,
)
from markethall_engine.application.record import Record
from markethall_engine.domain.events import TradeExecuted
from markethall_engine.domain.instrument import Instrument
from markethall_engine.domain.order import OrderRecord


class ExecutionReport(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """One event of one order (FIX 35=8)."""

    sequence: int
    """Of the command that caused it; where to resume from."""
    time_ns: int
    event: OrderEvent
    order: OrderRecord
    """As it stands right after the event; of a trade, the account's own order."""


class OrderTracker:
    """Follows the live orders of an account from record to record."""

    def __init__(
        self,
        account_id: str,
        live_orders: Iterable[OrderRecord],
        instrument_of: Callable[[str], Instrument],
    ) -> None:
        self._account_id = account_id
        self._instrument_of = instrument_of
        self._live = {order.order_id: order for order in live_orders}

    @classmethod
    def before(
        cls,
        records: Sequence[Record],
        account_id: str,
        live_orders: Iterable[OrderRecord],
        closed_order: Callable[[int], OrderRecord],
        instrument_of: Callable[[str], Instrument],
    ) -> "OrderTracker":
        """A tracker that stands before `records`, given the account's orders as they stand after them."""
        orders = {order.order_id: order for order in live_orders}
        created: set[int] = set()
        changes: dict[int, list[OrderChange]] = {}
        for record in records:
            for event, order_id in _events_of(account_id, record):
                if isinstance(event, OrderCreation):
                    created.add(order_id)
                elif order_id not in created:
                    changes.setdefault(order_id, []).append(event)
        for order_id, events in changes.items():
            after = orders.get(order_id) or closed_order(order_id)
            orders[order_id] = rewound(after, reversed(events))
        known = (order for order_id, order in orders.items() if order_id not in created)
        return cls(account_id, known, instrument_of)

    def reports(self, record: Record) -> Iterator[ExecutionReport]:
        """Take the next record and say what it did to the account's orders; of a trade, the maker first."""
        for event, order_id in _events_of(self._account_id, record):
            if isinstance(event, OrderCreation):
                order = order_created(event, record.sequence, record.time_ns)
            else:
                before = self._live[order_id]
                before = in_ticks_at(before, self._instrument_of(before.symbol), record.sequence)
                order = order_after(before, event, record.sequence, record.time_ns)
            if order.leaves_lots > 0:
                self._live[order_id] = order
            else:
                self._live.pop(order_id, None)
            yield ExecutionReport(record.sequence, record.time_ns, event, order)


def _events_of(account_id: str, record: Record) -> Iterator[tuple[OrderEvent, int]]:
    """Each event of an order of the account, with the order's id."""
    for event in record.events:
        if isinstance(event, TradeExecuted):
            if event.maker_account_id == account_id:
                yield event, event.maker_order_id
            if event.taker_account_id == account_id:
                yield event, event.taker_order_id
        elif isinstance(event, OrderEvent) and event.account_id == account_id:
            yield event, event.order_id
