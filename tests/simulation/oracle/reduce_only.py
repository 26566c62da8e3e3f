"""Orders that never increase a position."""

from markethall_engine.domain.commands import TrimReduceOnly
from markethall_engine.domain.events import Event
from markethall_engine.domain.order import Side
from markethall_engine.domain.reasons import CancelReason
from tests.simulation.oracle.lifecycle import cancel, reduce
from tests.simulation.oracle.order import Order
from tests.simulation.oracle.state import State


def would_increase(state: State, order: Order) -> bool:
    """Whether a reduce-only order could increase the position, beside the others of its side."""
    resting = _resting(state, order.account_id, order.symbol, order.side)
    others = [other for other in resting if other.order_id != order.order_id]
    reducible = _reducible(state, order) - sum(other.leaves_lots for other in others)
    return order.instructions.reduce_only and order.leaves_lots > reducible


def cut(state: State, order: Order) -> list[Event]:
    """Take off a resting order that is met what would increase the position now."""
    excess = order.leaves_lots - _reducible(state, order)
    return _cut_by(state, order, excess) if order.instructions.reduce_only else []


def owe_trim(state: State, account_id: str, symbol: str) -> None:
    """After a trade of the account: if its orders could reduce more than there is, owe it to cut them."""
    command = TrimReduceOnly(account_id, symbol)
    if command not in state.follow_ups and any(_excess(state, account_id, symbol, side) > 0 for side in Side):
        state.follow_ups.append(command)


def trim(state: State, command: TrimReduceOnly) -> list[Event]:
    events: list[Event] = []
    for side in (Side.BUY, Side.SELL):
        for order in reversed(_resting(state, command.account_id, command.symbol, side)):
            excess = _excess(state, command.account_id, command.symbol, side)
            events += _cut_by(state, order, min(excess, order.leaves_lots))
    return events


def _cut_by(state: State, order: Order, lots: int) -> list[Event]:
    if lots <= 0:
        return []
    if lots >= order.leaves_lots:
        return [cancel(state, order, CancelReason.REDUCE_ONLY)]
    return [reduce(order, lots)]


def _excess(state: State, account_id: str, symbol: str, side: Side) -> int:
    orders = _resting(state, account_id, symbol, side)
    return sum(order.leaves_lots for order in orders) - _reducible(state, orders[0]) if orders else 0


def _resting(state: State, account_id: str, symbol: str, side: Side) -> list[Order]:
    """Oldest first."""
    return [
        order
        for order in state.live
        if order.arrival
        and order.instructions.reduce_only
        and (order.account_id, order.symbol, order.side) == (account_id, symbol, side)
    ]


def _reducible(state: State, order: Order) -> int:
    position = state.position(order.account_id, order.symbol)
    return max(0, -position if order.side is Side.BUY else position)
