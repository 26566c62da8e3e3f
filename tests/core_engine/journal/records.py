"""Records for tests of the journal, which does not care whether an exchange would have decided so."""

from markethall_engine.application.record import Record
from markethall_engine.domain.account import Account
from markethall_engine.domain.commands import CreateAccount, Deposit
from markethall_engine.domain.events import AccountCreated, FundsDeposited

TIME_NS = 1_700_000_000_123_456_789


def record(sequence: int) -> Record:
    """A record that tells its sequence by its content."""
    time_ns = TIME_NS + sequence
    if sequence % 2:
        name = f'account {sequence} "quoted"\nÆ'
        account = Account(f"a-{sequence}", name, time_ns)
        return Record(sequence, time_ns, CreateAccount(f"a-{sequence}", name), [AccountCreated(account)])
    deposit = Deposit(f"a-{sequence - 1}", "USD", sequence, f"transfer {sequence}")
    event = FundsDeposited(deposit.account_id, "USD", sequence, deposit.reference, sequence, 0)
    return Record(sequence, time_ns, deposit, [event])


def records(first: int, last: int) -> list[Record]:
    return [record(sequence) for sequence in range(first, last + 1)]
