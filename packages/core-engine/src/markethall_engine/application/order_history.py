"""How one order changes from event to event.

The exchange knows how its orders stand now. A reader of the past, such as a resumed stream of execution
reports, wants an order as it stood right after an event: `order_after` carries it forward by one event, and
`rewound` takes the figures that only add up back to before a run of them.
"""

from collections.abc import Iterable

from msgspec.structs import replace

from markethall_engine.domain.events import (
    OrderAccepted,
    OrderCanceled,
    OrderReduced,
    OrderRejected,
    OrderReplaced,
    OrderTriggered,
    TradeExecuted,
)
from markethall_engine.domain.instrument import Instrument
from markethall_engine.domain.order import STOP_TYPES, OrderRecord, OrderStatus, OrderType, ended_status
from markethall_engine.domain.tick_change import TickChange

OrderCreation = OrderAccepted | OrderRejected
OrderChange = TradeExecuted | OrderCanceled | OrderReplaced | OrderReduced | OrderTriggered
OrderEvent = OrderCreation | OrderChange


def order_created(event: OrderCreation, sequence: int, time_ns: int) -> OrderRecord:
    """The order as it stands right after it was accepted or rejected."""
    is_rejected = isinstance(event, OrderRejected)
    return OrderRecord(
        order_id=event.order_id,
        account_id=event.account_id,
        client_order_id=event.client_order_id,
        symbol=event.symbol,
        side=event.side,
        order_type=event.order_type,
        time_in_force=event.time_in_force,
        status=OrderStatus.REJECTED if is_rejected else _status_of_new(event),
        quantity_lots=event.quantity_lots,
        price_ticks=event.price_ticks,
        filled_lots=0,
        leaves_lots=0 if is_rejected else event.quantity_lots,
        canceled_lots=event.quantity_lots if is_rejected else 0,
        filled_notional=0,
        fees_paid=0,
        reserved=0 if isinstance(event, OrderRejected) else event.reserved,
        reject_reason=event.reason if isinstance(event, OrderRejected) else None,
        cancel_reason=None,
        detail=event.detail if isinstance(event, OrderRejected) else "",
        create_time_ns=time_ns,
        update_time_ns=time_ns,
        update_sequence=sequence,
        instructions=event.instructions,
        tick_revision=event.tick_revision,
    )


def _status_of_new(event: OrderCreation) -> OrderStatus:
    return OrderStatus.PENDING_TRIGGER if event.order_type in STOP_TYPES else OrderStatus.NEW


def order_after(before: OrderRecord, event: OrderChange, sequence: int, time_ns: int) -> OrderRecord:
    """The order as it stands right after one more event of its own, of the command `sequence`.

    A trailing stop's price moves with the market and not by the order's own events: it is told from the
    release on, which fixes it, and is 0 before.
    """
    if before.status is OrderStatus.PENDING_TRIGGER and before.order_type is OrderType.TRAILING_STOP:
        before = _with_stop_price(before, 0)
    if isinstance(event, TradeExecuted):
        is_maker = event.maker_order_id == before.order_id
        leaves_lots = event.maker_leaves_lots if is_maker else event.taker_leaves_lots
        return replace(
            before,
            status=OrderStatus.PARTIALLY_FILLED if leaves_lots else OrderStatus.FILLED,
            filled_lots=before.filled_lots + event.quantity_lots,
            leaves_lots=leaves_lots,
            filled_notional=before.filled_notional + event.notional,
            fees_paid=before.fees_paid + (event.maker_fee if is_maker else event.taker_fee),
            reserved=event.maker_reserved if is_maker else event.taker_reserved,
            update_time_ns=time_ns,
            update_sequence=sequence,
        )
    if isinstance(event, OrderReplaced):
        return replace(
            before,
            quantity_lots=event.quantity_lots,
            price_ticks=event.price_ticks,
            leaves_lots=event.leaves_lots,
            reserved=event.reserved,
            update_time_ns=time_ns,
            update_sequence=sequence,
            instructions=event.instructions,
            tick_revision=event.tick_revision,
        )
    if isinstance(event, OrderReduced):
        return replace(
            before,
            quantity_lots=event.quantity_lots,
            leaves_lots=event.leaves_lots,
            reserved=event.reserved,
            update_time_ns=time_ns,
            update_sequence=sequence,
        )
    if isinstance(event, OrderTriggered):
        return replace(
            _with_stop_price(before, event.stop_price_ticks),
            status=OrderStatus.NEW,
            price_ticks=event.price_ticks,
            reserved=event.reserved,
            update_time_ns=time_ns,
            update_sequence=sequence,
        )
    return replace(
        before,
        status=ended_status(event.reason),
        leaves_lots=0,
        canceled_lots=event.canceled_lots,
        reserved=0,
        reject_reason=event.reject_reason,
        cancel_reason=event.reason,
        detail=event.detail,
        update_time_ns=time_ns,
        update_sequence=sequence,
    )


