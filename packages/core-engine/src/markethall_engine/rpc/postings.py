"""An account's postings: its ends of the movements in a record."""

from collections.abc import Iterator
from typing import NamedTuple

from markethall_engine.application.record import Record
from markethall_engine.domain.ledger.movements import InstrumentOf, movements_of
from markethall_engine.domain.ledger.records import MovementKind
from markethall_engine.rpc.account_past import Place


class AccountPosting(NamedTuple):
    """What one movement credited to the account, or debited where it is below zero."""

    place: Place
    """Its number counts the postings of the record, everybody's, two a movement: the payer's first."""
    time_ns: int
    asset: str
    amount: int
    kind: MovementKind
    reference: str


def postings_of(record: Record, account_id: str, instrument_of: InstrumentOf) -> Iterator[AccountPosting]:
    """The account's postings of a record, in order."""
    number = 0
    for event in record.events:
        for moved in movements_of(event, instrument_of):
            for owner, amount in ((moved.payer, -moved.amount), (moved.payee, moved.amount)):
                if owner == account_id:
                    place = Place(record.sequence, number)
                    yield AccountPosting(
                        place, record.time_ns, moved.asset, amount, moved.kind, moved.reference
                    )
                number += 1
