"""What commands about orders came to becomes replies.

A reply to `PlaceOrder` is made of its record alone: the same record, read back after a crash, gives the same
reply byte for byte. The replies to cancels and replaces show the order as it stands now, so they may be
given only when that is durable.
"""

from collections.abc import Sequence

from markethall_engine.application.order_history import OrderChange, order_after, order_created
from markethall_engine.application.record import Record
from markethall_engine.application.sequencer import Outcome
from markethall_engine.domain.commands import CancelOrder, ReplaceOrder
from markethall_engine.domain.events import (
    CancelRejected,
    CommandRejected,
    OrderAccepted,
    OrderCanceled,
    OrderRejected,
    OrderReplaced,
    ReplaceRejected,
    TradeExecuted,
)
from markethall_engine.domain.exchange import Exchange
from markethall_engine.domain.order import OrderRecord, OrderStatus
from markethall_engine.domain.reasons import RejectReason
from markethall_engine.rpc.errors import AlreadyExists
from markethall_engine.rpc.translate.orders import OrderMessages
from markethall_engine.rpc.translate.vocabulary import REJECT_REASON
from markethall_protos import v1
from markethall_protos.codec import composer

_placed = composer(v1.PlaceOrderResponse, "order", "fills")

_UNKNOWN = (RejectReason.UNKNOWN_ORDER, RejectReason.UNKNOWN_ACCOUNT)


def recorded(outcome: Outcome) -> Record:
    """Return the record of what was done; raises `AlreadyExists` for a client order id used twice."""
    # Asked this way round since isinstance takes several times as long where it says no.
    if isinstance(outcome, Record):
        return outcome
    raise AlreadyExists(
        "CLIENT_ORDER_ID_REUSED",
        f"the client_order_id belongs to order {outcome.original.sequence}, of different content",
    )


