"""One seeded run: the same traffic through the engine's domain and through the oracle.

Run by hand for as many seeds as there is time for; a seed that fails becomes a test of its own:

    python -m tests.simulation.simulator --seeds 10000
"""

import argparse
import random
import sys

import msgspec

from markethall_engine.domain.commands import Command, CreateAccount, CreateAsset, CreateInstrument
from markethall_engine.domain.events import (
    CancelRejected,
    CommandRejected,
    Event,
    OrderRejected,
    ReplaceRejected,
)
from markethall_engine.domain.exchange import Duplicate, Exchange
from tests.simulation.oracle.oracle import Oracle
from tests.simulation.traffic import SETUP, traffic

_REFUSALS = (OrderRejected, CancelRejected, ReplaceRejected, CommandRejected)
_STEPS_NS = (0, 1_000_000, 150_000_000, 400_000_000, 1_000_000_000)
_HOUR_NS = 3_600 * 1_000_000_000


class Divergence(AssertionError):
    """The engine and the oracle disagree, or an invariant broke; the message says where and how."""


def run(seed: int, commands: int = 150) -> list[tuple[int, int, Command, list[Event]]]:
    """Run one seed, checking every step; gives what a journal would hold. Raises `Divergence`."""
    exchange, oracle = Exchange(), Oracle()
    journal: list[tuple[int, int, Command, list[Event]]] = []

    def fail(sequence: int, command: Command, problem: str) -> None:
        raise Divergence(f"seed {seed}, command {sequence}: {command}\n{problem}")

    chance = random.Random(seed)
    sequence = time_ns = 0

    def carry_out(command: Command) -> None:
        nonlocal sequence
        sequence += 1
        before = exchange.digest()
        decision = exchange.decide(command, sequence, time_ns)
        if exchange.digest() != before:
            fail(sequence, command, "decide changed the state")
        if isinstance(command, CreateAsset | CreateAccount | CreateInstrument):
            assert not isinstance(decision, Duplicate)
            oracle.set_up(command, decision)
        else:
            expected = oracle.submit(command, sequence, time_ns)
            found = decision.sequence if isinstance(decision, Duplicate) else without_texts(decision)
            if found != expected:
                fail(sequence, command, f"expected {expected}\nfound    {found}")
        if isinstance(decision, Duplicate):
            return
        for event in decision:
            exchange.apply(event, sequence, time_ns)
        journal.append((sequence, time_ns, command, decision))
        for problem in exchange.violations():
            fail(sequence, command, problem)

    def settle() -> None:
        while (owed := exchange.next_command(time_ns)) is not None:
            carry_out(owed)

    for command in (*SETUP, *traffic(seed, commands, first_sequence=len(SETUP) + 1)):
        time_ns += chance.choice(_STEPS_NS) if chance.random() < 0.98 else chance.randint(1, 20) * _HOUR_NS
        settle()
        carry_out(command)
        settle()
    return journal


def without_texts(events: list[Event]) -> list[Event]:
    """The events with the texts of their refusals left out, after checking that there is one."""
    bare: list[Event] = []
    for event in events:
        if isinstance(event, _REFUSALS):
            assert event.detail, event
            bare.append(msgspec.structs.replace(event, detail=""))
        else:
            bare.append(event)
    return bare


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--first", type=int, default=0, help="the first seed")
    parser.add_argument("--seeds", type=int, default=1_000, help="how many seeds")
    parser.add_argument("--commands", type=int, default=300, help="commands a run")
    options = parser.parse_args()
    for seed in range(options.first, options.first + options.seeds):
        run(seed, options.commands)
    sys.stdout.write(f"{options.seeds} runs of {options.commands} commands agree\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
