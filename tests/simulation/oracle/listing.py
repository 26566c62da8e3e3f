"""Changes of instruments."""

import msgspec

from markethall_engine.domain.commands import EndAuction, UpdateInstrument
from markethall_engine.domain.events import AuctionBegun, CommandRejected, Event, InstrumentUpdated
from markethall_engine.domain.instrument import InstrumentStatus
from markethall_engine.domain.reasons import CancelReason, RejectReason
from tests.simulation.oracle import auction, tick_size
from tests.simulation.oracle.lifecycle import cancel
from tests.simulation.oracle.state import State


def end_auction(state: State, command: EndAuction) -> list[Event]:
    """At its time."""
    return update_instrument(state, UpdateInstrument(command.symbol, status=InstrumentStatus.OPEN))


def update_instrument(state: State, command: UpdateInstrument) -> list[Event]:
    old = state.instruments.get(command.symbol)
    if old is None:
        return [CommandRejected(RejectReason.UNKNOWN_INSTRUMENT, "")]
    if old.status is InstrumentStatus.CLOSED:
        return [CommandRejected(RejectReason.INSTRUMENT_CLOSED, "")]
    changes = {
        name: value
        for name, value in msgspec.structs.asdict(command).items()
        if value is not None and name not in ("symbol", "instrument_revision", "tick_size")
    }
    new, events = old, list[Event]()
    if command.tick_size is not None:
        if command.status not in (None, old.status) or not tick_size.is_possible(old, command.tick_size):
            return [CommandRejected(RejectReason.INVALID_PARAMETERS, "")]
        new, events = tick_size.change(state, old, command.tick_size)
    new = msgspec.structs.replace(new, **changes, update_time_ns=state.time_ns)
    state.put_instrument(new)
    events.append(InstrumentUpdated(new))
    is_call, was_call = (one.status is InstrumentStatus.AUCTION for one in (new, old))
    if was_call and not is_call:
        state.auction_ends.pop(new.symbol, None)
    if is_call and not was_call:
        events.append(AuctionBegun(new.symbol, 0))
    if was_call and new.status in (InstrumentStatus.OPEN, InstrumentStatus.HALTED):
        events += auction.uncross(state, new.symbol)
    if new.status is InstrumentStatus.CLOSED:
        orders = [order for order in state.live if order.symbol == command.symbol]
        events += [cancel(state, order, CancelReason.INSTRUMENT_CLOSED) for order in orders]
    return events
