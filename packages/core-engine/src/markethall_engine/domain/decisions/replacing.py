"""Deciding `ReplaceOrder`: new terms for a resting order.

Time priority is kept when nothing but a lower quantity changed. Otherwise the order leaves the book and
comes in again with its new terms and what it has left: it matches what it now reaches, as a taker, and what
is left rests at the back of its level. Its id, its fills and its fees so far stay.
"""

import msgspec

from markethall_engine.domain.amounts import MAX_AMOUNT
from markethall_engine.domain.commands import ReplaceOrder
from markethall_engine.domain.decisions.canceling import live_order_canceled
from markethall_engine.domain.decisions.incoming_order import IncomingOrder
from markethall_engine.domain.decisions.order_lookup import find_live_order
from markethall_engine.domain.decisions.sliding import slid_price_ticks
from markethall_engine.domain.decisions.stops import replace_stop
from markethall_engine.domain.decisions.volatility import with_auction
from markethall_engine.domain.events import Event, OrderReplaced, OrderRested, ReplaceRejected
from markethall_engine.domain.instructions import Instructions
from markethall_engine.domain.ledger.reservation import limit_reservation
from markethall_engine.domain.live_order import LiveOrder
from markethall_engine.domain.market import Market
from markethall_engine.domain.matches import Match
from markethall_engine.domain.matching import plan_matches
from markethall_engine.domain.reasons import CancelReason, RejectReason
from markethall_engine.domain.risk.checks import (
    check_funds,
    check_instrument,
    check_notional,
    check_price_band,
    check_quantity,
)
from markethall_engine.domain.risk.instruction_checks import (
    check_bracket,
    check_display,
    check_post_only,
    check_reduce_only,
)
from markethall_engine.domain.risk.limit_checks import check_replacement
from markethall_engine.domain.risk.margin_checks import check_margin
from markethall_engine.domain.risk.refusal import Refusal, invalid
from markethall_engine.domain.risk.switch_checks import check_switches
from markethall_engine.domain.state import ExchangeState
from markethall_engine.domain.volatility_band import plan_within_band


def replace_order(state: ExchangeState, command: ReplaceOrder, sequence: int, time_ns: int) -> list[Event]:
    order = find_live_order(
        state,
        account_id=command.account_id,
        order_id=command.order_id,
        client_order_id=command.client_order_id,
    )
    if isinstance(order, Refusal):
        return _rejected(command, order)
    market = state.markets[order.symbol]
    if order.is_pending:
        replaced_stop = replace_stop(state, market, order, command)
        return _rejected(command, replaced_stop) if isinstance(replaced_stop, Refusal) else replaced_stop
    if command.stop_price_ticks is not None:
        return _rejected(command, invalid("the order waits for no stop price"))
    quantity_lots = order.quantity_lots if command.quantity_lots is None else command.quantity_lots
    price_ticks = order.price_ticks if command.price_ticks is None else command.price_ticks
    instructions = order.instructions
    if command.display_lots is not None:
        instructions = msgspec.structs.replace(
            instructions or Instructions(), display_lots=command.display_lots
        )
    price_ticks = slid_price_ticks(market, instructions, order.side, price_ticks)
    refusal = check_instrument(market.instrument, command.instrument_revision) or _check_new_terms(
        state,
        market,
        order,
        quantity_lots=quantity_lots,
        price_ticks=price_ticks,
        instructions=instructions,
    )
    if refusal is not None:
        return _rejected(command, refusal)
    if quantity_lots == order.filled_lots:
        return [live_order_canceled(order, CancelReason.REPLACED)]

    leaves_lots = quantity_lots - order.filled_lots
    if state.switches.stopped:
        refusal = check_switches(
            state,
            market.instrument,
            order.account_id,
            order.side,
            leaves_lots,
            freed_lots=order.leaves_lots,
        )
        if refusal is not None:
            return _rejected(command, refusal)
    risk = order.owner.risk
    if risk is not None:
        refusal = check_replacement(
            state, market.instrument, risk, order, quantity_lots, price_ticks, time_ns
        )
        if refusal is not None:
            return _rejected(command, refusal)
    reserved = limit_reservation(
        market.instrument,
        side=order.side,
        price_ticks=price_ticks,
        leaves_lots=leaves_lots,
        highest_fee_ppm=order.highest_fee_ppm(),
        fee_credit=order.fee_credit,
    )
    refusal = _check_cover(
        state, market, order, leaves_lots, price_ticks=price_ticks, needed=reserved - order.reserved
    )
    if refusal is not None:
        return _rejected(command, refusal)
    keeps_priority = (
        price_ticks == order.price_ticks
        and quantity_lots < order.quantity_lots
        and instructions == order.instructions
    )
    replaced = OrderReplaced(
        order_id=order.order_id,
        account_id=order.account_id,
        symbol=order.symbol,
        side=order.side,
        quantity_lots=quantity_lots,
        price_ticks=price_ticks,
        leaves_lots=leaves_lots,
        reserved=reserved,
        old_quantity_lots=order.quantity_lots,
        old_price_ticks=order.price_ticks,
        old_leaves_lots=order.leaves_lots,
        keeps_priority=keeps_priority,
        # What is taken off goes from what nobody sees first, so that the shown part stays as it is.
        hidden_lots=max(0, order.hidden_lots - (order.leaves_lots - leaves_lots)) if keeps_priority else 0,
        old_hidden_lots=order.hidden_lots,
        instructions=instructions,
        old_instructions=order.instructions,
        tick_revision=market.instrument.revision,
    )
    if replaced.keeps_priority:
        return [replaced]
    return [replaced, *_come_in_again(state, market, order, replaced, time_ns)]


