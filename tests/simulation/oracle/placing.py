"""New orders."""

import msgspec

from markethall_engine.domain.commands import PlaceExit, PlaceOrder
from markethall_engine.domain.events import Event, OrderAccepted, OrderRejected
from markethall_engine.domain.reasons import RejectReason
from tests.simulation.oracle import checks, risk, stops
from tests.simulation.oracle.arrival import go, why_not, why_not_pending
from tests.simulation.oracle.brackets import exit_of
from tests.simulation.oracle.order import STOPS, Order
from tests.simulation.oracle.sliding import slide
from tests.simulation.oracle.state import State


def place(state: State, command: PlaceOrder) -> list[Event] | int:
    """What a new order does, or the sequence of the command that this one repeats."""
    key = (command.account_id, command.client_order_id)
    if command.client_order_id:
        if key in state.client_order_ids:
            return state.client_order_ids[key]
        state.client_order_ids[key] = state.sequence
    if command.refused_because:
        return _reject(state, command, RejectReason.BATCH_REFUSED)
    return enter(state, command)


def place_exit(state: State, command: PlaceExit) -> list[Event]:
    """What an exit does; there is always one to place."""
    return enter(state, exit_of(state, command))


def enter(state: State, command: PlaceOrder) -> list[Event]:
    """What a new order does."""
    if command.symbol not in state.instruments:
        return _reject(state, command, RejectReason.UNKNOWN_INSTRUMENT)
    order = order_of(state, command)
    if not order.is_pending:
        slide(state, order)
        command = msgspec.structs.replace(command, price_ticks=order.price_ticks)
    reason = checks.of_new_order(state, command, order)
    if reason is None:
        reason = why_not_pending(state, order) if order.is_pending else why_not(state, order, is_new=True)
    if reason is not None:
        return _reject(state, command, reason)
    return let_in(state, order, command)


def let_in(state: State, order: Order, command: PlaceOrder) -> list[Event]:
    """What an order does that nothing keeps out."""
    state.live.append(order)
    risk.accepted(state, order.account_id)
    accepted = _accepted(order, command)
    if order.is_pending:
        stops.wait(state, order)
        return [accepted]
    return [accepted, *go(state, order)]


def order_of(state: State, command: PlaceOrder) -> Order:
    instrument = state.instruments[command.symbol]
    account = state.accounts.get(command.account_id)
    rates = instrument.fee_tiers.get(account.fee_tier, instrument) if account else instrument
    return Order(
        state.sequence,
        command.account_id,
        instrument,
        command.side,
        command.order_type,
        command.time_in_force,
        command.price_ticks,
        command.quantity_lots,
        command.instructions,
        rates.maker_fee_ppm,
        rates.taker_fee_ppm,
        is_pending=command.order_type in STOPS,
        extreme_ticks=state.last_price.get(command.symbol, 0),
    )


def _accepted(order: Order, command: PlaceOrder) -> OrderAccepted:
    return OrderAccepted(
        order.order_id,
        order.account_id,
        command.client_order_id,
        order.symbol,
        order.side,
        order.order_type,
        order.time_in_force,
        order.quantity_lots,
        order.price_ticks,
        order.needs,
        order.maker_fee_ppm,
        order.taker_fee_ppm,
        command.instructions,
        order.instrument.revision,
    )


def _reject(state: State, command: PlaceOrder, reason: RejectReason) -> list[Event]:
    state.rejected[state.sequence] = command.account_id
    return [
        OrderRejected(
            state.sequence,
            command.account_id,
            command.client_order_id,
            command.symbol,
            command.side,
            command.order_type,
            command.time_in_force,
            command.quantity_lots,
            command.price_ticks,
            reason,
            "",
            command.instructions,
            _known_revision(state, command),
        )
    ]


def _known_revision(state: State, command: PlaceOrder) -> int:
    """The one that a refused order named, if its instrument has it or had it, else the present one."""
    instrument = state.instruments.get(command.symbol)
    present = instrument.revision if instrument else 1
    return command.instrument_revision if 1 <= command.instrument_revision <= present else present
