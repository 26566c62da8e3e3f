"""Deciding `TriggerOrder`: a stop order that the market reached becomes an order like any other."""

from markethall_engine.domain.commands import TriggerOrder
from markethall_engine.domain.events import Event, FollowUpTaken
from markethall_engine.domain.state import ExchangeState


def trigger_order(state: ExchangeState, command: TriggerOrder, sequence: int, time_ns: int) -> list[Event]:
    """Nothing but that it was taken up, if the order has ended meanwhile."""
    return [FollowUpTaken()]
