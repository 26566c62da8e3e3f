"""The venue closes what an account can no longer carry."""

from markethall_engine.domain.commands import Liquidate, PlaceOrder
from markethall_engine.domain.events import Event, Liquidated, TradeExecuted
from markethall_engine.domain.instrument import Instrument
from markethall_engine.domain.order import OrderType, Side, TimeInForce
from markethall_engine.domain.reasons import CancelReason
from tests.simulation.oracle import arrival, margin, placing
from tests.simulation.oracle.lifecycle import cancel
from tests.simulation.oracle.matching import next_met
from tests.simulation.oracle.state import State


def liquidate(state: State, command: Liquidate) -> list[Event]:
    account_id, quote = command.account_id, state.instruments[command.symbol].quote_asset
    if not margin.is_short(state, account_id, quote):
        return []
    orders = [
        order
        for order in state.live
        if order.account_id == account_id and order.instrument.quote_asset == quote
    ]
    events: list[Event] = [cancel(state, order, CancelReason.LIQUIDATION) for order in orders]
    instrument = margin.largest(state, account_id, quote)
    closing = _close(state, account_id, instrument) if instrument else []
    filled = sum(event.quantity_lots for event in closing if isinstance(event, TradeExecuted))
    symbol, order_id = instrument.symbol if instrument else "", state.sequence if closing else 0
    return [
        *events,
        *closing,
        Liquidated(account_id, symbol, quote, order_id, filled, len(orders)),
    ]


def _close(state: State, account_id: str, instrument: Instrument) -> list[Event]:
    """A market order of the whole holding, if there is somebody to trade with."""
    total = state.holdings[account_id, instrument.base_asset]
    command = PlaceOrder(
        account_id,
        "",
        instrument.symbol,
        instrument.revision,
        Side.SELL if total > 0 else Side.BUY,
        OrderType.MARKET,
        TimeInForce.IOC,
        abs(total) // instrument.lot_units,
    )
    order = placing.order_of(state, command)
    order.is_liquidation = True
    if next_met(state, order) is None:
        return []
    order.cost = arrival.cost_of(order, arrival.imagine(state, order))
    return placing.let_in(state, order, command)
