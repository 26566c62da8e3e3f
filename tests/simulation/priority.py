"""Price-time priority, checked over the executions themselves: who trades is who stands first."""

from markethall_engine.domain.events import Event, TradeExecuted
from markethall_engine.domain.exchange import Exchange
from markethall_engine.domain.order import Side


def broken_priority(exchange: Exchange, event: Event) -> str:
    """Say who stood before an order that `event` fills, as the book is before it; nothing if nobody did.

    Whoever must not be met (the taker's own order, say) has been taken out of the way by an event before.
    """
    if not isinstance(event, TradeExecuted):
        return ""
    maker_side = Side.SELL if event.taker_side is Side.BUY else Side.BUY
    resting = [(maker_side, event.maker_order_id)]
    if event.auction is not None:
        resting.append((event.taker_side, event.taker_order_id))
    for side, order_id in resting:
        [first] = exchange.resting_orders(event.symbol, side, 1) or [None]
        if first is None or first.order_id != order_id:
            return f"{event} fills {order_id}, but {first} stands first"
        if event.auction is None and first.price_ticks != event.price_ticks:
            return f"{event} is not at the price of {first}"
    return ""
