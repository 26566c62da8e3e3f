"""What the limits of one account are checked against, kept for accounts that have limits and for no other."""

from collections import deque
from collections.abc import Iterable
from typing import Final

from markethall_engine.domain.live_order import LiveOrder
from markethall_engine.domain.order import Side
from markethall_engine.domain.risk.limits import RiskLimits

_SECOND_NS: Final = 1_000_000_000


class AccountRisk:
    """Limits, the lots that live orders may still trade, and when the newest orders came.

    Only `transitions` writes to one. Orders are timed while there is a limit of their rate; counting begins
    when that is set.
    """

    __slots__ = ("_open_lots", "limits", "order_times_ns")

    def __init__(self, limits: RiskLimits, live_orders: Iterable[LiveOrder]) -> None:
        self.limits = limits
        self.order_times_ns: deque[int] = deque()  # rising; all of the last second, and few more
        self._open_lots: dict[tuple[str, Side], int] = {}
        for order in live_orders:
            if not order.is_pending:
                self.change_open_lots(order, order.leaves_lots)

    def open_lots(self, symbol: str, side: Side) -> int:
        """What the live orders of a side may still trade."""
        return self._open_lots.get((symbol, side), 0)

    def change_limits(self, limits: RiskLimits) -> None:
        self.limits = limits
        if not limits.max_orders_per_second:
            self.order_times_ns.clear()

    def change_open_lots(self, order: LiveOrder, lots: int) -> None:
        """Count that a live order has so many lots more, or below zero less, to trade."""
        key = (order.symbol, order.side)
        self._open_lots[key] = self._open_lots.get(key, 0) + lots

    def time_order(self, time_ns: int) -> None:
        """Note that an order was accepted."""
        if self.limits.max_orders_per_second:
            times = self.order_times_ns
            times.append(time_ns)
            while times[0] <= time_ns - _SECOND_NS:
                times.popleft()

    def restore_order_times(self, order_times_ns: list[int]) -> None:
        """Undo the noting of orders that were only tried."""
        self.order_times_ns = deque(order_times_ns)

    def orders_in_second(self, time_ns: int) -> int:
        """How many orders were accepted in the second up to `time_ns`."""
        begin = time_ns - _SECOND_NS
        return sum([time > begin for time in self.order_times_ns])

    def is_at_rate(self, time_ns: int) -> bool:
        """Whether one more order at `time_ns` would be too many within a second."""
        limit, times = self.limits.max_orders_per_second, self.order_times_ns
        return 0 < limit <= len(times) and times[-limit] > time_ns - _SECOND_NS
