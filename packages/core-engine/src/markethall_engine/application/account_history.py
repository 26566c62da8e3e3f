"""Where in the journal each account's records are.

The journal holds the facts and this projection their places, eight bytes a record and account, so that an
account's past (fills, postings, a resumed stream) is read without going through everybody's.
"""

from array import array
from bisect import bisect_right
from collections.abc import Sequence

import msgspec

from markethall_engine.application.integer_arrays import packed, unpacked
from markethall_engine.application.parties import accounts_of
from markethall_engine.application.record import Record

_SEQUENCE = "q"
"""Signed, 64 bits."""


class AccountHistory:
    """The sequences of the durable records that concern an account, in order."""

    name = "account_history"

    def __init__(self) -> None:
        self._sequences: dict[str, array[int]] = {}

    def publish(self, records: Sequence[Record]) -> None:
        known = self._sequences
        for record in records:
            for account_id in accounts_of(record):
                sequences = known.get(account_id)
                if sequences is None:
                    sequences = known[account_id] = array(_SEQUENCE)
                sequences.append(record.sequence)

    def after(self, account_id: str, sequence: int, limit: int) -> Sequence[int]:
        """The first `limit` sequences above `sequence`, ascending."""
        sequences = self._sequences.get(account_id, array(_SEQUENCE))
        start = bisect_right(sequences, sequence)
        return sequences[start : start + limit].tolist()

    def before(self, account_id: str, sequence: int, limit: int) -> Sequence[int]:
        """The last `limit` sequences below `sequence`, descending."""
        sequences = self._sequences.get(account_id, array(_SEQUENCE))
        end = bisect_right(sequences, sequence - 1)
        return sequences[max(0, end - limit) : end].tolist()[::-1]

    def snapshot(self) -> bytes:
        return msgspec.msgpack.encode(
            {account_id: packed(sequences) for account_id, sequences in self._sequences.items()}
        )

    def restore(self, data: bytes) -> None:
        stored = msgspec.msgpack.decode(data, type=dict[str, bytes])
        self._sequences = {
            account_id: unpacked(_SEQUENCE, sequences) for account_id, sequences in stored.items()
        }
