"""What a stop order waits for: a stop price, or a distance that it trails the market at."""

from typing import NamedTuple

from markethall_engine.domain.amounts import MILLION
from markethall_engine.domain.order import OrderType
from markethall_engine.rpc.translate.faults import Faults
from markethall_engine.rpc.translate.parts_per_million import read_ppm
from markethall_engine.rpc.translate.quotation import Quotation
from markethall_protos import v1

_PRICED = (OrderType.STOP, OrderType.STOP_LIMIT)


class StopTerms(NamedTuple):
    """Zeros are what an order does not have."""

    stop_price_ticks: int = 0
    trailing_ticks: int = 0
    trailing_ppm: int = 0


NO_STOP = StopTerms()


def asks_for_stop(request: v1.PlaceOrderRequest) -> bool:
    """Whether any field of a stop order is set."""
    return bool(request.stop_price or request.trailing_amount or request.trailing_fraction)


def read_stop_terms(
    request: v1.PlaceOrderRequest,
    order_type: OrderType,
    quotation: Quotation | None,
    path: str,
    faults: Faults,
) -> StopTerms:
    """Read what an order of this type waits for; without a quotation, prices go unread."""
    is_trailing = order_type is OrderType.TRAILING_STOP
    if request.stop_price and order_type not in _PRICED:
        faults.add(
            f"{path}stop_price", f"expected for STOP and STOP_LIMIT orders only, found {order_type.name}"
        )
    for field in ("trailing_amount", "trailing_fraction"):
        if getattr(request, field) and not is_trailing:
            faults.add(path + field, f"expected for TRAILING_STOP orders only, found {order_type.name}")
    stop_price_ticks = trailing_ticks = trailing_ppm = 0
    if order_type in _PRICED and quotation is not None:
        stop_price_ticks = faults.number(f"{path}stop_price", request.stop_price, quotation.read_price)
    if is_trailing and bool(request.trailing_amount) == bool(request.trailing_fraction):
        faults.add(f"{path}trailing_amount", "required: either it or trailing_fraction")
    elif is_trailing and request.trailing_fraction:
        trailing_ppm = faults.number(f"{path}trailing_fraction", request.trailing_fraction, read_ppm)
        if trailing_ppm >= MILLION:
            faults.add(
                f"{path}trailing_fraction", f"expected a decimal below 1, found {request.trailing_fraction!r}"
            )
    elif is_trailing and quotation is not None:
        trailing_ticks = faults.number(
            f"{path}trailing_amount", request.trailing_amount, quotation.read_price
        )
    return StopTerms(stop_price_ticks, trailing_ticks, trailing_ppm)
