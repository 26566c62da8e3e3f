"""Deciding `PlaceOrder`: refuse it, or let the order in."""

from markethall_engine.domain.commands import PlaceOrder
from markethall_engine.domain.decision import Decision, Duplicate
from markethall_engine.domain.decisions.entry import enter
from markethall_engine.domain.decisions.sliding import slid
from markethall_engine.domain.decisions.stops import place_stop
from markethall_engine.domain.events import Event, OrderRejected
from markethall_engine.domain.order import STOP_TYPES
from markethall_engine.domain.reasons import RejectReason
from markethall_engine.domain.risk.checks import unknown_instrument
from markethall_engine.domain.risk.refusal import Refusal
from markethall_engine.domain.state import ExchangeState


def place_order(state: ExchangeState, command: PlaceOrder, sequence: int, time_ns: int) -> Decision:
    """The order's id is `sequence`."""
    client_order_id = command.client_order_id
    if client_order_id:
        original = state.order_id_of(command.account_id, client_order_id)
        if original:
            return Duplicate(original)
    if command.refused_because:
        return _rejected(
            state, command, sequence, Refusal(RejectReason.BATCH_REFUSED, command.refused_because)
        )

    market = state.markets.get(command.symbol)
    if market is None:
        return _rejected(state, command, sequence, unknown_instrument(command.symbol))
    if command.order_type in STOP_TYPES:
        waiting = place_stop(state, market, command, sequence, time_ns)
        return _rejected(state, command, sequence, waiting) if isinstance(waiting, Refusal) else waiting
    if command.instructions is not None:
        command = slid(market, command)
    entered = enter(state, market, command, sequence, time_ns)
    return _rejected(state, command, sequence, entered) if isinstance(entered, Refusal) else entered


def _rejected(state: ExchangeState, command: PlaceOrder, sequence: int, refusal: Refusal) -> list[Event]:
    market = state.markets.get(command.symbol)
    return [
        OrderRejected(
            order_id=sequence,
            account_id=command.account_id,
            client_order_id=command.client_order_id,
            symbol=command.symbol,
            side=command.side,
            order_type=command.order_type,
            time_in_force=command.time_in_force,
            quantity_lots=command.quantity_lots,
            price_ticks=command.price_ticks,
            reason=refusal.reason,
            detail=refusal.detail,
            instructions=command.instructions,
            tick_revision=1
            if market is None
            else market.instrument.known_revision(command.instrument_revision),
        )
    ]
