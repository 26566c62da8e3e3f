"""What the venue owes itself because its time has come."""

from markethall_engine.domain.commands import EndAuction, VenueCommand
from markethall_engine.domain.state import ExchangeState


def next_timer_ns(state: ExchangeState) -> int | None:
    """When the earliest timer is due; `None` where there is none."""
    return min(state.auction_ends_ns.values(), default=None)


def due_command(state: ExchangeState, time_ns: int) -> VenueCommand | None:
    """What the earliest timer asks for, if it is due at `time_ns`."""
    if state.auction_ends_ns:
        end_time_ns, symbol = min((end_ns, symbol) for symbol, end_ns in state.auction_ends_ns.items())
        if end_time_ns <= time_ns:
            return EndAuction(symbol)
    return None
