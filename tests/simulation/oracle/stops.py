"""Which pending orders a price releases."""

from markethall_engine.domain.commands import TriggerOrder
from markethall_engine.domain.order import OrderType, Side
from tests.simulation.oracle.order import Order
from tests.simulation.oracle.state import State


def wait(state: State, order: Order) -> None:
    """Let an order that is pending now, or has a new stop price, look at the last price."""
    last = state.last_price.get(order.symbol, 0)
    if order.order_type is not OrderType.TRAILING_STOP and last and _is_reached(order, last):
        _owe_release(state, order)


def release(state: State, symbol: str, price_ticks: int) -> None:
    """After each trade."""
    waiting = [
        order for order in state.live if order.is_pending and not order.is_due and order.symbol == symbol
    ]
    reached = [
        order for order in waiting if not _trails(order, price_ticks) and _is_reached(order, price_ticks)
    ]
    for order in sorted(reached, key=_as_the_market_reaches_them):
        _owe_release(state, order)


def _trails(order: Order, price_ticks: int) -> bool:
    """Whether a trade moves what releases an order, so that it does not release it."""
    if order.order_type is not OrderType.TRAILING_STOP:
        return False
    best = max if order.side is Side.SELL else min
    before, order.extreme_ticks = order.extreme_ticks, best(order.extreme_ticks or price_ticks, price_ticks)
    return order.extreme_ticks != before


def _is_reached(order: Order, price_ticks: int) -> bool:
    if order.side is Side.BUY:
        return price_ticks >= order.stop_ticks
    return price_ticks <= order.stop_ticks


def _as_the_market_reaches_them(order: Order) -> tuple[bool, int, int]:
    is_sell = order.side is Side.SELL
    return is_sell, -order.stop_ticks if is_sell else order.stop_ticks, order.order_id


def _owe_release(state: State, order: Order) -> None:
    order.is_due = True
    state.follow_ups.append(TriggerOrder(order.order_id))
