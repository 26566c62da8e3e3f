"""What accounts may borrow: equity, exposure, and what they must cover."""

from fractions import Fraction
from math import ceil, floor

from markethall_engine.domain.commands import Liquidate
from markethall_engine.domain.instrument import Instrument, InstrumentStatus
from markethall_engine.domain.margin import Margin
from markethall_engine.domain.order import Side
from markethall_engine.domain.reasons import RejectReason
from tests.simulation.oracle.order import Order
from tests.simulation.oracle.state import State


def makes_sense(margin: Margin) -> bool:
    """Whether it is one, or, with zeros, none."""
    is_none = margin.initial_ppm == margin.maintenance_ppm == 0
    return is_none or 0 < margin.maintenance_ppm <= margin.initial_ppm <= 1_000_000


def of_account(state: State, account_id: str) -> Margin | None:
    return state.accounts[account_id].margin


def marking(state: State, quote: str) -> list[Instrument]:
    """The instruments that say what bases are worth, the first one of each pair."""
    first: dict[str, Instrument] = {}
    for instrument in state.instruments.values():
        if instrument.quote_asset == quote:
            first.setdefault(instrument.base_asset, instrument)
    return list(first.values())


def value(state: State, instrument: Instrument, base_units: int) -> Fraction:
    """At the mark; what has none counts nothing."""
    price_ticks = state.reference_price(instrument.symbol)
    return Fraction(base_units * instrument.tick_value * price_ticks, instrument.lot_units)


def equity(state: State, account_id: str, quote: str) -> int:
    return state.holdings[account_id, quote] + sum(
        floor(value(state, instrument, state.holdings[account_id, instrument.base_asset]))
        for instrument in marking(state, quote)
    )


def exposure_in(state: State, account_id: str, instrument: Instrument) -> int:
    return ceil(abs(value(state, instrument, state.holdings[account_id, instrument.base_asset])))


def exposure(state: State, account_id: str, quote: str) -> int:
    return sum(exposure_in(state, account_id, instrument) for instrument in marking(state, quote))


def covers_initial(state: State, account_id: str, quote: str, exposed: int) -> bool:
    margin = of_account(state, account_id)
    assert margin is not None
    return exposed * margin.initial_ppm <= equity(state, account_id, quote) * 1_000_000


def is_short(state: State, account_id: str, quote: str) -> bool:
    """Whether the venue must liquidate."""
    margin, exposed = of_account(state, account_id), exposure(state, account_id, quote)
    if margin is None or exposed == 0:
        return False
    return equity(state, account_id, quote) * 1_000_000 < margin.maintenance_ppm * exposed


def largest(state: State, account_id: str, quote: str) -> Instrument | None:
    """Where the account has most to close."""
    choice = [
        instrument
        for instrument in marking(state, quote)
        if instrument.status is InstrumentStatus.OPEN
        and abs(state.holdings[account_id, instrument.base_asset]) >= instrument.lot_units
    ]
    return max(choice, key=lambda instrument: exposure_in(state, account_id, instrument), default=None)


def owe_liquidations(state: State, traded: Instrument) -> None:
    """After each trade."""
    quote = traded.quote_asset
    for account_id in sorted(state.accounts):
        holds = state.holdings[account_id, quote] or state.holdings[account_id, traded.base_asset]
        owed = [
            one for one in state.follow_ups if isinstance(one, Liquidate) and one.account_id == account_id
        ]
        if holds and not owed and is_short(state, account_id, quote):
            instrument = largest(state, account_id, quote)
            if instrument is not None:
                state.follow_ups.append(Liquidate(account_id, instrument.symbol))


def why_not_order(state: State, order: Order, lots: int) -> RejectReason | None:
    """Whether equity covers an order that would trade so many lots, beside all that live but itself."""
    account_id, instrument = order.account_id, order.instrument
    base, quote = instrument.base_asset, instrument.quote_asset
    units = lots * instrument.lot_units
    total = state.holdings[account_id, base]
    quotes = {one.quote_asset for one in state.instruments.values()}
    same_side = units + sum(_open_units(state, order, base, other, order.side) for other in quotes)
    if 0 < (total if order.side is Side.SELL else -total) >= same_side:
        return None
    mark = next(one for one in marking(state, quote) if one.base_asset == base)
    if state.reference_price(mark.symbol) == 0:
        return RejectReason.INSUFFICIENT_MARGIN
    exposed = 0
    for one in marking(state, quote):
        buys, sells = (_open_units(state, order, one.base_asset, quote, side) for side in Side)
        if one.base_asset == base and order.side is Side.BUY:
            buys += units
        elif one.base_asset == base:
            sells += units
        held = state.holdings[account_id, one.base_asset]
        worst = max(abs(held + buys), abs(held - sells))
        exposed += ceil(value(state, one, worst))
    return None if covers_initial(state, account_id, quote, exposed) else RejectReason.INSUFFICIENT_MARGIN


def covers_without(state: State, account_id: str, asset: str, amount: int) -> bool:
    """Whether equity covers what there is, once so much of an asset has gone."""
    after = state.copy()
    after.holdings[account_id, asset] -= amount
    quotes = {
        instrument.quote_asset
        for instrument in state.instruments.values()
        if asset in (instrument.base_asset, instrument.quote_asset)
    }
    return all(
        covers_initial(after, account_id, quote, exposure(after, account_id, quote)) for quote in quotes
    )


def _open_units(state: State, order: Order, base: str, quote: str, side: Side) -> int:
    """What the account's other live orders of a pair and side may trade."""
    return sum(
        other.leaves_lots * other.instrument.lot_units
        for other in state.live
        if other.order_id != order.order_id
        and not other.is_pending
        and (other.account_id, other.side) == (order.account_id, side)
        and (other.instrument.base_asset, other.instrument.quote_asset) == (base, quote)
    )
