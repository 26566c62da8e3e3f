"""Deciding `CreateAsset`, `CreateInstrument`, `UpdateInstrument`: what can be held and traded, and when."""

from typing import Final

import msgspec

from markethall_engine.domain.amounts import MAX_AMOUNT, MAX_SCALE
from markethall_engine.domain.commands import CreateAsset, CreateInstrument, EndAuction, UpdateInstrument
from markethall_engine.domain.decisions.canceling import live_order_canceled
from markethall_engine.domain.decisions.tick_size import change_tick, not_whole, step_problem, whole_units
from markethall_engine.domain.decisions.uncrossing import uncrossed
from markethall_engine.domain.events import (
    AssetCreated,
    AuctionBegun,
    CommandRejected,
    Event,
    InstrumentCreated,
    InstrumentUpdated,
)
from markethall_engine.domain.instrument import Asset, Instrument, InstrumentStatus
from markethall_engine.domain.live_order import LiveOrder
from markethall_engine.domain.names import ASSET_FORM, SYMBOL_FORM, is_asset_code, is_symbol
from markethall_engine.domain.reasons import CancelReason, RejectReason
from markethall_engine.domain.risk.checks import check_revision, not_open, unknown_instrument
from markethall_engine.domain.risk.instrument_checks import check_rules, in_order
from markethall_engine.domain.risk.refusal import Refusal
from markethall_engine.domain.state import ExchangeState

_CHANGEABLE: Final = (
    "status",
    "min_quantity_lots",
    "max_quantity_lots",
    "price_band_ppm",
    "maker_fee_ppm",
    "taker_fee_ppm",
    "reference_price_ticks",
    "market_protection_ppm",
    "volatility_band_ppm",
    "volatility_auction_ns",
    "fee_tiers",
)


def create_asset(state: ExchangeState, command: CreateAsset, sequence: int, time_ns: int) -> list[Event]:
    if command.asset in state.assets:
        return _rejected(Refusal(RejectReason.ALREADY_EXISTS, f"there is an asset {command.asset!r} already"))
    if not is_asset_code(command.asset):
        return _invalid(f"an asset's code is {ASSET_FORM}, found {command.asset!r}")
    if not 0 <= command.scale <= MAX_SCALE:
        return _invalid(f"an asset's scale is 0 to {MAX_SCALE}, found {command.scale}")
    return [AssetCreated(Asset(command.asset, command.scale, sequence, time_ns))]


def create_instrument(
    state: ExchangeState, command: CreateInstrument, sequence: int, time_ns: int
) -> list[Event]:
    symbol = command.symbol
    if symbol in state.markets:
        return _rejected(Refusal(RejectReason.ALREADY_EXISTS, f"there is an instrument {symbol!r} already"))
    if not is_symbol(symbol):
        return _invalid(f"a symbol is {SYMBOL_FORM}, found {symbol!r}")
    for code in (command.base_asset, command.quote_asset):
        if code not in state.assets:
            return _rejected(Refusal(RejectReason.UNKNOWN_ASSET, f"there is no asset {code!r}"))
    if command.status is InstrumentStatus.CLOSED:
        return _invalid("an instrument begins OPEN, HALTED or in AUCTION, found CLOSED")
    if command.base_asset == command.quote_asset:
        return _invalid(f"an asset cannot trade for itself, found {command.base_asset} twice")
    for name, step in (("tick size", command.tick_size), ("lot size", command.lot_size)):
        problem = step_problem(name, step)
        if problem:
            return _invalid(problem)
    base = state.assets[command.base_asset]
    quote = state.assets[command.quote_asset]
    tick_value = whole_units(command.tick_size, command.lot_size, scale=quote.scale)
    if tick_value is None:
        return _invalid(not_whole(quote, command.tick_size, command.lot_size))
    lot_units = whole_units(command.lot_size, scale=base.scale)
    if lot_units is None:
        return _invalid(
            f"the lot size must be a whole number of minor units of {base.asset} (scale {base.scale}), "
            f"at most {MAX_AMOUNT}, found {command.lot_size.format(1)}"
        )
    instrument = Instrument(
        symbol=symbol,
        base_asset=base.asset,
        quote_asset=quote.asset,
        tick_size=command.tick_size,
        lot_size=command.lot_size,
        tick_value=tick_value,
        lot_units=lot_units,
        min_quantity_lots=command.min_quantity_lots,
        max_quantity_lots=command.max_quantity_lots,
        price_band_ppm=command.price_band_ppm,
        maker_fee_ppm=command.maker_fee_ppm,
        taker_fee_ppm=command.taker_fee_ppm,
        status=command.status,
        revision=1,
        create_time_ns=time_ns,
        update_time_ns=time_ns,
        reference_price_ticks=command.reference_price_ticks,
        market_protection_ppm=command.market_protection_ppm,
        volatility_band_ppm=command.volatility_band_ppm,
        volatility_auction_ns=command.volatility_auction_ns,
        fee_tiers=in_order(command.fee_tiers),
    )
    refusal = check_rules(instrument)
    if refusal is not None:
        return _rejected(refusal)
    events: list[Event] = [InstrumentCreated(instrument)]
    if command.status is InstrumentStatus.AUCTION:
        events.append(AuctionBegun(symbol, 0))
    return events


