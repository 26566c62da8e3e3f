"""The checks of what an order asks beyond its plain terms; for orders that have `Instructions`."""

from itertools import pairwise
from typing import Final

from markethall_engine.domain.account_state import AccountState
from markethall_engine.domain.amounts import MAX_AMOUNT
from markethall_engine.domain.commands import PlaceOrder
from markethall_engine.domain.instructions import Instructions
from markethall_engine.domain.instrument import Instrument
from markethall_engine.domain.market import Market
from markethall_engine.domain.names import ORDER_GROUP_ID_FORM, is_client_order_id
from markethall_engine.domain.order import STOP_TYPES, OrderType, Side, TimeInForce
from markethall_engine.domain.reasons import RejectReason
from markethall_engine.domain.risk.exposure import lots_against, reduce_only_lots
from markethall_engine.domain.risk.refusal import Refusal, invalid

MAX_ICEBERG_PARTS: Final = 100
"""In how many parts an order may show its quantity: each is a trade of its own for whoever takes them all."""

_RESTS: Final = (TimeInForce.GTC, TimeInForce.DAY, TimeInForce.GTD)
"""What an order that may rest has for its time in force."""

_ENDS: Final = (TimeInForce.DAY, TimeInForce.GTD)
"""What an order that ends at some time has."""


def check_expiry(command: PlaceOrder, time_ns: int) -> Refusal | None:
    """Whether an order that ends at some time ends after now, and any other at none."""
    expire_time_ns = 0 if command.instructions is None else command.instructions.expire_time_ns
    if command.time_in_force not in _ENDS:
        if expire_time_ns:
            return invalid(f"only a DAY or GTD order ends, found {command.time_in_force.name} with an end")
    elif not time_ns < expire_time_ns <= MAX_AMOUNT:
        return invalid(
            f"a {command.time_in_force.name} order ends after now, {time_ns} ns since 1970, "
            f"found {expire_time_ns}"
        )
    return None


def check_instructions(command: PlaceOrder, instructions: Instructions) -> Refusal | None:
    """Whether an order's instructions agree with its terms and each other; the edge has seen to it mostly."""
    may_rest = (
        command.order_type in (OrderType.LIMIT, OrderType.STOP_LIMIT) and command.time_in_force in _RESTS
    )
    if command.order_type not in STOP_TYPES and (
        instructions.stop_price_ticks or instructions.trailing_ticks or instructions.trailing_ppm
    ):
        return invalid(f"only a stop order has a stop price, found {command.order_type.name}")
    if instructions.post_only and not may_rest:
        return invalid(
            "a post-only order is one that may rest, "
            f"found {command.order_type.name} {command.time_in_force.name}"
        )
    if instructions.slide and not instructions.post_only:
        return invalid("an order that slides is post-only, found one that may take")
    if not 0 <= instructions.min_quantity_lots <= command.quantity_lots:
        return invalid(
            f"the minimum quantity to fill at once must be 0 (none) to the quantity, {command.quantity_lots} "
            f"lots, found {instructions.min_quantity_lots}"
        )
    if instructions.post_only and instructions.min_quantity_lots:
        return invalid("a post-only order fills nothing at once, found a minimum quantity to fill")
    if instructions.display_lots and not may_rest:
        return invalid(
            "an order that shows a part of its quantity is one that may rest, "
            f"found {command.order_type.name} {command.time_in_force.name}"
        )
    if instructions.display_lots > command.quantity_lots:
        return invalid(
            f"the displayed quantity must be at most the quantity, {command.quantity_lots} lots, "
            f"found {instructions.display_lots}"
        )
    refusal = check_bracket(instructions, command.side, command.price_ticks)
    if refusal is not None:
        return refusal
    if instructions.order_group_id and not is_client_order_id(instructions.order_group_id):
        return invalid(f"an order's group is {ORDER_GROUP_ID_FORM}")
    return check_display(instructions, command.quantity_lots)


def check_bracket(instructions: Instructions, side: Side, price_ticks: int) -> Refusal | None:
    """Whether exits are on their sides of each other and of the limit, 0 for none, and belong to an entry."""
    profit_ticks, loss_ticks = instructions.take_profit_ticks, instructions.stop_loss_ticks
    if not (profit_ticks or loss_ticks or instructions.stop_loss_limit_ticks):
        return None
    if instructions.reduce_only or instructions.parent_order_id:
        return invalid("an order with a bracket opens a position, found one that leaves it")
    if loss_ticks == 0 and instructions.stop_loss_limit_ticks:
        return invalid("the limit of a stop loss needs its stop price, found none")
    prices = [ticks for ticks in (loss_ticks, price_ticks, profit_ticks) if ticks]
    if side is Side.SELL:
        prices.reverse()
    if min(prices) < 0 or any(lower >= higher for lower, higher in pairwise(prices)):
        return invalid(
            f"of a {side.name} the stop loss, the limit and the take profit must "
            f"{'rise' if side is Side.BUY else 'fall'}, "
            f"found {loss_ticks}, {price_ticks}, {profit_ticks} ticks"
        )
    return None


def check_display(instructions: Instructions, leaves_lots: int) -> Refusal | None:
    """Whether an order with these leaves may show so much of them at a time; 0 shows all."""
    display_lots = instructions.display_lots
    if display_lots and instructions.reduce_only:
        return invalid("a reduce-only order shows its whole quantity, found one that shows a part")
    if display_lots == 0 or (display_lots > 0 and leaves_lots <= display_lots * MAX_ICEBERG_PARTS):
        return None
    return invalid(
        f"the displayed quantity must be positive and at least a {MAX_ICEBERG_PARTS}th of what is open, "
        f"{leaves_lots} lots, found {display_lots}"
    )


def check_reduce_only(
    account: AccountState,
    instrument: Instrument,
    instructions: Instructions,
    side: Side,
    lots: int,
    freed_lots: int = 0,
) -> Refusal | None:
    """Whether a reduce-only order with these leaves would, with those that live, at most close the position.

    `freed_lots` are those of the live order that it replaces, if it does.
    """
    if not instructions.reduce_only:
        return None
    symbol = instrument.symbol
    taken_lots = reduce_only_lots(account, symbol, side) - freed_lots
    reducible_lots = max(0, lots_against(account, symbol, side) - taken_lots)
    if lots <= reducible_lots:
        return None
    return Refusal(
        RejectReason.REDUCE_ONLY_WOULD_INCREASE,
        f"a {side.name} of at most {instrument.format_quantity(reducible_lots)} reduces the position, "
        f"asked {instrument.format_quantity(lots)}",
    )


def check_post_only(
    market: Market, instructions: Instructions, side: Side, price_ticks: int
) -> Refusal | None:
    """Whether an order that must not take would rest at once; its own account's orders count as any.

    In the call of an auction every order does.
    """
    if not instructions.post_only:
        return None
    best_ticks = market.met_by(side).ladder.best()
    if best_ticks is None or (price_ticks < best_ticks if side is Side.BUY else price_ticks > best_ticks):
        return None
    instrument = market.instrument
    found = "lowest ask" if side is Side.BUY else "highest bid"
    return Refusal(
        RejectReason.POST_ONLY_WOULD_TAKE,
        f"at {instrument.format_price(price_ticks)} a post-only order would trade with the {found}, "
        f"{instrument.format_price(best_ticks)}",
    )
