"""The unit of the journal: one command, when it came and what the exchange decided."""

import msgspec

from markethall_engine.domain.commands import Command
from markethall_engine.domain.events import Event


class Record(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """One decided command. Its sequence is its place in the order of all commands, from 1 without a gap.

    `time_ns` is when the sequencer stamped it, in nanoseconds since 1970 (UTC); it never falls from one
    record to the next, but only the sequence says what came first.
    """

    sequence: int
    time_ns: int
    command: Command
    events: list[Event]