def update_instrument(
    state: ExchangeState, command: UpdateInstrument, sequence: int, time_ns: int
) -> list[Event]:
    """When it closes, the resting orders are canceled, oldest first; when an auction ends, they trade.

    With another tick size the live orders that it cannot express end first, oldest first.
    """
    market = state.markets.get(command.symbol)
    if market is None:
        return _rejected(unknown_instrument(command.symbol))
    old = market.instrument
    if old.status is InstrumentStatus.CLOSED:
        return _rejected(not_open(old))
    if command.tick_size is not None and command.status not in (None, old.status):
        return _invalid("a new tick size takes no change of status beside it, found both")
    counted = (command.min_quantity_lots, command.max_quantity_lots, command.reference_price_ticks)
    if any(number is not None for number in counted):
        stale = check_revision(old, command.instrument_revision)
        if stale is not None:
            return _rejected(stale)
    asked = {name: getattr(command, name) for name in _CHANGEABLE}
    changes = {name: value for name, value in asked.items() if value is not None}
    if command.fee_tiers is not None:
        changes["fee_tiers"] = in_order(command.fee_tiers)
    events: list[Event] = []
    if command.tick_size is not None:
        ticked = change_tick(state, old, command.tick_size, sequence)
        if isinstance(ticked, Refusal):
            return _rejected(ticked)
        changes = {**ticked.rescaled, **changes, **ticked.changes}
        events += ticked.canceled
    new = msgspec.structs.replace(old, **changes, update_time_ns=time_ns)
    refusal = check_rules(new)
    if refusal is not None:
        return _rejected(refusal)
    events.append(InstrumentUpdated(new))
    if new.status is InstrumentStatus.AUCTION:
        if not market.is_in_auction:
            events.append(AuctionBegun(new.symbol, 0))
    elif new.status is not InstrumentStatus.CLOSED:
        if market.is_in_auction:
            events += uncrossed(market, state.last_trade_id)
    else:
        events += [
            live_order_canceled(order, CancelReason.INSTRUMENT_CLOSED)
            for order in sorted([*market.book.resting_orders(), *market.waiting_orders()], key=LiveOrder.age)
        ]
    return events


def end_auction(state: ExchangeState, command: EndAuction, sequence: int, time_ns: int) -> list[Event]:
    """The same as a change to OPEN."""
    market = state.markets[command.symbol]
    opened = msgspec.structs.replace(market.instrument, status=InstrumentStatus.OPEN, update_time_ns=time_ns)
    return [InstrumentUpdated(opened), *uncrossed(market, state.last_trade_id)]


def _invalid(detail: str) -> list[Event]:
    return _rejected(Refusal(RejectReason.INVALID_PARAMETERS, detail))


def _rejected(refusal: Refusal) -> list[Event]:
    return [CommandRejected(refusal.reason, refusal.detail)]
