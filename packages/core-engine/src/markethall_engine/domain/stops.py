"""The stop orders of one market that wait for their price.

A trade is compared with the nearest stop price of each side, and with no other unless it reaches that one.
Trailing stops move with the market, so each of them looks at each trade; there are none in most markets.
"""

from bisect import bisect_left, insort
from collections.abc import Iterator
from typing import Final

from markethall_engine.domain.live_order import LiveOrder
from markethall_engine.domain.order import Side
from markethall_engine.domain.stop_price import is_reached, stop_ticks

_BUY: Final = Side.BUY


class Stops:
    """Waiting orders by side and stop price, and those that trail."""

    __slots__ = ("_fixed", "_trailing")

    def __init__(self) -> None:
        self._fixed = {side: _Side() for side in Side}
        self._trailing: dict[int, LiveOrder] = {}

    def __bool__(self) -> bool:
        return bool(self._trailing or any(side.prices for side in self._fixed.values()))

    def __iter__(self) -> Iterator[LiveOrder]:
        """Every waiting order, in no order that means anything."""
        for side in self._fixed.values():
            for orders in side.orders.values():
                yield from orders.values()
        yield from self._trailing.values()

    def add(self, order: LiveOrder, stop_price_ticks: int) -> None:
        """Have an order wait for a price, or for 0 trail the market."""
        if stop_price_ticks:
            self._fixed[order.side].add(order, stop_price_ticks)
        else:
            self._trailing[order.order_id] = order

    def discard(self, order: LiveOrder, stop_price_ticks: int) -> None:
        """Have an order wait no more; nothing happens if it was released already."""
        if stop_price_ticks:
            self._fixed[order.side].discard(order, stop_price_ticks)
        else:
            self._trailing.pop(order.order_id, None)

    def take_reached(self, price_ticks: int) -> list[LiveOrder]:
        """Take out what a trade at `price_ticks` releases, in the order in which that is to happen.

        Buys come before sells, the stop price that the market reached first before the others, then the
        older order. Trailing stops follow the trade first; one that follows it is not released by it.
        """
        buys, sells = self._fixed[_BUY].prices, self._fixed[Side.SELL].prices
        is_any_reached = (buys and buys[0] <= price_ticks) or (sells and sells[-1] >= price_ticks)
        if not is_any_reached and not self._trailing:
            return []
        reached: list[tuple[int, int, LiveOrder]] = []
        while buys and buys[0] <= price_ticks:
            stop = buys[0]
            reached += [(stop, order_id, order) for order_id, order in self._fixed[_BUY].take(stop)]
        released = self._take_reached_trailing(_BUY, price_ticks)
        taken = [order for _, _, order in sorted(reached + released, key=_by_price)]
        reached = []
        while sells and sells[-1] >= price_ticks:
            stop = sells[-1]
            reached += [(-stop, order_id, order) for order_id, order in self._fixed[Side.SELL].take(stop)]
        released = self._take_reached_trailing(Side.SELL, price_ticks)
        taken += [order for _, _, order in sorted(reached + released, key=_by_price)]
        return taken

    def _take_reached_trailing(self, side: Side, price_ticks: int) -> list[tuple[int, int, LiveOrder]]:
        """Move the extremes of a side's trailing stops, and take out those that are reached."""
        reached: list[tuple[int, int, LiveOrder]] = []
        for order_id, order in self._trailing.items():
            if order.side is not side:
                continue
            extreme = order.extreme_ticks
            if extreme == 0 or (price_ticks < extreme if side is _BUY else price_ticks > extreme):
                order.extreme_ticks = price_ticks
                continue
            assert order.instructions is not None, "a stop order has a stop price or a distance"
            stop = stop_ticks(side, order.instructions, extreme)
            if is_reached(side, stop, price_ticks):
                reached.append((stop if side is _BUY else -stop, order_id, order))
        for _, order_id, _ in reached:
            del self._trailing[order_id]
        return reached


class _Side:
    """Orders of one side that wait for a price that does not move."""

    __slots__ = ("orders", "prices")

    def __init__(self) -> None:
        self.prices: list[int] = []  # rising
        self.orders: dict[int, dict[int, LiveOrder]] = {}  # by stop price and order id

    def add(self, order: LiveOrder, stop_price_ticks: int) -> None:
        orders = self.orders.get(stop_price_ticks)
        if orders is None:
            orders = self.orders[stop_price_ticks] = {}
            insort(self.prices, stop_price_ticks)
        orders[order.order_id] = order

    def discard(self, order: LiveOrder, stop_price_ticks: int) -> None:
        orders = self.orders.get(stop_price_ticks)
        if orders is not None and orders.pop(order.order_id, None) is not None and not orders:
            self.take(stop_price_ticks)

    def take(self, stop_price_ticks: int) -> list[tuple[int, LiveOrder]]:
        """Take out all orders of a price, with their ids."""
        del self.prices[bisect_left(self.prices, stop_price_ticks)]
        return list(self.orders.pop(stop_price_ticks).items())


def _by_price(reached: tuple[int, int, LiveOrder]) -> tuple[int, int]:
    return reached[0], reached[1]
