"""Seeded order flow around one price: the same seed and count give the same commands."""

from collections.abc import Iterator
from random import Random

from markethall_engine.domain.commands import CancelAllOrders, Command, ReplaceOrder
from markethall_engine.domain.order import Side, TimeInForce
from tests.core_engine.application.commands import ALICE, BOB, OPENING, cancel, order

_MID_TICKS = 10_000


def traffic(seed: int, first_sequence: int = len(OPENING) + 1) -> Iterator[Command]:
    """Endless commands of two accounts; they name earlier orders by the sequences they will have got.

    That holds when they follow a venue's opening, alone and in order. One in twenty repeats an earlier order
    and takes no sequence.
    """
    random = Random(seed)
    sequence = first_sequence
    placed: list[tuple[str, int]] = []
    named: list[Command] = []
    while True:
        kind = random.random()
        if kind < 0.05 and named:
            yield random.choice(named)
            continue
        if kind < 0.70 or not placed:
            account_id, side = random.choice((ALICE, BOB)), random.choice((Side.BUY, Side.SELL))
            away = random.randint(-3, 20)
            command: Command = order(
                account_id,
                side,
                _MID_TICKS - away if side is Side.BUY else _MID_TICKS + away,
                random.randint(1, 50),
                client_order_id=f"{seed}-{sequence}" if random.random() < 0.5 else "",
                time_in_force=random.choice((TimeInForce.GTC, TimeInForce.GTC, TimeInForce.IOC)),
            )
            placed.append((account_id, sequence))
            if command.client_order_id:
                named.append(command)
        elif kind < 0.92:
            command = cancel(*random.choice(placed[-50:]))
        elif kind < 0.99:
            account_id, order_id = random.choice(placed[-50:])
            command = ReplaceOrder(account_id, 1, order_id, quantity_lots=random.randint(1, 60))
        else:
            command = CancelAllOrders(random.choice((ALICE, BOB)))
        yield command
        sequence += 1
