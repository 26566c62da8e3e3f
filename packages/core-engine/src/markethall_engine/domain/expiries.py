"""When live orders end by themselves: DAY and GTD orders by the time that each named."""

from bisect import bisect_left, insort


class Expiries:
    """Order ids by time. Orders of one time share a place, as all that end with one day do."""

    __slots__ = ("_orders", "_times_ns")

    def __init__(self) -> None:
        self._times_ns: list[int] = []  # rising
        self._orders: dict[int, dict[int, None]] = {}  # by time, in the order of the ids

    def add(self, time_ns: int, order_id: int) -> None:
        """Orders are added by rising ids, as they are accepted."""
        orders = self._orders.get(time_ns)
        if orders is None:
            orders = self._orders[time_ns] = {}
            insort(self._times_ns, time_ns)
        orders[order_id] = None

    def remove(self, time_ns: int, order_id: int) -> None:
        """Forget an order that ended."""
        orders = self._orders[time_ns]
        del orders[order_id]
        if not orders:
            del self._orders[time_ns]
            del self._times_ns[bisect_left(self._times_ns, time_ns)]

    def earliest(self) -> int | None:
        """When the first order ends; `None` where none does."""
        return self._times_ns[0] if self._times_ns else None

    def due(self, time_ns: int) -> list[int]:
        """Ids of the orders that end at `time_ns` or before, by time and then by id."""
        ids: list[int] = []
        for expire_time_ns in self._times_ns:
            if expire_time_ns > time_ns:
                break
            ids += self._orders[expire_time_ns]
        return ids
