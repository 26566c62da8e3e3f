"""An order comes to the market: it is checked, matched, and what is left rests or ends.

Whatever brings an order there goes through `enter`, so that all are held to the same rules.
"""

from typing import Final

from markethall_engine.domain.account_state import AccountState
from markethall_engine.domain.commands import PlaceOrder
from markethall_engine.domain.decisions.incoming_order import IncomingOrder
from markethall_engine.domain.decisions.market_protection import protected_limit_ticks, remainder_reason
from markethall_engine.domain.decisions.volatility import with_auction
from markethall_engine.domain.events import (
    Event,
    OrderAccepted,
    OrderCanceled,
    OrderRested,
    OrderTriggered,
)
from markethall_engine.domain.instrument import Instrument
from markethall_engine.domain.ledger.fees import fee_due
from markethall_engine.domain.ledger.reservation import limit_reservation
from markethall_engine.domain.live_order import LiveOrder
from markethall_engine.domain.market import Market
from markethall_engine.domain.matches import Match, filled_notional, filled_quantity
from markethall_engine.domain.matching import plan_matches
from markethall_engine.domain.order import OrderType, Side, TimeInForce
from markethall_engine.domain.reasons import CancelReason, RejectReason
from markethall_engine.domain.risk.checks import (
    check_account,
    check_auction,
    check_funds,
    check_instrument,
    check_notional,
    check_price_band,
    check_quantity,
    check_terms,
)
from markethall_engine.domain.risk.instruction_checks import (
    check_expiry,
    check_instructions,
    check_post_only,
    check_reduce_only,
)
from markethall_engine.domain.risk.limit_checks import check_new_order
from markethall_engine.domain.risk.margin_checks import check_margin
from markethall_engine.domain.risk.refusal import Refusal
from markethall_engine.domain.risk.switch_checks import check_switches
from markethall_engine.domain.state import ExchangeState
from markethall_engine.domain.stop_price import stop_ticks
from markethall_engine.domain.volatility_band import plan_within_band

# Members looked up once: on the path of every order, reading them from their enum shows.
_BUY: Final = Side.BUY
_LIMIT: Final = OrderType.LIMIT
_MARKET: Final = OrderType.MARKET
_GTC: Final = TimeInForce.GTC
_IOC: Final = TimeInForce.IOC
_FOK: Final = TimeInForce.FOK


def enter(
    state: ExchangeState,
    market: Market,
    command: PlaceOrder,
    order_id: int,
    time_ns: int,
    released: LiveOrder | None = None,
) -> list[Event] | Refusal:
    """What becomes of an order of the terms of `command`, from its acceptance to its rest or end.

    A stop order that is `released` was accepted before: it is held only to what may have changed since.
    """
    refusal = _refusal(state, market, command, time_ns, is_new=released is None)
    if refusal is not None:
        return refusal

    account = state.accounts[command.account_id]
    limit_ticks = command.price_ticks or protected_limit_ticks(market, command.side)
    matches = plan_matches(
        market.met_by(command.side),
        command.quantity_lots,
        limit_ticks,
        account,
        command.instructions,
        order_id,
    )
    within_band: list[Match] | None = None  # the part of a plan that would leave the volatility band
    if matches and market.instrument.volatility_band_ppm:
        within_band = plan_within_band(
            market,
            command.side,
            matches,
            command.quantity_lots,
            limit_ticks,
            account,
            command.instructions,
            order_id,
        )
        if within_band is not None:
            matches = within_band
    if command.order_type is _MARKET and not matches and within_band is None:
        side = "asks" if command.side is _BUY else "bids"
        return Refusal(RejectReason.NO_LIQUIDITY, f"there are no {side}")
    risk = account.risk
    if risk is not None:
        refusal = check_new_order(
            state, market.instrument, risk, command, matches, time_ns, is_new=released is None
        )
        if refusal is not None:
            return refusal
    kill = None
    if command.time_in_force is _FOK or command.instructions is not None:
        kill = _reason_to_kill(command, matches)
        if kill is not None:
            matches = []

    instrument = market.instrument
    if released is None:
        rates = fee_rates(instrument, account)
    else:
        rates = (released.terms.maker_fee_ppm, released.terms.taker_fee_ppm)
    reserved = reservation(market, command, matches, rates)
    pays = instrument.quote_asset if command.side is _BUY else instrument.base_asset
    available = state.ledger.available(command.account_id, pays)
    margin = account.account.margin
    if margin is not None:
        lots = command.quantity_lots if command.order_type is _LIMIT else filled_quantity(matches)
        refusal = check_margin(state, account, margin, instrument, command.side, lots, needed=reserved)
        if refusal is not None:
            return refusal
    elif reserved > available:
        refusal = check_funds(state.assets[pays], available=available, needed=reserved)
        assert refusal is not None
        return refusal
    events = accepted(state, market, command, order_id, reserved, rates, matches, kill, released)
    return events if within_band is None or kill is not None else with_auction(market, events, time_ns)


def _reason_to_kill(command: PlaceOrder, matches: list[Match]) -> CancelReason | None:
    """Why an order with this plan is to fill nothing and to end, if it is."""
    if command.time_in_force is _FOK and filled_quantity(matches) < command.quantity_lots:
        return CancelReason.FILL_OR_KILL
    instructions = command.instructions
    if instructions is not None and filled_quantity(matches) < instructions.min_quantity_lots:
        return CancelReason.MIN_QUANTITY
    return None


