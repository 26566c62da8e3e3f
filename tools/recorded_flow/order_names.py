"""Names for the orders of a replay, unique in it: a client order id each, also for an order placed again."""


class OrderNames:
    """Which order at the venue stands for an order of the recording, and how large it is.

    `123` is the recorded order 123, `123.2` the same when it had to be placed again to change its place in
    the queue, `seed4` quantity that the recording never names, `take5` an aggressive order.
    """

    def __init__(self) -> None:
        self._generations: dict[int, int] = {}
        self._quantities: dict[int, int] = {}
        self._takes = 0

    def place(self, order_id: int, quantity: int) -> str:
        """Name a new order for `order_id`; a negative one stands for quantity without a name."""
        self._generations[order_id] = self.generation(order_id) + 1
        self._quantities[order_id] = quantity
        return self.of(order_id)

    def take(self) -> str:
        self._takes += 1
        return f"take{self._takes}"

    def of(self, order_id: int) -> str:
        """The name that stands for `order_id` now."""
        name = str(order_id) if order_id > 0 else f"seed{-order_id}"
        generation = self._generations[order_id]
        return name if generation == 1 else f"{name}.{generation}"

    def generation(self, order_id: int) -> int:
        """How often an order was placed for `order_id`."""
        return self._generations.get(order_id, 0)

    def lower(self, order_id: int, quantity: int) -> int:
        """Lower the order by `quantity`; returns its new total, what is filled of it included."""
        self._quantities[order_id] -= quantity
        return self._quantities[order_id]


def order_id_of(name: str) -> int:
    """The order that `name` stands for: the recording's id, or a negative number if it has none."""
    stem = name.split(".")[0]
    return -int(stem.removeprefix("seed")) if stem.startswith("seed") else int(stem)
