"""An order's type, time in force and end, which depend on each other."""

from markethall_common.clock import Clock
from markethall_engine.domain.amounts import MAX_AMOUNT
from markethall_engine.domain.order import IMMEDIATE, OrderType, TimeInForce
from markethall_engine.rpc.translate.faults import Faults
from markethall_engine.rpc.translate.times import nanoseconds
from markethall_engine.rpc.translate.vocabulary import ORDER_TYPE_READ, TIME_IN_FORCE_READ
from markethall_protos import v1

_LIMIT = OrderType.LIMIT
_MARKET = OrderType.MARKET
_GTC = TimeInForce.GTC
_IOC = TimeInForce.IOC
_DAY = TimeInForce.DAY
_GTD = TimeInForce.GTD

_PRICED = (OrderType.LIMIT, OrderType.STOP_LIMIT)
_WAITS_FOR_MARKET = (OrderType.STOP, OrderType.TRAILING_STOP)
_TYPES = "LIMIT, MARKET, STOP, STOP_LIMIT or TRAILING_STOP"

_DAY_NS = 86_400 * 1_000_000_000


def read_terms(request: v1.PlaceOrderRequest, path: str, faults: Faults) -> tuple[OrderType, TimeInForce]:
    """Read type and time in force, which depend on whether there is a price, too."""
    if request.type:
        order_type = ORDER_TYPE_READ.get(request.type)
        if order_type is None:
            faults.not_a_member(f"{path}type", request.type, v1.OrderType, _TYPES)
    else:
        order_type = _LIMIT if request.price else _MARKET
    if order_type not in _PRICED and order_type is not None and request.price:
        faults.add(
            f"{path}price", f"expected no price for a {order_type.name} order, found {request.price!r}"
        )

    if request.time_in_force:
        time_in_force = TIME_IN_FORCE_READ.get(request.time_in_force)
        if time_in_force is None:
            faults.not_a_member(
                f"{path}time_in_force", request.time_in_force, v1.TimeInForce, "GTC, IOC, FOK, DAY or GTD"
            )
        elif order_type is _MARKET and time_in_force not in IMMEDIATE:
            faults.add(
                f"{path}time_in_force", f"expected IOC or FOK for a MARKET order, found {time_in_force.name}"
            )
        elif order_type in _WAITS_FOR_MARKET and time_in_force in IMMEDIATE:
            faults.add(
                f"{path}time_in_force",
                f"expected GTC, DAY or GTD for a {order_type.name} order, found {time_in_force.name}",
            )
    else:
        time_in_force = _IOC if order_type is _MARKET else _GTC
    return order_type or _LIMIT, time_in_force or _GTC


def read_expire_time(
    request: v1.PlaceOrderRequest, time_in_force: TimeInForce, clock: Clock, path: str, faults: Faults
) -> int:
    """Read when an order ends, in nanoseconds since 1970 (UTC); 0 for one that does not end by itself.

    A DAY order ends at the next 00:00 UTC. Whether a GTD order's time is still to come, its decision says.
    """
    if time_in_force is not _GTD:
        if request.expire_time is not None:
            faults.add(f"{path}expire_time", f"expected a GTD order's, found one of {time_in_force.name}")
        return (clock.time_ns() // _DAY_NS + 1) * _DAY_NS if time_in_force is _DAY else 0
    if request.expire_time is None:
        faults.add(f"{path}expire_time", "required: when the GTD order ends")
        return 0
    expire_time_ns = nanoseconds(request.expire_time)
    if not 0 < expire_time_ns <= MAX_AMOUNT:
        faults.add(f"{path}expire_time", f"expected a time from 1970 to 2262, found {request.expire_time}")
    return expire_time_ns