def _refusal(
    state: ExchangeState, market: Market, command: PlaceOrder, time_ns: int, *, is_new: bool
) -> Refusal | None:
    """Every check that needs no plan of fills, in the order that `risk.checks` states."""
    instrument = market.instrument
    refusal = (
        check_instrument(instrument, command.instrument_revision)
        or check_account(state, command.account_id)
        or check_terms(command)
    )
    if refusal is None and market.is_in_auction:
        refusal = check_auction(instrument, command)
    if refusal is None and state.switches.stopped:
        refusal = check_switches(state, instrument, command.account_id, command.side, command.quantity_lots)
    if refusal is None and is_new:
        refusal = check_quantity(instrument, command.quantity_lots)
    if refusal is None and command.order_type is _LIMIT:
        refusal = check_price_band(market, command.price_ticks) or check_notional(
            state.assets,
            instrument,
            instrument.notional(command.price_ticks, command.quantity_lots),
        )
    instructions = command.instructions
    if is_new and refusal is None and (instructions is not None or command.time_in_force is not _GTC):
        refusal = check_expiry(command, time_ns)
        if refusal is None and instructions is not None:
            refusal = check_instructions(command, instructions)
    if refusal is None and instructions is not None:
        account = state.accounts[command.account_id]
        refusal = check_post_only(
            market, instructions, command.side, command.price_ticks
        ) or check_reduce_only(account, instrument, instructions, command.side, command.quantity_lots)
    return refusal


def fee_rates(instrument: Instrument, account: AccountState) -> tuple[int, int]:
    """What the account pays as maker and as taker, in ppm."""
    if instrument.fee_tiers:
        return instrument.fee_rates(account.account.fee_tier)
    return instrument.maker_fee_ppm, instrument.taker_fee_ppm


def reservation(market: Market, command: PlaceOrder, matches: list[Match], rates: tuple[int, int]) -> int:
    """What the order must hold back at these rates for makers and takers: see `ledger.reservation`."""
    instrument = market.instrument
    if command.order_type is _LIMIT:
        return limit_reservation(
            instrument,
            side=command.side,
            price_ticks=command.price_ticks,
            leaves_lots=command.quantity_lots,
            highest_fee_ppm=max(rates),
            fee_credit=0,
        )
    if command.side is _BUY:
        notional = filled_notional(matches, instrument.tick_value)
        return notional + fee_due(notional, rates[1], 0)
    return filled_quantity(matches) * instrument.lot_units


def acceptance(command: PlaceOrder, order_id: int, reserved: int, rates: tuple[int, int]) -> OrderAccepted:
    """The order as it was asked for, with what it holds back and the rates that it will pay."""
    # By position, as all that is made on the path of every order: names cost four times as much.
    return OrderAccepted(
        order_id,
        command.account_id,
        command.client_order_id,
        command.symbol,
        command.side,
        command.order_type,
        command.time_in_force,
        command.quantity_lots,
        command.price_ticks,
        reserved,
        rates[0],
        rates[1],
        command.instructions,
        command.instrument_revision,
    )


def _triggered(command: PlaceOrder, released: LiveOrder, reserved: int) -> OrderTriggered:
    assert released.instructions is not None, "a stop order has a stop price or a distance"
    return OrderTriggered(
        order_id=released.order_id,
        account_id=released.account_id,
        symbol=released.symbol,
        side=released.side,
        price_ticks=command.price_ticks,
        stop_price_ticks=stop_ticks(released.side, released.instructions, released.extreme_ticks),
        leaves_lots=released.leaves_lots,
        reserved=reserved,
    )


def accepted(
    state: ExchangeState,
    market: Market,
    command: PlaceOrder,
    order_id: int,
    reserved: int,
    rates: tuple[int, int],
    matches: list[Match],
    kill: CancelReason | None,
    released: LiveOrder | None = None,
) -> list[Event]:
    """What an order with this plan of matches does; what is left ends by `kill`, if it is not `None`."""
    instrument = market.instrument
    maker_fee_ppm, taker_fee_ppm = rates
    events: list[Event] = []
    if released is None:
        events.append(acceptance(command, order_id, reserved, rates))
    else:
        events.append(_triggered(command, released, reserved))
    leaves_lots = command.quantity_lots
    if matches:
        incoming = IncomingOrder(
            order_id=order_id,
            account_id=command.account_id,
            side=command.side,
            price_ticks=command.price_ticks,
            quantity_lots=leaves_lots,
            leaves_lots=leaves_lots,
            reserved=reserved,
            fee_credit=0,
            maker_fee_ppm=maker_fee_ppm,
            taker_fee_ppm=taker_fee_ppm,
        )
        events += incoming.meet(matches, instrument, state.last_trade_id + 1)
        leaves_lots = incoming.leaves_lots
    if leaves_lots:
        events.append(_remainder(market, command, order_id, leaves_lots, kill))
    return events


def _remainder(
    market: Market, command: PlaceOrder, order_id: int, leaves_lots: int, kill: CancelReason | None
) -> OrderRested | OrderCanceled:
    """What becomes of what did not fill at once."""
    if command.time_in_force is not _IOC and command.time_in_force is not _FOK and kill is None:
        instructions = command.instructions
        return OrderRested(
            order_id,
            command.account_id,
            command.symbol,
            command.side,
            command.price_ticks,
            leaves_lots,
            0 if instructions is None else instructions.hidden_lots(leaves_lots),
        )
    if kill is not None:
        reason = kill
    elif command.order_type is _MARKET:
        reason = remainder_reason(market, command.side)
    else:
        reason = CancelReason.IMMEDIATE_REMAINDER
    return OrderCanceled(
        order_id=order_id,
        account_id=command.account_id,
        symbol=command.symbol,
        side=command.side,
        price_ticks=command.price_ticks,
        canceled_lots=leaves_lots,
        was_resting=False,
        reason=reason,
    )
