"""Stop orders on their way to wait: accepting one, and giving a waiting one new terms."""

import msgspec

from markethall_engine.domain.amounts import MAX_AMOUNT
from markethall_engine.domain.commands import PlaceOrder, ReplaceOrder
from markethall_engine.domain.decisions.entry import acceptance, fee_rates
from markethall_engine.domain.events import Event, OrderReplaced
from markethall_engine.domain.instructions import NO_INSTRUCTIONS
from markethall_engine.domain.live_order import LiveOrder
from markethall_engine.domain.market import Market
from markethall_engine.domain.order import OrderType
from markethall_engine.domain.reasons import RejectReason
from markethall_engine.domain.risk.checks import (
    check_account,
    check_instrument,
    check_notional,
    check_price_band,
    check_quantity,
)
from markethall_engine.domain.risk.instruction_checks import (
    check_bracket,
    check_display,
    check_expiry,
    check_instructions,
)
from markethall_engine.domain.risk.limit_checks import check_new_stop, check_stop_replacement
from markethall_engine.domain.risk.refusal import Refusal, invalid
from markethall_engine.domain.risk.stop_checks import check_stop_price, check_stop_terms
from markethall_engine.domain.risk.switch_checks import check_switches
from markethall_engine.domain.state import ExchangeState


def place_stop(
    state: ExchangeState, market: Market, command: PlaceOrder, order_id: int, time_ns: int
) -> list[Event] | Refusal:
    """A stop order holds nothing back while it waits; what that asks is asked when it is released."""
    instrument, instructions = market.instrument, command.instructions or NO_INSTRUCTIONS
    price_ticks = command.price_ticks or instructions.stop_price_ticks
    refusal = (
        check_instrument(instrument, command.instrument_revision)
        or check_account(state, command.account_id)
        or check_stop_terms(command, instructions)
    )
    if refusal is None and state.switches.stopped:
        refusal = check_switches(state, instrument, command.account_id, command.side, command.quantity_lots)
    refusal = refusal or check_quantity(instrument, command.quantity_lots)
    if refusal is None and command.order_type is OrderType.STOP_LIMIT:
        refusal = check_price_band(market, command.price_ticks)
    refusal = (
        refusal
        or check_notional(state.assets, instrument, instrument.notional(price_ticks, command.quantity_lots))
        or check_expiry(command, time_ns)
        or check_instructions(command, instructions)
    )
    if refusal is not None:
        return refusal
    account = state.accounts[command.account_id]
    if account.risk is not None:
        refusal = check_new_stop(state, instrument, account.risk, command, price_ticks, time_ns)
        if refusal is not None:
            return refusal
    return [acceptance(command, order_id, 0, fee_rates(instrument, account))]


def replace_stop(
    state: ExchangeState, market: Market, order: LiveOrder, command: ReplaceOrder
) -> list[Event] | Refusal:
    """New terms for an order that waits; its stop price may be one that the market has reached."""
    instrument, old = market.instrument, order.instructions
    assert old is not None, "a stop order has a stop price or a distance"
    quantity_lots = order.quantity_lots if command.quantity_lots is None else command.quantity_lots
    price_ticks = order.price_ticks if command.price_ticks is None else command.price_ticks
    instructions = old
    if command.stop_price_ticks is not None:
        instructions = msgspec.structs.replace(old, stop_price_ticks=command.stop_price_ticks)
    refusal = check_instrument(instrument, command.instrument_revision) or _check_form(order, command)
    if refusal is not None:
        return refusal
    if (quantity_lots, price_ticks, instructions) == (order.quantity_lots, order.price_ticks, old):
        return Refusal(RejectReason.NO_CHANGE, f"order {order.order_id} has these terms already")
    if state.switches.stopped:
        refusal = check_switches(state, instrument, order.account_id, order.side, quantity_lots)
    if refusal is None and quantity_lots != order.quantity_lots:
        refusal = check_quantity(instrument, quantity_lots) or check_display(instructions, quantity_lots)
    if refusal is None and price_ticks != order.price_ticks:
        refusal = check_price_band(market, price_ticks) or check_bracket(
            instructions, order.side, price_ticks
        )
    valued_at_ticks = price_ticks or instructions.stop_price_ticks
    refusal = refusal or check_notional(
        state.assets, instrument, instrument.notional(valued_at_ticks, quantity_lots)
    )
    risk = order.owner.risk
    if refusal is None and risk is not None:
        refusal = check_stop_replacement(state, instrument, risk, quantity_lots, valued_at_ticks)
    if refusal is not None:
        return refusal
    return [
        OrderReplaced(
            order_id=order.order_id,
            account_id=order.account_id,
            symbol=order.symbol,
            side=order.side,
            quantity_lots=quantity_lots,
            price_ticks=price_ticks,
            leaves_lots=quantity_lots,
            reserved=0,
            old_quantity_lots=order.quantity_lots,
            old_price_ticks=order.price_ticks,
            old_leaves_lots=order.leaves_lots,
            keeps_priority=False,
            instructions=instructions,
            old_instructions=old,
            tick_revision=instrument.revision,
            was_resting=False,
        )
    ]


def _check_form(order: LiveOrder, command: ReplaceOrder) -> Refusal | None:
    """Whether an order of its type has what is to change, and whether that is a price or a quantity."""
    order_type = order.terms.order_type
    if command.display_lots is not None:
        return invalid("the displayed quantity cannot be changed while an order waits for its stop price")
    if command.price_ticks is not None:
        if order_type is not OrderType.STOP_LIMIT:
            return invalid(f"a {order_type.name} order becomes a market order and has no price")
        if not 0 < command.price_ticks <= MAX_AMOUNT:
            return invalid(f"a price must be 1 to {MAX_AMOUNT} ticks, found {command.price_ticks}")
    if command.stop_price_ticks is not None:
        if order_type is OrderType.TRAILING_STOP:
            return invalid("a trailing stop follows the market, found a stop price")
        refusal = check_stop_price(command.stop_price_ticks)
        if refusal is not None:
            return refusal
    if command.quantity_lots is not None and not 0 < command.quantity_lots <= MAX_AMOUNT:
        return invalid(f"the quantity must be 1 to {MAX_AMOUNT} lots, found {command.quantity_lots}")
    return None
