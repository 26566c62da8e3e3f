"""An account's fills: its sides of the trades in a record."""

from collections.abc import Iterator
from typing import NamedTuple

from markethall_engine.application.record import Record
from markethall_engine.domain.events import TradeExecuted
from markethall_engine.rpc.account_past import Place


class AccountFill(NamedTuple):
    """One side of a trade; `order_id` says which."""

    place: Place
    time_ns: int
    trade: TradeExecuted
    order_id: int


def fills_of(record: Record, account_id: str) -> Iterator[AccountFill]:
    """The account's fills of a record, in order; of a trade with itself, the maker's first."""
    number = 0
    for event in record.events:
        if isinstance(event, TradeExecuted):
            for owner, order_id in (
                (event.maker_account_id, event.maker_order_id),
                (event.taker_account_id, event.taker_order_id),
            ):
                if owner == account_id:
                    yield AccountFill(Place(record.sequence, number), record.time_ns, event, order_id)
                    number += 1
