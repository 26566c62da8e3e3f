"""Everything that the journal's records add up to: the exchange, and the projections beside it."""

from collections.abc import Sequence

from markethall_engine.application.account_history import AccountHistory
from markethall_engine.application.equity_history import EquityHistory
from markethall_engine.application.ports import Snapshot
from markethall_engine.application.record import Record
from markethall_engine.domain.exchange import Exchange
from markethall_engine.market_data.projection import MarketData


class VenueState:
    """The state after some record.

    Live, the sequencer applies events to the exchange before their flush and publishes records to the
    projections after it; in recovery both happen at once.
    """

    def __init__(self) -> None:
        self.exchange = Exchange()
        self.market_data = MarketData()
        self.account_history = AccountHistory()
        self.equity_history = EquityHistory()

    @classmethod
    def restore(cls, snapshot: Snapshot) -> "VenueState":
        """Raises `ValueError` (`SnapshotError` is one) for a snapshot that this version does not know."""
        state = cls()
        state.exchange = Exchange.restore(snapshot.exchange)
        state.market_data = MarketData.restore(snapshot.market_data)
        state.account_history.restore(snapshot.account_history)
        state.equity_history.restore(snapshot.equity_history)
        return state

    def apply(self, records: Sequence[Record]) -> None:
        """Take the next records as they were decided once."""
        apply_all, follow = self.exchange.apply_all, self.market_data.apply
        for record in records:
            sequence, time_ns = record.sequence, record.time_ns
            apply_all(record.events, sequence, time_ns)
            follow(record.events, sequence, time_ns, tells=False)
        self.account_history.publish(records)
        self.equity_history.publish(records)

    def snapshot(self, journal_checksum: str) -> Snapshot:
        """The whole state; `journal_checksum` is the journal's at the exchange's sequence."""
        return Snapshot(
            sequence=self.exchange.sequence,
            time_ns=self.exchange.time_ns,
            journal_checksum=journal_checksum,
            digest=self.exchange.digest(),
            exchange=self.exchange.snapshot(),
            market_data=self.market_data.snapshot(),
            account_history=self.account_history.snapshot(),
            equity_history=self.equity_history.snapshot(),
        )