def _with_stop_price(order: OrderRecord, stop_price_ticks: int) -> OrderRecord:
    assert order.instructions is not None, "a stop order has a stop price or a distance"
    return replace(order, instructions=replace(order.instructions, stop_price_ticks=stop_price_ticks))


def in_ticks_at(order: OrderRecord, instrument: Instrument, sequence: int) -> OrderRecord:
    """The order with its prices in the ticks that the events of the command `sequence` are counted in."""
    if not instrument.former_ticks:
        return order
    revision = instrument.revision_at(sequence)
    if revision == order.tick_revision:
        return order
    change = TickChange(instrument.tick_size_of(order.tick_revision), instrument.tick_size_of(revision))
    return replace(
        order,
        price_ticks=change.exact(order.price_ticks),
        instructions=change.instructions(order.instructions),
        tick_revision=revision,
    )


def rewound(order: OrderRecord, events: Iterable[OrderChange]) -> OrderRecord:
    """The order before the last `events` of its own, newest first, as a start for `order_after`.

    What it reserved and when it changed before that is not known and left as it is; `order_after` writes
    both anew.
    """
    waited = order.status is OrderStatus.PENDING_TRIGGER
    for event in events:
        if isinstance(event, TradeExecuted):
            is_maker = event.maker_order_id == order.order_id
            order = replace(
                order,
                filled_lots=order.filled_lots - event.quantity_lots,
                leaves_lots=order.leaves_lots + event.quantity_lots,
                filled_notional=order.filled_notional - event.notional,
                fees_paid=order.fees_paid - (event.maker_fee if is_maker else event.taker_fee),
            )
        elif isinstance(event, OrderReplaced):
            order = replace(
                order,
                quantity_lots=event.old_quantity_lots,
                price_ticks=event.old_price_ticks,
                leaves_lots=event.old_leaves_lots,
                instructions=event.old_instructions,
                tick_revision=event.tick_revision,
            )
        elif isinstance(event, OrderReduced):
            order = replace(
                order,
                quantity_lots=order.quantity_lots + event.reduced_lots,
                leaves_lots=order.leaves_lots + event.reduced_lots,
            )
        elif isinstance(event, OrderCanceled):
            order = replace(
                order,
                leaves_lots=event.canceled_lots,
                canceled_lots=0,
                reject_reason=None,
                cancel_reason=None,
                detail="",
            )
        waited = _waited_before(order, event)
    if waited:
        return replace(order, status=OrderStatus.PENDING_TRIGGER)
    return replace(order, status=OrderStatus.PARTIALLY_FILLED if order.filled_lots else OrderStatus.NEW)


def _waited_before(order: OrderRecord, event: OrderChange) -> bool:
    """Whether an order waited for its stop price before an event that happened to it between two commands."""
    if isinstance(event, OrderTriggered):
        return True
    is_stop = order.order_type in STOP_TYPES
    return is_stop and isinstance(event, OrderCanceled | OrderReplaced) and not event.was_resting
