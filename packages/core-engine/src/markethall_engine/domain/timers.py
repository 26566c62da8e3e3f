"""What the venue owes itself because its time has come."""

from markethall_engine.domain.commands import EndAuction, ExpireOrders, VenueCommand
from markethall_engine.domain.state import ExchangeState


def next_timer_ns(state: ExchangeState) -> int | None:
    """When the earliest timer is due; `None` where there is none."""
    expire_time_ns = state.expiries.earliest()
    end_time_ns = min(state.auction_ends_ns.values(), default=expire_time_ns)
    return end_time_ns if expire_time_ns is None or end_time_ns is None else min(expire_time_ns, end_time_ns)


def due_command(state: ExchangeState, time_ns: int) -> VenueCommand | None:
    """What the earliest timer asks for, if it is due at `time_ns`.

    Orders that end when an auction does end first, and take no part in it.
    """
    expire_time_ns = state.expiries.earliest()
    if state.auction_ends_ns:
        end_time_ns, symbol = min((end_ns, symbol) for symbol, end_ns in state.auction_ends_ns.items())
        if end_time_ns <= time_ns and (expire_time_ns is None or end_time_ns < expire_time_ns):
            return EndAuction(symbol)
    if expire_time_ns is None or expire_time_ns > time_ns:
        return None
    return ExpireOrders(time_ns)
