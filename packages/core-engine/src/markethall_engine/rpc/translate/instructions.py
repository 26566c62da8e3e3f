"""What an order asks beyond side, quantity and price: fields of a request, and of an order."""

from markethall_engine.domain.instructions import Instructions, SelfTradePrevention
from markethall_engine.rpc.translate.faults import Faults
from markethall_engine.rpc.translate.quotation import Quotation
from markethall_engine.rpc.translate.vocabulary import SELF_TRADE_PREVENTION, SELF_TRADE_PREVENTION_READ
from markethall_protos import v1

_SELF_TRADES = (v1.SelfTradePrevention.UNSPECIFIED, v1.SelfTradePrevention.NONE)
_NO_RULE = v1.SelfTradePrevention.UNSPECIFIED

InstructionFields = tuple[str, str, bool, bool, None, v1.SelfTradePrevention, str]
"""The last fields of `v1.Order`, from `stop_price` to `min_quantity`."""

_NONE: InstructionFields = ("", "", False, False, None, _NO_RULE, "")

_UNSUPPORTED = (
    "stop_price",
    "reduce_only",
    "expire_time",
    "trailing_amount",
    "trailing_fraction",
    "order_group_id",
)


def read_instructions(
    request: v1.PlaceOrderRequest, quotation: Quotation | None, path: str, faults: Faults
) -> Instructions | None:
    """Read what is asked for; `None` where that is nothing, as in most requests.

    Without a quotation, which is of an instrument that does not exist, prices and quantities go unread.
    """
    if (
        request.stop_price
        or request.display_quantity
        or request.post_only
        or request.reduce_only
        or request.expire_time is not None
        or request.trailing_amount
        or request.trailing_fraction
        or request.min_quantity
        or request.order_group_id
    ):
        for field in _UNSUPPORTED:
            if getattr(request, field):
                faults.unsupported(path + field)
    elif request.self_trade_prevention in _SELF_TRADES:
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
    return Instructions(
        self_trade_prevention=_read_self_trade_prevention(request, path, faults),
        post_only=request.post_only,
        min_quantity_lots=min_quantity_lots,
        display_lots=display_lots,
    )


def instruction_fields(instructions: Instructions | None, quotation: Quotation) -> InstructionFields:
    """Write what an order asked for."""
    if instructions is None:
        return _NONE
    rule = instructions.self_trade_prevention
    return (
        "",
        quotation.quantity(instructions.display_lots) if instructions.display_lots else "",
        instructions.post_only,
        False,
        None,
        _NO_RULE if rule is None else SELF_TRADE_PREVENTION[rule],
        quotation.quantity(instructions.min_quantity_lots) if instructions.min_quantity_lots else "",
    )


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
