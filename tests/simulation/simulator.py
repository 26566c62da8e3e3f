"""One seeded run: the same traffic through the engine's domain and through the oracle.

`hatch run simulate` does so for as many seeds as there is time for.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import zip_longest

import msgspec

from markethall_engine.domain.commands import (
    Command,
    CreateAccount,
    CreateAsset,
    CreateInstrument,
    PlaceOrder,
)
from markethall_engine.domain.events import (
    CancelRejected,
    CommandRejected,
    Event,
    OrderCanceled,
    OrderRejected,
    ReplaceRejected,
)
from markethall_engine.domain.exchange import Duplicate, Exchange
from tests.simulation.oracle.oracle import Oracle
from tests.simulation.priority import broken_priority
from tests.simulation.traffic import Traffic

_REFUSALS = (OrderRejected, CancelRejected, ReplaceRejected, CommandRejected)

JournalEntry = tuple[int, int, Command, list[Event]]
"""Sequence, time in nanoseconds, command and its events."""


class Divergence(AssertionError):
    """The engine and the oracle disagree, or an invariant broke; the message says where and how."""


@dataclass
class Simulation:
    """An engine and an oracle that are told the same; every step is checked."""

    name: str
    exchange: Exchange = field(default_factory=Exchange)
    oracle: Oracle = field(default_factory=Oracle)
    journal: list[JournalEntry] = field(default_factory=list)
    """What the engine's would hold."""
    asked: list[tuple[int, tuple[Command, ...]]] = field(default_factory=list)
    """Times and what clients asked then."""

    def ask(self, time_ns: int, *commands: Command) -> Sequence[JournalEntry]:
        """Carry out a client's command, or an all-or-none batch, between what the venue owes itself.

        Gives what that adds to the journal. Raises `Divergence`.
        """
        before = len(self.journal)
        self.asked.append((time_ns, commands))
        self._settle(time_ns)
        if len(commands) > 1:
            commands = self._batch(commands, time_ns)
        for command in commands:
            self._carry_out(command, time_ns)
        self._settle(time_ns)
        return self.journal[before:]

    def _batch(self, commands: Sequence[Command], time_ns: int) -> tuple[Command, ...]:
        """The orders of a batch with what became of it, as they are decided."""
        orders = [command for command in commands if isinstance(command, PlaceOrder)]
        sequence = len(self.journal) + 1
        problem = self.exchange.why_batch_is_refused(orders, sequence, time_ns)
        expected = self.oracle.refuses_batch(orders, sequence, time_ns)
        if bool(problem) is not expected:
            self._fail(f"{orders}\nexpected {'a' if expected else 'no'} refusal\nfound    {problem!r}")
        return tuple(msgspec.structs.replace(order, refused_because=problem) for order in orders)

    def _settle(self, time_ns: int) -> None:
        while True:
            owed, expected = self.exchange.next_command(time_ns), self.oracle.next_command(time_ns)
            if owed != expected:
                self._fail(f"expected to be owed {expected}\nfound {owed}")
            if owed is None:
                break
            self._carry_out(owed, time_ns)
        timer_ns, expected_ns = self.exchange.next_timer_ns(), self.oracle.next_timer_ns()
        if timer_ns != expected_ns:
            self._fail(f"expected a timer at {expected_ns}\nfound {timer_ns}")

    def _carry_out(self, command: Command, time_ns: int) -> None:
        sequence = len(self.journal) + 1
        before = self.exchange.digest()
        decision = self.exchange.decide(command, sequence, time_ns)
        if self.exchange.digest() != before:
            self._fail(f"{command}\ndecide changed the state")
        if isinstance(command, CreateAsset | CreateAccount | CreateInstrument):
            assert not isinstance(decision, Duplicate)
            self.oracle.set_up(command, decision)
        else:
            expected = self.oracle.submit(command, sequence, time_ns)
            found = decision.sequence if isinstance(decision, Duplicate) else without_texts(decision)
            if found != expected:
                self._fail(f"{command}\n{difference(expected, found)}")
        if isinstance(decision, Duplicate):
            return
        for event in decision:
            problem = broken_priority(self.exchange, event)
            if problem:
                self._fail(f"{command}\n{problem}")
            self.exchange.apply(event, sequence, time_ns)
        self.journal.append((sequence, time_ns, command, decision))
        for problem in self.exchange.violations():
            self._fail(f"{command}\n{problem}")

    def _fail(self, problem: str) -> None:
        raise Divergence(f"{self.name}, command {len(self.journal) + 1}: {problem}")


def run(seed: int, commands: int = 150) -> list[JournalEntry]:
    """Run one seed, checking every step; gives what a journal would hold. Raises `Divergence`."""
    return simulate(seed, commands).journal


def simulate(seed: int, commands: int) -> Simulation:
    """Run one seed, and give all of it."""
    simulation, traffic = Simulation(f"seed {seed}"), Traffic(seed)
    for time_ns, asked in traffic.asked(commands):
        traffic.hear(simulation.ask(time_ns, *asked))
    return simulation


def difference(expected: list[Event] | int, found: list[Event] | int) -> str:
    """What both say up to where they differ, and there, for people to read."""
    if isinstance(expected, int) or isinstance(found, int):
        return f"expected {expected}\nfound    {found}"
    lines = []
    for one, other in zip_longest(expected, found):
        if one != other:
            return "\n".join([*lines, f"expected {one}", f"found    {other}"])
        lines.append(f"both     {one}")
    return "\n".join(lines)


def without_texts(events: list[Event]) -> list[Event]:
    """The events with the texts of their refusals left out, after checking that there is one."""
    bare: list[Event] = []
    for event in events:
        is_refusal = isinstance(event, _REFUSALS)
        if isinstance(event, OrderCanceled):
            is_refusal = event.reject_reason is not None
        if is_refusal:
            assert event.detail, event
            bare.append(msgspec.structs.replace(event, detail=""))
        else:
            bare.append(event)
    return bare
