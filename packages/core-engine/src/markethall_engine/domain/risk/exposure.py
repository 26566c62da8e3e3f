"""What lowers exposure.

An account's exposure to an instrument is its position there, long or short. An order lowers it if it trades
against the position and could not carry it through zero, even if it and every other live order of its side
filled whole. So orders that pass while only such orders do can never raise it, in whichever order they fill.
An order that waits for its stop price counts for no other, since it is asked again when that is reached.
"""

from collections.abc import Iterable

from markethall_engine.domain.account_state import AccountState
from markethall_engine.domain.live_order import LiveOrder
from markethall_engine.domain.order import Side


def lots_against(account: AccountState, symbol: str, side: Side) -> int:
    """How many lots of `side` would make the account's position flat; 0 if `side` would only add to it."""
    position = account.positions.get(symbol)
    if position is None:
        return 0
    return max(0, -position.quantity_lots if side is Side.BUY else position.quantity_lots)


def reducible_lots(account: AccountState, symbol: str, side: Side, freed_lots: int) -> int:
    """The most lots with which an order of `side` lowers exposure, beside the live orders; at least 0.

    `freed_lots` are those of the live order that it replaces, if it does.
    """
    against = lots_against(account, symbol, side)
    if against == 0:
        return 0
    live = [
        order.leaves_lots
        for order in account.live_orders.values()
        if order.symbol == symbol and order.side is side and not order.is_pending
    ]
    return max(0, against - sum(live) + freed_lots)


def reduce_only_lots(account: AccountState, symbol: str, side: Side) -> int:
    """What the account's live reduce-only orders of a side may still trade, in lots; none that waits."""
    orders = account.reduce_only.get(symbol)
    return (
        0 if orders is None else sum([order.leaves_lots for order in orders.values() if order.side is side])
    )


def reduce_only_excess(account: AccountState, symbol: str, side: Side) -> int:
    """How many of those lots would no longer lower exposure but raise it."""
    return max(0, reduce_only_lots(account, symbol, side) - lots_against(account, symbol, side))


def raising_orders(orders: Iterable[LiveOrder]) -> list[LiveOrder]:
    """Those that could raise exposure: by the rule, if the orders before them filled first.

    `orders` are all live orders of some accounts on some instruments. The first keep their place.
    """
    room: dict[tuple[str, str, Side], int] = {}
    raising: list[LiveOrder] = []
    for order in orders:
        key = (order.account_id, order.symbol, order.side)
        left = room.get(key)
        if left is None:
            left = lots_against(order.owner, order.symbol, order.side)
        if order.is_pending:
            if order.leaves_lots > lots_against(order.owner, order.symbol, order.side):
                raising.append(order)
        elif order.leaves_lots <= left:
            left -= order.leaves_lots
        else:
            raising.append(order)
        room[key] = left
    return raising
