"""The unit of the journal: one command, when it came and what the exchange decided."""

import msgspec

from markethall_engine.domain.commands import Command
from markethall_engine.domain.events import Event, OrderCanceled, TradeExecuted


class Record(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """One decided command. Its sequence is its place in the order of all commands, from 1 without a gap.

    `time_ns` is when the sequencer stamped it, in nanoseconds since 1970 (UTC); it never falls from one
    record to the next, but only the sequence says what came first.
    """

    sequence: int
    time_ns: int
    command: Command
    events: list[Event]


def accounts_of(record: Record) -> set[str]:
    """The accounts that a record concerns: who asked, and whose orders traded or ended."""
    account_id = getattr(record.command, "account_id", "")
    accounts = {account_id} if account_id else set()
    for event in record.events:
        if isinstance(event, TradeExecuted):
            accounts.add(event.maker_account_id)
            accounts.add(event.taker_account_id)
        elif isinstance(event, OrderCanceled):
            accounts.add(event.account_id)
    return accounts
