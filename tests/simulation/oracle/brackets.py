"""The exits of an order that was filled."""

from itertools import pairwise

from markethall_engine.domain.commands import ExitLeg, PlaceExit, PlaceOrder
from markethall_engine.domain.instructions import Instructions
from markethall_engine.domain.order import OrderType, Side, TimeInForce
from tests.simulation.oracle.order import Order
from tests.simulation.oracle.state import State
from tests.simulation.oracle.ticks import told_anew


def make_sense(order: Order) -> bool:
    """Whether profit is on one side of the order, and loss on the other."""
    wish = order.instructions
    profit, loss, limit = wish.take_profit_ticks, wish.stop_loss_ticks, wish.stop_loss_limit_ticks
    if min(profit, loss, limit) < 0 or (limit and not loss):
        return False
    if not profit and not loss:
        return True
    if wish.reduce_only or wish.parent_order_id:
        return False
    rising = [ticks for ticks in (loss, order.price_ticks, profit) if ticks]
    if order.side is Side.SELL:
        rising.reverse()
    return all(low < high for low, high in pairwise(rising))


def owe_exits(state: State, order: Order) -> None:
    """When an order ends: owe it the exits that it asked for, if it traded."""
    wish = order.instructions
    if order.filled_lots and wish.take_profit_ticks:
        state.follow_ups.append(PlaceExit(order.order_id, ExitLeg.TAKE_PROFIT))
    if order.filled_lots and wish.stop_loss_ticks:
        state.follow_ups.append(PlaceExit(order.order_id, ExitLeg.STOP_LOSS))


def exit_of(state: State, command: PlaceExit) -> PlaceOrder:
    """The order that closes what another one opened."""
    entry = state.ended[command.order_id]
    assert isinstance(entry, Order)
    wish = entry.instructions
    has_both = wish.take_profit_ticks and wish.stop_loss_ticks
    is_profit = command.leg is ExitLeg.TAKE_PROFIT
    order_type, price_ticks = OrderType.LIMIT, wish.take_profit_ticks
    if not is_profit:
        price_ticks = wish.stop_loss_limit_ticks
        order_type = OrderType.STOP_LIMIT if price_ticks else OrderType.STOP
    order = PlaceOrder(
        entry.account_id,
        "",
        entry.symbol,
        entry.instrument.revision,
        Side.SELL if entry.side is Side.BUY else Side.BUY,
        order_type,
        TimeInForce.GTC,
        entry.filled_lots,
        price_ticks,
        Instructions(
            self_trade_prevention=wish.self_trade_prevention,
            stop_price_ticks=0 if is_profit else wish.stop_loss_ticks,
            order_group_id=f"bracket-{entry.order_id}" if has_both else "",
            parent_order_id=entry.order_id,
        ),
    )
    return told_anew(order, entry.instrument, state.instruments[entry.symbol])
