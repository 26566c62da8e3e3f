"""The trades that self-trade prevention kept an account from, of a record."""

from collections.abc import Iterator
from typing import NamedTuple

from markethall_engine.application.record import Record
from markethall_engine.domain.events import TradePrevented
from markethall_engine.rpc.account_past import Place


class AccountPrevention(NamedTuple):
    """A trade that did not happen, and when."""

    place: Place
    time_ns: int
    prevented: TradePrevented


def preventions_of(record: Record, account_id: str) -> Iterator[AccountPrevention]:
    """The account's prevented trades of a record, in order."""
    number = 0
    for event in record.events:
        if isinstance(event, TradePrevented) and account_id in (event.account_id, event.resting_account_id):
            yield AccountPrevention(Place(record.sequence, number), record.time_ns, event)
            number += 1
