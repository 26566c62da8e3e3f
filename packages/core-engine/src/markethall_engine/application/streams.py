"""The streams that readers open: what was since a sequence, and then what comes, without a gap or a repeat.

Every stream is made of durable records. It starts at the moment it is opened; a reader that lost its stream
opens another with the last sequence it read.
"""

import asyncio
from collections.abc import AsyncGenerator

from markethall_engine.application.account_history import AccountHistory
from markethall_engine.application.execution_reports import ExecutionReport, OrderTracker
from markethall_engine.application.feed import Feed
from markethall_engine.application.ports import JournalReader
from markethall_engine.application.record import Record
from markethall_engine.application.sequencer import Sequencer
from markethall_engine.domain.exchange import Exchange
from markethall_engine.domain.instrument import Instrument
from markethall_engine.domain.order import OrderRecord


class CannotResume(Exception):
    """The stream cannot be taken up where the reader left it; open it anew and read the present state."""


class Streams:
    """Opens streams; `resume_limit` is the most records of an account that one is given of the past."""

    def __init__(
        self,
        exchange: Exchange,
        sequencer: Sequencer,
        journal: JournalReader,
        history: AccountHistory,
        feed: Feed,
        *,
        resume_limit: int = 10_000,
    ) -> None:
        self._exchange = exchange
        self._sequencer = sequencer
        self._journal = journal
        self._history = history
        self._feed = feed
        self._resume_limit = resume_limit

    @property
    def open_count(self) -> int:
        """How many streams are open."""
        return self._feed.open_count

    async def execution_reports(
        self, account_id: str, after: int = 0
    ) -> AsyncGenerator[ExecutionReport, None]:
        """Yield what happens to the account's orders; from after the sequence `after`, unless that is 0.

        Raises `CannotResume`, `SlowReader`, and `StreamEnded` when the engine shuts down. To be closed by
        its reader (`contextlib.aclosing`), which ends the subscription.
        """
        with self._feed.account(account_id) as subscription:
            # One moment: the exchange stands at `opened`, and the subscription gives what is not durable yet.
            opened = self._sequencer.sequence
            live_orders = self._exchange.live_orders(account_id)
            if after:
                records = await self._account_records(account_id, after, opened)
                tracker = OrderTracker.before(
                    records, account_id, live_orders, self._closed_order, self._instrument_of
                )
                for record in records:
                    for report in tracker.reports(record):
                        yield report
            else:
                tracker = OrderTracker(account_id, live_orders, self._instrument_of)
            async for record in subscription:
                if record.sequence > opened:
                    for report in tracker.reports(record):
                        yield report

    async def _account_records(self, account_id: str, after: int, until: int) -> list[Record]:
        """Read the account's records above `after` and up to `until`, once that is durable."""
        if after > until:
            raise CannotResume(f"the newest sequence is {until}, found {after} to resume after")
        await self._sequencer.settled()
        sequences = [
            sequence
            for sequence in self._history.after(account_id, after, self._resume_limit + 1)
            if sequence <= until
        ]
        if len(sequences) > self._resume_limit:
            raise CannotResume(
                f"{after} is too far back: more than {self._resume_limit} records of the account followed"
            )
        return await asyncio.to_thread(self._journal.read_each, sequences)

    def _instrument_of(self, symbol: str) -> Instrument:
        instrument = self._exchange.instrument(symbol)
        assert instrument is not None, "what an order is of is an instrument"
        return instrument

    def _closed_order(self, order_id: int) -> OrderRecord:
        order = self._exchange.order(order_id)
        assert order is not None, "what an event speaks of is an order"
        return order
