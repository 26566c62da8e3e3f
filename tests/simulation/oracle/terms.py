"""Whether what an order asks for can be asked, and asked together."""

from markethall_engine.domain.order import OrderType, TimeInForce
from tests.simulation.oracle import brackets
from tests.simulation.oracle.order import IMMEDIATE, Order
from tests.simulation.oracle.state import State

_LIMITS = (OrderType.LIMIT,)
_ENDING = (TimeInForce.DAY, TimeInForce.GTD)


def make_sense(order: Order) -> bool:
    """Type, price, quantity and time in force."""
    kind = order.order_type
    has_limit = kind in _LIMITS
    if has_limit != (order.price_ticks > 0) or order.quantity_lots <= 0:
        return False
    return kind is not OrderType.MARKET or order.time_in_force in IMMEDIATE


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
    if not brackets.make_sense(order):
        return False
    if wish.reduce_only and wish.display_lots:
        return False
    if wish.display_lots < 0 or (wish.display_lots and not rests):
        return False
    return wish.display_lots == 0 or wish.display_lots <= order.quantity_lots <= 100 * wish.display_lots
