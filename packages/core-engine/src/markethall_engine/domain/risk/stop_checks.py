"""The checks of a stop order's terms, when it comes."""

from markethall_engine.domain.amounts import MAX_AMOUNT, MILLION
from markethall_engine.domain.commands import PlaceOrder
from markethall_engine.domain.instructions import Instructions
from markethall_engine.domain.names import CLIENT_ORDER_ID_FORM, is_client_order_id
from markethall_engine.domain.order import IMMEDIATE, OrderType
from markethall_engine.domain.risk.refusal import Refusal, invalid


def check_stop_terms(command: PlaceOrder, instructions: Instructions) -> Refusal | None:
    """Whether type, prices, time in force and quantity make a stop order."""
    is_limit = command.order_type is OrderType.STOP_LIMIT
    if is_limit and not 0 < command.price_ticks <= MAX_AMOUNT:
        return invalid(
            f"a stop-limit order needs a price of 1 to {MAX_AMOUNT} ticks, found {command.price_ticks}"
        )
    if not is_limit and command.price_ticks:
        return invalid(
            f"a {command.order_type.name} order becomes a market order and has no price, "
            f"found {command.price_ticks} ticks"
        )
    if not is_limit and command.time_in_force in IMMEDIATE:
        return invalid(f"a stop order waits: GTC, DAY or GTD, found {command.time_in_force.name}")
    if not 0 < command.quantity_lots <= MAX_AMOUNT:
        return invalid(f"the quantity must be 1 to {MAX_AMOUNT} lots, found {command.quantity_lots}")
    if command.client_order_id and not is_client_order_id(command.client_order_id):
        return invalid(f"a client order id is {CLIENT_ORDER_ID_FORM}")
    if command.order_type is OrderType.TRAILING_STOP:
        return _check_distance(instructions)
    if instructions.trailing_ticks or instructions.trailing_ppm:
        return invalid("only a TRAILING_STOP order has a distance to the market")
    return check_stop_price(instructions.stop_price_ticks)


def check_stop_price(stop_price_ticks: int) -> Refusal | None:
    if not 0 < stop_price_ticks <= MAX_AMOUNT:
        return invalid(f"a stop price must be 1 to {MAX_AMOUNT} ticks, found {stop_price_ticks}")
    return None


def _check_distance(instructions: Instructions) -> Refusal | None:
    ticks, ppm = instructions.trailing_ticks, instructions.trailing_ppm
    if instructions.stop_price_ticks:
        return invalid("a trailing stop follows the market, found a stop price")
    if (ticks > 0) == (ppm > 0) or not (0 <= ticks <= MAX_AMOUNT and 0 <= ppm < MILLION):
        return invalid(
            f"a trailing stop has a distance of 1 to {MAX_AMOUNT} ticks or of less than {MILLION} ppm, "
            f"found {ticks} ticks and {ppm} ppm"
        )
    return None
