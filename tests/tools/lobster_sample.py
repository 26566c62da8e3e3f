"""A small exchange that records itself in LOBSTER's format: what happens in its best levels, and no more.

`python -m tests.tools.lobster_sample` writes the committed sample.
"""

import random
from dataclasses import dataclass, field
from pathlib import Path

from tools.recorded_flow.queue_book import BookSide
from tools.recorded_flow.recording import Side

SAMPLES = Path(__file__).parent / "samples"
NAME = "TEST_2024-01-02_34200000_34260000_{kind}_{depth}.csv"

MIDDLE = 100_0000
"""The price at which a day begins: 100 dollars."""

_DIRECTIONS = {Side.BUY: 1, Side.SELL: -1}
_EMPTY = {Side.BUY: (-9999999999, 0), Side.SELL: (9999999999, 0)}


@dataclass
class RecordedExchange:
    """A true book of full depth, of which a recording shows the best `depth` levels."""

    depth: int
    messages: list[str] = field(default_factory=list)
    rows: list[str] = field(default_factory=list)
    sides: tuple[BookSide, BookSide] = field(
        default_factory=lambda: (BookSide(Side.BUY), BookSide(Side.SELL))
    )
    orders: dict[int, tuple[Side, int]] = field(default_factory=dict)
    time_ns: int = 34_200_000_000_000
    next_order_id: int = 1000

    def place(self, side: Side, price: int, quantity: int) -> int:
        self.next_order_id += 3
        order_id = self.next_order_id
        self.sides[side].add(price, order_id, quantity)
        self.orders[order_id] = (side, price)
        self._record(1, order_id, quantity, side, price)
        return order_id

    def cancel(self, order_id: int, quantity: int | None = None) -> None:
        """Cancel an order, or only `quantity` of it."""
        side, price = self.orders[order_id]
        open_quantity = self.sides[side].queue(price)[order_id]
        was_seen = self._sees(side, price)
        taken = quantity or open_quantity
        self.sides[side].remove(price, order_id, taken)
        if taken == open_quantity:
            del self.orders[order_id]
        if was_seen:
            self._write(3 if taken == open_quantity else 2, order_id, taken, side, price)

    def take(self, resting: Side, quantity: int) -> None:
        """An aggressive order: one instant, one message a fill."""
        while quantity:
            fills = self.sides[resting].take(None, 1)
            if not fills:
                return
            order_id, price, _ = fills[0]
            filled = 1 + sum(
                fill.quantity
                for fill in self.sides[resting].take(
                    price, min(quantity - 1, self.sides[resting].queue(price).get(order_id, 0))
                )
            )
            if order_id not in self.sides[resting].queue(price):
                del self.orders[order_id]
            quantity -= filled
            self._write(4, order_id, filled, resting, price)

    def take_hidden(self, side: Side, price: int) -> None:
        self._write(5, 0, 7, side, price)

    def halt(self, price: int) -> None:
        """-1 halts, 0 resumes quoting, 1 resumes trading."""
        self._write(7, 0, 0, Side.SELL, price)

    def wait(self, time_ns: int) -> None:
        self.time_ns += time_ns

    def save(self, folder: Path) -> Path:
        """Write both files and return the message file's path."""
        path = folder / NAME.format(kind="message", depth=self.depth)
        path.write_text("".join(self.messages))
        (folder / NAME.format(kind="orderbook", depth=self.depth)).write_text("".join(self.rows))
        return path

    def _sees(self, side: Side, price: int) -> bool:
        return price in [level for level, _ in self.sides[side].top(self.depth)]

    def _record(self, kind: int, order_id: int, quantity: int, side: Side, price: int) -> None:
        if self._sees(side, price):
            self._write(kind, order_id, quantity, side, price)

    def _write(self, kind: int, order_id: int, quantity: int, side: Side, price: int) -> None:
        seconds, nanoseconds = divmod(self.time_ns, 1_000_000_000)
        time = f"{seconds}.{nanoseconds:09}".rstrip("0").rstrip(".")
        self.messages.append(f"{time},{kind},{order_id},{quantity},{price},{_DIRECTIONS[side]}\n")
        cells = []
        for level in range(self.depth):
            for shown in (Side.SELL, Side.BUY):
                levels = self.sides[shown].top(self.depth)
                cells += levels[level] if level < len(levels) else _EMPTY[shown]
        self.rows.append(",".join(map(str, cells)) + "\n")


def random_exchange(seed: int, *, depth: int, actions: int) -> RecordedExchange:
    """A day of `actions` random orders, with a book from before it."""
    chance = random.Random(seed)
    exchange = RecordedExchange(depth)
    for _ in range(60):
        side = chance.choice(tuple(Side))
        distance = chance.randint(1, 12) * 100
        exchange.place(side, MIDDLE + (distance if side is Side.SELL else -distance), chance.randint(1, 300))
    exchange.messages.clear()
    exchange.rows.clear()
    for _ in range(actions):
        exchange.wait(chance.randint(1, 40_000_000))
        _act(exchange, chance)
    return exchange


def _act(exchange: RecordedExchange, chance: random.Random) -> None:
    side = chance.choice(tuple(Side))
    best = exchange.sides[side.opposite].best_price() or MIDDLE
    match chance.choices(("place", "cancel", "reduce", "take", "hidden"), (50, 30, 4, 12, 4))[0]:
        case "place":
            distance = chance.randint(1, 12) * 100
            price = best + (distance if side is Side.SELL else -distance)
            exchange.place(side, price, chance.randint(1, 300))
        case "cancel" if exchange.orders:
            exchange.cancel(chance.choice(list(exchange.orders)))
        case "reduce" if exchange.orders:
            order_id = chance.choice(list(exchange.orders))
            order_side, price = exchange.orders[order_id]
            open_quantity = exchange.sides[order_side].queue(price)[order_id]
            if open_quantity > 1:
                exchange.cancel(order_id, chance.randint(1, open_quantity - 1))
        case "take":
            exchange.take(side, chance.randint(1, 600))
        case "hidden":
            exchange.take_hidden(side, best)


def sample_exchange() -> RecordedExchange:
    """The committed sample: random orders, a halt, random orders."""
    exchange = random_exchange(seed=7, depth=3, actions=400)
    exchange.halt(-1)
    exchange.wait(1_000_000_000)
    exchange.halt(0)
    exchange.halt(1)
    chance = random.Random(8)
    for _ in range(100):
        exchange.wait(chance.randint(1, 40_000_000))
        _act(exchange, chance)
    return exchange


if __name__ == "__main__":
    SAMPLES.mkdir(exist_ok=True)
    sample_exchange().save(SAMPLES)
