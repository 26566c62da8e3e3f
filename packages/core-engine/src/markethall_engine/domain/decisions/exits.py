"""Deciding `PlaceExit`: the orders that leave the position which a bracket's order has opened.

An exit is an order like any other, with an order id of its own: checked, reserved, refused if it must be.
The stop loss waits for its price and holds nothing back until then, so that one holding is enough for both.
Both are a group, of which one cancels the other.
"""

from markethall_engine.domain.commands import ExitLeg, PlaceExit, PlaceOrder
from markethall_engine.domain.decisions.placing import place_order
from markethall_engine.domain.events import Event, FollowUpTaken
from markethall_engine.domain.instructions import Instructions
from markethall_engine.domain.order import OrderType, Side, TimeInForce
from markethall_engine.domain.state import ExchangeState
from markethall_engine.domain.tick_change import retold


def place_exit(state: ExchangeState, command: PlaceExit, sequence: int, time_ns: int) -> list[Event]:
    """The exit's quantity is all that the entry filled."""
    entry = state.closed_order(command.order_id)
    assert entry is not None and entry.instructions is not None, "only what has a bracket has exits"
    asked = entry.instructions
    has_both = asked.take_profit_ticks > 0 and asked.stop_loss_ticks > 0
    stop_price_ticks = 0
    if command.leg is ExitLeg.TAKE_PROFIT:
        order_type, price_ticks = OrderType.LIMIT, asked.take_profit_ticks
    else:
        stop_price_ticks, price_ticks = asked.stop_loss_ticks, asked.stop_loss_limit_ticks
        order_type = OrderType.STOP_LIMIT if price_ticks else OrderType.STOP
    exit_order = PlaceOrder(
        account_id=entry.account_id,
        client_order_id="",
        symbol=entry.symbol,
        instrument_revision=entry.tick_revision,
        side=Side.SELL if entry.side is Side.BUY else Side.BUY,
        order_type=order_type,
        time_in_force=TimeInForce.GTC,
        quantity_lots=entry.filled_lots,
        price_ticks=price_ticks,
        instructions=Instructions(
            self_trade_prevention=asked.self_trade_prevention,
            stop_price_ticks=stop_price_ticks,
            order_group_id=f"bracket-{entry.order_id}" if has_both else "",
            parent_order_id=entry.order_id,
        ),
    )
    instrument = state.markets[entry.symbol].instrument
    # A change of the tick size may have ended the entry. An exit that it cannot price is refused for that.
    exit_order = retold(exit_order, instrument, instrument.revision) or exit_order
    placed = place_order(state, exit_order, sequence, time_ns)
    assert isinstance(placed, list), "what has no client order id repeats nothing"
    return [FollowUpTaken(), *placed]