def _check_cover(
    state: ExchangeState, market: Market, order: LiveOrder, leaves_lots: int, *, price_ticks: int, needed: int
) -> Refusal | None:
    """Whether the account has what the new terms need more; with margin, unless they only lower quantity."""
    margin = order.owner.account.margin
    if margin is None:
        return check_funds(state.assets[order.pays.asset], available=order.pays.available, needed=needed)
    if price_ticks == order.price_ticks and leaves_lots <= order.leaves_lots:
        return None
    return check_margin(
        state,
        order.owner,
        margin,
        market.instrument,
        order.side,
        leaves_lots,
        needed=needed,
        ended=(order.order_id,),
    )


def _check_new_terms(
    state: ExchangeState,
    market: Market,
    order: LiveOrder,
    *,
    quantity_lots: int,
    price_ticks: int,
    instructions: Instructions | None,
) -> Refusal | None:
    """Every check but funds. Bounds and band are for what changes: what rests is held to no new ones."""
    instrument = market.instrument
    leaves_lots = quantity_lots - order.filled_lots
    if not (0 < price_ticks <= MAX_AMOUNT and 0 < quantity_lots <= MAX_AMOUNT):
        return Refusal(
            RejectReason.INVALID_PARAMETERS,
            f"price and quantity must be 1 to {MAX_AMOUNT} ticks and lots, "
            f"found {price_ticks} and {quantity_lots}",
        )
    if quantity_lots < order.filled_lots:
        return Refusal(
            RejectReason.QUANTITY_BELOW_FILLED,
            f"{instrument.format_quantity(order.filled_lots)} is filled already, "
            f"asked {instrument.format_quantity(quantity_lots)}",
        )
    if (price_ticks, quantity_lots, instructions) == (
        order.price_ticks,
        order.quantity_lots,
        order.instructions,
    ):
        return Refusal(RejectReason.NO_CHANGE, f"order {order.order_id} has these terms already")
    refusal = None
    if quantity_lots not in (order.quantity_lots, order.filled_lots):
        refusal = check_quantity(instrument, quantity_lots)
    if refusal is None and price_ticks != order.price_ticks:
        refusal = check_price_band(market, price_ticks)
    refusal = refusal or check_notional(
        state.assets,
        instrument,
        order.filled_notional + instrument.notional(price_ticks, leaves_lots),
    )
    if refusal is None and instructions is not None:
        refusal = check_post_only(market, instructions, order.side, price_ticks)
        refusal = refusal or check_display(instructions, leaves_lots)
        refusal = refusal or check_bracket(instructions, order.side, price_ticks)
        if refusal is None and quantity_lots > order.quantity_lots:
            refusal = check_reduce_only(
                order.owner, instrument, instructions, order.side, leaves_lots, order.leaves_lots
            )
    return refusal


def _come_in_again(
    state: ExchangeState, market: Market, order: LiveOrder, replaced: OrderReplaced, time_ns: int
) -> list[Event]:
    """What the order meets at its new terms, and its rest."""
    incoming = IncomingOrder(
        order_id=order.order_id,
        account_id=order.account_id,
        side=order.side,
        price_ticks=replaced.price_ticks,
        quantity_lots=replaced.quantity_lots,
        leaves_lots=replaced.leaves_lots,
        reserved=replaced.reserved,
        fee_credit=order.fee_credit,
        maker_fee_ppm=order.terms.maker_fee_ppm,
        taker_fee_ppm=order.terms.taker_fee_ppm,
    )
    matches = plan_matches(
        market.met_by(order.side),
        replaced.leaves_lots,
        replaced.price_ticks,
        order.owner,
        replaced.instructions,
        order.order_id,
    )
    within_band: list[Match] | None = None
    if matches and market.instrument.volatility_band_ppm:
        within_band = plan_within_band(
            market,
            order.side,
            matches,
            replaced.leaves_lots,
            replaced.price_ticks,
            order.owner,
            replaced.instructions,
            order.order_id,
        )
        if within_band is not None:
            matches = within_band
    events = incoming.meet(matches, market.instrument, state.last_trade_id + 1)
    if incoming.leaves_lots:
        events.append(
            OrderRested(
                order.order_id,
                order.account_id,
                order.symbol,
                order.side,
                replaced.price_ticks,
                incoming.leaves_lots,
                0
                if replaced.instructions is None
                else replaced.instructions.hidden_lots(incoming.leaves_lots),
            )
        )
    return events if within_band is None else with_auction(market, events, time_ns)


def _rejected(command: ReplaceOrder, refusal: Refusal) -> list[Event]:
    return [
        ReplaceRejected(
            account_id=command.account_id,
            order_id=command.order_id,
            client_order_id=command.client_order_id,
            reason=refusal.reason,
            detail=refusal.detail,
        )
    ]
