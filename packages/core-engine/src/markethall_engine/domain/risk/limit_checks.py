"""The checks of an account's risk limits, in the order in which they are made.

1. order quantity, by symbol (`max_order_quantity`)
2. order notional, by quote asset: quantity times limit, or of a market order what it would fill
3. position, by symbol: the account's, with every live order of the side and this one filled whole
4. open orders, of an order that may rest
5. order rate, in the second up to the order
6. daily loss: when that is reached, only what lowers exposure passes

A stop order is asked 1 and 2 (at its limit or else its stop price), 4 and 5 when it comes, and 1, 2, 3 and 6
when it is released.

A replace that only lowers the quantity passes them all. Any other is held to what a new order of its terms
would be, in place of the order that it replaces; it is no further order, so 4 and 5 are not asked.
"""

from markethall_engine.domain.account_state import AccountState
from markethall_engine.domain.commands import PlaceOrder
from markethall_engine.domain.instrument import Instrument
from markethall_engine.domain.live_order import LiveOrder
from markethall_engine.domain.matches import Match, filled_notional
from markethall_engine.domain.order import IMMEDIATE, Side, TimeInForce
from markethall_engine.domain.reasons import RejectReason
from markethall_engine.domain.risk.account_risk import AccountRisk
from markethall_engine.domain.risk.daily_loss import daily_loss
from markethall_engine.domain.risk.exposure import reducible_lots
from markethall_engine.domain.risk.refusal import Refusal
from markethall_engine.domain.state import ExchangeState


def check_new_order(
    state: ExchangeState,
    instrument: Instrument,
    risk: AccountRisk,
    command: PlaceOrder,
    matches: list[Match],
    time_ns: int,
    *,
    is_new: bool = True,
) -> Refusal | None:
    """Whether the account's limits let an order with this plan of matches pass.

    Unless it `is_new` it is a stop order that is released, which is among the open orders already.
    """
    account = state.accounts[command.account_id]
    quantity_lots = command.quantity_lots
    if command.price_ticks:
        notional = instrument.notional(command.price_ticks, quantity_lots)
    else:
        notional = filled_notional(matches, instrument.tick_value)
    return (
        _check_size(state, instrument, risk, quantity_lots, notional)
        or _check_position(state, instrument, account, risk, command.side, quantity_lots)
        or (_check_open_orders(account, risk, command.time_in_force) if is_new else None)
        or (_check_rate(risk, time_ns) if is_new else None)
        or _check_loss(state, instrument, account, risk, command.side, quantity_lots, 0, time_ns)
    )


def check_new_stop(
    state: ExchangeState,
    instrument: Instrument,
    risk: AccountRisk,
    command: PlaceOrder,
    price_ticks: int,
    time_ns: int,
) -> Refusal | None:
    """Whether the account's limits let a stop order wait; `price_ticks` is what its notional is taken at."""
    account = state.accounts[command.account_id]
    notional = instrument.notional(price_ticks, command.quantity_lots)
    return (
        _check_size(state, instrument, risk, command.quantity_lots, notional)
        or _check_open_orders(account, risk, TimeInForce.GTC)
        or _check_rate(risk, time_ns)
    )


def check_stop_replacement(
    state: ExchangeState, instrument: Instrument, risk: AccountRisk, quantity_lots: int, price_ticks: int
) -> Refusal | None:
    """Whether the account's limits let a waiting stop order have a new quantity and price."""
    return _check_size(
        state, instrument, risk, quantity_lots, instrument.notional(price_ticks, quantity_lots)
    )


def check_replacement(
    state: ExchangeState,
    instrument: Instrument,
    risk: AccountRisk,
    order: LiveOrder,
    quantity_lots: int,
    price_ticks: int,
    time_ns: int,
) -> Refusal | None:
    """Whether the account's limits let a live order have a new quantity and price."""
    if price_ticks == order.price_ticks and quantity_lots < order.quantity_lots:
        return None
    leaves_lots = quantity_lots - order.filled_lots
    notional = order.filled_notional + instrument.notional(price_ticks, leaves_lots)
    freed_lots = order.leaves_lots
    return (
        _check_size(state, instrument, risk, quantity_lots, notional)
        or _check_position(state, instrument, order.owner, risk, order.side, leaves_lots - freed_lots)
        or _check_loss(state, instrument, order.owner, risk, order.side, leaves_lots, freed_lots, time_ns)
    )


