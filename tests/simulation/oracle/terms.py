"""Whether what an order asks for can be asked, and asked together."""

from markethall_engine.domain.order import OrderType, TimeInForce
from tests.simulation.oracle import brackets
from tests.simulation.oracle.order import IMMEDIATE, STOPS, Order
from tests.simulation.oracle.state import State

_LIMITS = (OrderType.LIMIT, OrderType.STOP_LIMIT)
_UNLIMITED = (OrderType.STOP, OrderType.TRAILING_STOP)
_ENDING = (TimeInForce.DAY, TimeInForce.GTD)


def make_sense(order: Order) -> bool:
    """Type, price, quantity and time in force."""
    kind = order.order_type
    has_limit = kind in _LIMITS
    if has_limit != (order.price_ticks > 0) or order.quantity_lots <= 0:
        return False
    if kind is OrderType.MARKET and order.time_in_force not in IMMEDIATE:
        return False
    if kind in _UNLIMITED and order.time_in_force in IMMEDIATE:
        return False
    return kind not in STOPS or _stop_makes_sense(order)


def _stop_makes_sense(order: Order) -> bool:
    kind, wish = order.order_type, order.instructions
    has_stop = kind in (OrderType.STOP, OrderType.STOP_LIMIT)
    if has_stop != (wish.stop_price_ticks != 0) or wish.stop_price_ticks < 0:
        return False
    if wish.trailing_ticks < 0 or not 0 <= wish.trailing_ppm < 1_000_000:
        return False
    distances = (wish.trailing_ticks > 0) + (wish.trailing_ppm > 0)
    return distances == (1 if kind is OrderType.TRAILING_STOP else 0)


def need_matching(order: Order) -> bool:
    """Whether an order cannot just rest."""
    if order.is_pending:
        return False
    return not order.may_rest or order.instructions.min_quantity_lots != 0


def instructions_make_sense(state: State, order: Order) -> bool:
    """When it ends, minimum, post-only, exits and display."""
    wish = order.instructions
    is_ending = order.time_in_force in _ENDING
    if is_ending is not (wish.expire_time_ns != 0) or (is_ending and wish.expire_time_ns <= state.time_ns):
        return False
    rests = order.order_type in _LIMITS and order.time_in_force not in IMMEDIATE
    if not 0 <= wish.min_quantity_lots <= order.quantity_lots:
        return False
    if wish.post_only and (not rests or wish.min_quantity_lots):
        return False
    if wish.slide and not wish.post_only:
        return False
    if not _stop_makes_sense(order) or not brackets.make_sense(order):
        return False
    if wish.reduce_only and wish.display_lots:
        return False
    if wish.display_lots < 0 or (wish.display_lots and not rests):
        return False
    return wish.display_lots == 0 or wish.display_lots <= order.quantity_lots <= 100 * wish.display_lots
