"""Deciding `TrimReduceOnly`, and what it amounts to when the venue lowers an order."""

from markethall_engine.domain.commands import TrimReduceOnly
from markethall_engine.domain.decisions.canceling import live_order_canceled
from markethall_engine.domain.events import Event, FollowUpTaken, OrderReduced
from markethall_engine.domain.instrument import Instrument
from markethall_engine.domain.ledger.reservation import limit_reservation
from markethall_engine.domain.live_order import LiveOrder
from markethall_engine.domain.order import Side
from markethall_engine.domain.reasons import CancelReason
from markethall_engine.domain.risk.exposure import reduce_only_excess
from markethall_engine.domain.state import ExchangeState


def trim_reduce_only(
    state: ExchangeState, command: TrimReduceOnly, sequence: int, time_ns: int
) -> list[Event]:
    """Cut reduce-only orders down to what there is to reduce: buys and then sells, the newest first."""
    account = state.accounts[command.account_id]
    instrument = state.markets[command.symbol].instrument
    events: list[Event] = [FollowUpTaken()]
    for side in Side:
        excess = reduce_only_excess(account, command.symbol, side)
        for order in reversed(account.reduce_only.get(command.symbol, {}).values()):
            if order.side is not side or excess == 0:
                continue
            lots = min(excess, order.leaves_lots)
            excess -= lots
            if lots == order.leaves_lots:
                events.append(live_order_canceled(order, CancelReason.REDUCE_ONLY))
            else:
                events.append(resting_order_reduced(order, instrument, lots))
    return events


def resting_order_reduced(order: LiveOrder, instrument: Instrument, lots: int) -> OrderReduced:
    """What taking so many lots off a resting order amounts to, of which some are to be left."""
    leaves_lots = order.leaves_lots - lots
    return OrderReduced(
        order_id=order.order_id,
        account_id=order.account_id,
        symbol=order.symbol,
        side=order.side,
        price_ticks=order.price_ticks,
        quantity_lots=order.quantity_lots - lots,
        leaves_lots=leaves_lots,
        reserved=limit_reservation(
            instrument,
            side=order.side,
            price_ticks=order.price_ticks,
            leaves_lots=leaves_lots,
            highest_fee_ppm=order.highest_fee_ppm(),
            fee_credit=order.fee_credit,
        ),
        reduced_lots=lots,
        was_resting=True,
        reduced_hidden_lots=min(lots, order.hidden_lots),
    )