def position_reach(account: AccountState, risk: AccountRisk, symbol: str, side: Side) -> int:
    """How far the position would be on a side, in lots, if every live order of it filled whole.

    Above zero is long for BUY and short for SELL; below zero it stays on the other side.
    """
    position = account.positions.get(symbol)
    lots = 0 if position is None else position.quantity_lots
    return risk.open_lots(symbol, side) + (lots if side is Side.BUY else -lots)


def _check_size(
    state: ExchangeState, instrument: Instrument, risk: AccountRisk, quantity_lots: int, notional: int
) -> Refusal | None:
    limits, symbol, quote = risk.limits, instrument.symbol, instrument.quote_asset
    quantity = quantity_lots * instrument.lot_units
    limit = limits.max_order_quantity.get(symbol)
    if limit is not None and quantity > limit:
        base = state.assets[instrument.base_asset]
        return _refusal(f"max_order_quantity of {symbol}", base.format(limit), base.format(quantity))
    limit = limits.max_order_notional.get(quote)
    if limit is not None and notional > limit:
        asset = state.assets[quote]
        return _refusal(f"max_order_notional of {quote}", asset.format(limit), asset.format(notional))
    return None


def _check_position(
    state: ExchangeState,
    instrument: Instrument,
    account: AccountState,
    risk: AccountRisk,
    side: Side,
    more_lots: int,
) -> Refusal | None:
    symbol = instrument.symbol
    limit = risk.limits.max_position.get(symbol)
    if limit is None:
        return None
    reach = (position_reach(account, risk, symbol, side) + more_lots) * instrument.lot_units
    if reach <= limit:
        return None
    base = state.assets[instrument.base_asset]
    return _refusal(f"max_position of {symbol}", base.format(limit), base.format(reach))


def _check_open_orders(
    account: AccountState, risk: AccountRisk, time_in_force: TimeInForce
) -> Refusal | None:
    limit = risk.limits.max_open_orders
    if limit and len(account.live_orders) >= limit and time_in_force not in IMMEDIATE:
        return _refusal("max_open_orders", str(limit), str(len(account.live_orders) + 1))
    return None


def _check_rate(risk: AccountRisk, time_ns: int) -> Refusal | None:
    if not risk.is_at_rate(time_ns):
        return None
    limit = risk.limits.max_orders_per_second
    return _refusal("max_orders_per_second", str(limit), str(risk.orders_in_second(time_ns) + 1))


def _check_loss(
    state: ExchangeState,
    instrument: Instrument,
    account: AccountState,
    risk: AccountRisk,
    side: Side,
    lots: int,
    freed_lots: int,
    time_ns: int,
) -> Refusal | None:
    quote = instrument.quote_asset
    limit = risk.limits.max_daily_loss.get(quote)
    if limit is None:
        return None
    loss = daily_loss(state, account, quote, time_ns)
    if loss < limit:
        return None
    reducible = reducible_lots(account, instrument.symbol, side, freed_lots)
    if lots <= reducible:
        return None
    asset = state.assets[quote]
    return Refusal(
        RejectReason.RISK_LIMIT,
        f"max_daily_loss of {quote} is {asset.format(limit)}, lost today {asset.format(loss)}: a {side.name} "
        f"of at most {instrument.format_quantity(reducible)} lowers exposure, "
        f"asked {instrument.format_quantity(lots)}",
    )


def _refusal(name: str, limit: str, asked: str) -> Refusal:
    return Refusal(RejectReason.RISK_LIMIT, f"{name} is {limit}, asked {asked}")
