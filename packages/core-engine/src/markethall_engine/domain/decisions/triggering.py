"""Deciding `TriggerOrder`: a stop order that the market reached becomes an order like any other."""

import msgspec

from markethall_engine.domain.commands import PlaceOrder, TriggerOrder
from markethall_engine.domain.decisions.canceling import live_order_canceled
from markethall_engine.domain.decisions.entry import enter
from markethall_engine.domain.decisions.sliding import slid
from markethall_engine.domain.events import Event, FollowUpTaken
from markethall_engine.domain.live_order import LiveOrder
from markethall_engine.domain.order import OrderType, TimeInForce
from markethall_engine.domain.reasons import CancelReason
from markethall_engine.domain.risk.refusal import Refusal
from markethall_engine.domain.state import ExchangeState


def trigger_order(state: ExchangeState, command: TriggerOrder, sequence: int, time_ns: int) -> list[Event]:
    """Its entry into the market, or its end if that is refused; nothing if it has ended meanwhile.

    Where other orders of its group live, their end alone: what they hold back must be available to it first.
    The command is not taken up then, so it is decided again, next.
    """
    order = state.live_orders.get(command.order_id)
    if order is None:
        return [FollowUpTaken()]
    siblings = _siblings(order)
    if siblings:
        return siblings
    market = state.markets[order.symbol]
    terms = slid(market, _released_terms(order, market.instrument.revision))
    entered = enter(state, market, terms, order.order_id, time_ns, order)
    if isinstance(entered, Refusal):
        canceled = live_order_canceled(order, CancelReason.REFUSED_AT_TRIGGER)
        refused = msgspec.structs.replace(canceled, reject_reason=entered.reason, detail=entered.detail)
        return [FollowUpTaken(), refused]
    return [FollowUpTaken(), *entered]


def _siblings(order: LiveOrder) -> list[Event]:
    """The end of the other orders of its group, oldest first."""
    group_id = "" if order.instructions is None else order.instructions.order_group_id
    if not group_id:
        return []
    return [
        live_order_canceled(other, CancelReason.ORDER_GROUP)
        for other in order.owner.orders_of_group(group_id)
        if other is not order
    ]


def _released_terms(order: LiveOrder, revision: int) -> PlaceOrder:
    """What a stop order is once it is released: a limit order, or a market order."""
    is_limit = order.terms.order_type is OrderType.STOP_LIMIT
    return PlaceOrder(
        account_id=order.account_id,
        client_order_id=order.terms.client_order_id,
        symbol=order.symbol,
        instrument_revision=revision,
        side=order.side,
        order_type=OrderType.LIMIT if is_limit else OrderType.MARKET,
        time_in_force=order.terms.time_in_force if is_limit else TimeInForce.IOC,
        quantity_lots=order.leaves_lots,
        price_ticks=order.price_ticks,
        instructions=order.instructions,
    )
