"""What an order asks beyond side, quantity and price: fields of a request, and of an order."""

from collections.abc import Callable
from datetime import datetime

from markethall_engine.domain.instructions import Instructions, SelfTradePrevention
from markethall_engine.domain.names import ORDER_GROUP_ID_FORM, is_client_order_id
from markethall_engine.rpc.translate.faults import Faults
from markethall_engine.rpc.translate.parts_per_million import write_ppm
from markethall_engine.rpc.translate.quotation import Quotation
from markethall_engine.rpc.translate.stop_terms import NO_STOP, StopTerms
from markethall_engine.rpc.translate.times import timestamp
from markethall_engine.rpc.translate.vocabulary import SELF_TRADE_PREVENTION, SELF_TRADE_PREVENTION_READ
from markethall_protos import v1

_SELF_TRADES = (v1.SelfTradePrevention.UNSPECIFIED, v1.SelfTradePrevention.NONE)
_NO_RULE = v1.SelfTradePrevention.UNSPECIFIED

InstructionFields = tuple[
    str,
    str,
    bool,
    bool,
    datetime | None,
    v1.SelfTradePrevention,
    str,
    str,
    str,
    str,
    bool,
    v1.Bracket | None,
    str,
]
"""The last fields of `v1.Order`, from `stop_price` to `parent_order_id`."""

_NONE: InstructionFields = ("", "", False, False, None, _NO_RULE, "", "", "", "", False, None, "")


def read_instructions(
    request: v1.PlaceOrderRequest,
    quotation: Quotation | None,
    expire_time_ns: int,
    stop_terms: StopTerms,
    path: str,
    faults: Faults,
) -> Instructions | None:
    """Read what is asked for; `None` where that is nothing, as in most requests.

    Without a quotation, which is of an instrument that does not exist, prices and quantities go unread.
    """
    asks_for_more = bool(
        stop_terms != NO_STOP
        or request.display_quantity
        or request.post_only
        or request.reduce_only
        or expire_time_ns
        or request.min_quantity
        or request.order_group_id
        or request.post_only_slide
        or request.bracket is not None
    )
    if not asks_for_more and request.self_trade_prevention in _SELF_TRADES:
        return None
    min_quantity_lots = display_lots = 0
    if request.min_quantity and quotation is not None:
        min_quantity_lots = faults.number(
            f"{path}min_quantity", request.min_quantity, quotation.read_quantity
        )
    if request.display_quantity and quotation is not None:
        display_lots = faults.number(
            f"{path}display_quantity", request.display_quantity, quotation.read_quantity
        )
    take_profit_ticks, stop_loss_ticks, stop_loss_limit_ticks = _read_bracket(
        request.bracket, quotation, f"{path}bracket", faults
    )
    return Instructions(
        self_trade_prevention=_read_self_trade_prevention(request, path, faults),
        post_only=request.post_only,
        min_quantity_lots=min_quantity_lots,
        display_lots=display_lots,
        order_group_id=_read_group(request.order_group_id, path, faults),
        stop_price_ticks=stop_terms.stop_price_ticks,
        trailing_ticks=stop_terms.trailing_ticks,
        trailing_ppm=stop_terms.trailing_ppm,
        expire_time_ns=expire_time_ns,
        slide=request.post_only_slide,
        take_profit_ticks=take_profit_ticks,
        stop_loss_ticks=stop_loss_ticks,
        stop_loss_limit_ticks=stop_loss_limit_ticks,
        reduce_only=request.reduce_only,
    )


def instruction_fields(
    instructions: Instructions | None, quotation: Quotation, write_price: Callable[[int], str]
) -> InstructionFields:
    """Write what an order asked for, its prices with `write_price`."""
    if instructions is None:
        return _NONE
    rule = instructions.self_trade_prevention
    return (
        _price(write_price, instructions.stop_price_ticks),
        _quantity(quotation, instructions.display_lots),
        instructions.post_only,
        instructions.reduce_only,
        timestamp(instructions.expire_time_ns) if instructions.expire_time_ns else None,
        _NO_RULE if rule is None else SELF_TRADE_PREVENTION[rule],
        _quantity(quotation, instructions.min_quantity_lots),
        _price(write_price, instructions.trailing_ticks),
        write_ppm(instructions.trailing_ppm) if instructions.trailing_ppm else "",
        instructions.order_group_id,
        instructions.slide,
        _bracket(instructions, write_price),
        str(instructions.parent_order_id) if instructions.parent_order_id else "",
    )


def _bracket(instructions: Instructions, write_price: Callable[[int], str]) -> v1.Bracket | None:
    if not (instructions.take_profit_ticks or instructions.stop_loss_ticks):
        return None
    return v1.Bracket(
        take_profit_price=_price(write_price, instructions.take_profit_ticks),
        stop_loss_price=_price(write_price, instructions.stop_loss_ticks),
        stop_loss_limit_price=_price(write_price, instructions.stop_loss_limit_ticks),
    )


def _price(write_price: Callable[[int], str], price_ticks: int) -> str:
    return write_price(price_ticks) if price_ticks else ""


def _quantity(quotation: Quotation, quantity_lots: int) -> str:
    return quotation.quantity(quantity_lots) if quantity_lots else ""


def _read_bracket(
    bracket: v1.Bracket | None, quotation: Quotation | None, path: str, faults: Faults
) -> tuple[int, int, int]:
    """Read the prices of the exits: take profit, stop loss and its limit; 0 for what there is none of."""
    if bracket is None:
        return 0, 0, 0
    if not (bracket.take_profit_price or bracket.stop_loss_price):
        faults.add(path, "required: a take_profit_price or a stop_loss_price")
    if bracket.stop_loss_limit_price and not bracket.stop_loss_price:
        faults.add(f"{path}.stop_loss_price", "required: the stop price that goes with stop_loss_limit_price")
    if quotation is None:
        return 0, 0, 0

    def read(field: str, text: str) -> int:
        return faults.number(f"{path}.{field}", text, quotation.read_price) if text else 0

    return (
        read("take_profit_price", bracket.take_profit_price),
        read("stop_loss_price", bracket.stop_loss_price),
        read("stop_loss_limit_price", bracket.stop_loss_limit_price),
    )


def _read_group(text: str, path: str, faults: Faults) -> str:
    if text and not is_client_order_id(text):
        faults.expected(f"{path}order_group_id", ORDER_GROUP_ID_FORM, text)
    return text


def _read_self_trade_prevention(
    request: v1.PlaceOrderRequest, path: str, faults: Faults
) -> SelfTradePrevention | None:
    asked = request.self_trade_prevention
    if asked in _SELF_TRADES:
        return None
    rule = SELF_TRADE_PREVENTION_READ.get(asked)
    if rule is None:
        faults.not_a_member(
            f"{path}self_trade_prevention",
            asked,
            v1.SelfTradePrevention,
            "NONE, CANCEL_NEWEST, CANCEL_OLDEST, CANCEL_BOTH or DECREMENT",
        )
    return rule