class OrderReplies:
    """Writes the reply to each command about orders from its record."""

    def __init__(self, exchange: Exchange, messages: OrderMessages) -> None:
        self._exchange = exchange
        self._messages = messages

    def placed(self, record: Record) -> v1.PlaceOrderResponse:
        created = record.events[0]
        sequence, time_ns = record.sequence, record.time_ns
        if not isinstance(created, OrderAccepted):
            assert isinstance(created, OrderRejected)
            rejected = order_created(created, sequence, time_ns)
            return _placed(self._messages.order(rejected), ())
        if created.instructions is not None:
            return self._placed_with_instructions(created, record)
        fills: list[TradeExecuted] = []
        canceled: OrderCanceled | None = None
        for event in record.events:
            # By exact type: isinstance takes several times as long where it says no.
            if type(event) is TradeExecuted:
                if event.taker_order_id == sequence:
                    fills.append(event)
            elif type(event) is OrderCanceled and event.order_id == sequence:
                canceled = event
        order = _order_after_placing(created, fills, canceled, sequence, time_ns)
        fill = self._messages.fill
        return _placed(
            self._messages.order(order), [fill(trade, order, sequence, time_ns) for trade in fills]
        )

    def _placed_with_instructions(self, created: OrderAccepted, record: Record) -> v1.PlaceOrderResponse:
        """Reply to an order that more may have happened to than fills and a cancel."""
        sequence, time_ns = record.sequence, record.time_ns
        order = order_created(created, sequence, time_ns)
        fills: list[TradeExecuted] = []
        for event in record.events[1:]:
            if isinstance(event, TradeExecuted):
                fills.append(event)
            if isinstance(event, OrderChange) and sequence in _orders_of(event):
                order = order_after(order, event, sequence, time_ns)
        return _placed(
            self._messages.order(order),
            [self._messages.fill(trade, order, sequence, time_ns) for trade in fills],
        )

    def canceled(self, record: Record) -> v1.CancelOrderResponse:
        [event] = record.events
        if isinstance(event, OrderCanceled):
            return v1.CancelOrderResponse(canceled=True, order=self._order(event.order_id))
        command = record.command
        assert isinstance(event, CancelRejected) and isinstance(command, CancelOrder)
        return v1.CancelOrderResponse(
            order=self._order_of_refused(command, event.reason),
            reject_reason=REJECT_REASON[event.reason],
            reject_detail=event.detail,
        )

    def all_canceled(self, record: Record) -> v1.CancelAllOrdersResponse:
        last = record.events[-1]
        if isinstance(last, CommandRejected):
            return v1.CancelAllOrdersResponse(
                reject_reason=REJECT_REASON[last.reason], reject_detail=last.detail
            )
        canceled = (event for event in record.events if isinstance(event, OrderCanceled))
        return v1.CancelAllOrdersResponse(order_ids=[str(event.order_id) for event in canceled])

    def replaced(self, record: Record) -> v1.ReplaceOrderResponse:
        first, command = record.events[0], record.command
        assert isinstance(command, ReplaceOrder)
        if isinstance(first, ReplaceRejected):
            return v1.ReplaceOrderResponse(
                order=self._order_of_refused(command, first.reason),
                reject_reason=REJECT_REASON[first.reason],
                reject_detail=first.detail,
            )
        # A replace that asks for what is filled already ends the order, and is no less done for that.
        assert isinstance(first, OrderReplaced | OrderCanceled)
        order = self._exchange.order(first.order_id)
        assert order is not None
        fills = [
            self._messages.fill(event, order, record.sequence, record.time_ns)
            for event in record.events
            if isinstance(event, TradeExecuted) and event.taker_order_id == order.order_id
        ]
        return v1.ReplaceOrderResponse(
            replaced=True,
            order=self._messages.order(order),
            fills=fills,
            priority_kept=isinstance(first, OrderReplaced) and first.keeps_priority,
        )

    def _order_of_refused(self, command: CancelOrder | ReplaceOrder, reason: RejectReason) -> v1.Order | None:
        """The order that the command named, unless the refusal is that the account has no such order."""
        if reason in _UNKNOWN:
            return None
        return self._order(
            command.order_id or self._exchange.order_id_of(command.account_id, command.client_order_id)
        )

    def _order(self, order_id: int | None) -> v1.Order | None:
        order = None if order_id is None else self._exchange.order(order_id)
        return None if order is None else self._messages.order(order)


def _orders_of(event: OrderChange) -> tuple[int, ...]:
    if isinstance(event, TradeExecuted):
        return (event.maker_order_id, event.taker_order_id)
    return (event.order_id,)


def _order_after_placing(
    accepted: OrderAccepted,
    fills: Sequence[TradeExecuted],
    canceled: OrderCanceled | None,
    sequence: int,
    time_ns: int,
) -> OrderRecord:
    """The order at the end of the command that placed it.

    It says in one step what `order_history` says event by event, since it is on the path of every order.
    """
    quantity_lots = accepted.quantity_lots
    canceled_lots = 0 if canceled is None else canceled.canceled_lots
    filled_lots = notional = fees = 0
    for trade in fills:
        filled_lots += trade.quantity_lots
        notional += trade.notional
        fees += trade.taker_fee
    leaves_lots = quantity_lots - filled_lots - canceled_lots
    if canceled is not None:
        status = OrderStatus.CANCELED
    elif not fills:
        status = OrderStatus.NEW
    else:
        status = OrderStatus.PARTIALLY_FILLED if leaves_lots else OrderStatus.FILLED
    return OrderRecord(
        accepted.order_id,
        accepted.account_id,
        accepted.client_order_id,
        accepted.symbol,
        accepted.side,
        accepted.order_type,
        accepted.time_in_force,
        status,
        quantity_lots,
        accepted.price_ticks,
        filled_lots,
        leaves_lots,
        canceled_lots,
        notional,
        fees,
        fills[-1].taker_reserved if fills else accepted.reserved,
        None,
        None if canceled is None else canceled.reason,
        "",
        time_ns,
        time_ns,
        sequence,
        None,
        accepted.tick_revision,
    )
