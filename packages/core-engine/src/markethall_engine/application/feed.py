"""Who listens to which durable records, and hands them on as they come."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from markethall_engine.application.record import Record, accounts_of
from markethall_engine.application.subscription import StreamEnded, Subscription
from markethall_engine.domain.events import TradeExecuted


class Feed:
    """A publisher that offers every record to the subscriptions it concerns.

    A subscription holds at most `limit` items that its reader has not taken; a reader that lets it come to
    more is cut off with `SlowReader`.
    """

    def __init__(self, limit: int = 10_000) -> None:
        self._limit = limit
        self._by_account: dict[str, list[Subscription[Record]]] = {}
        self._by_symbol: dict[str, list[Subscription[Record]]] = {}
        self._has_ended = False

    @property
    def open_count(self) -> int:
        """How many subscriptions are open."""
        return sum(
            len(readers) for topic in (self._by_account, self._by_symbol) for readers in topic.values()
        )

    @contextmanager
    def account(self, account_id: str) -> Iterator[Subscription[Record]]:
        """Subscribe to the records that concern an account."""
        with self._subscribed(self._by_account, account_id) as subscription:
            yield subscription

    @contextmanager
    def trades(self, symbol: str) -> Iterator[Subscription[Record]]:
        """Subscribe to the records in which an instrument traded."""
        with self._subscribed(self._by_symbol, symbol) as subscription:
            yield subscription

    def publish(self, records: Sequence[Record]) -> None:
        if self._by_account:
            for record in records:
                for account_id in accounts_of(record) & self._by_account.keys():
                    _offer(self._by_account[account_id], record)
        if self._by_symbol:
            for record in records:
                symbols = {event.symbol for event in record.events if isinstance(event, TradeExecuted)}
                for symbol in symbols & self._by_symbol.keys():
                    _offer(self._by_symbol[symbol], record)

    def end(self) -> None:
        """Tell every reader, now and from now on, that the engine gives no more."""
        self._has_ended = True
        for topic in (self._by_account, self._by_symbol):
            for readers in topic.values():
                for subscription in readers:
                    subscription.end(StreamEnded("the engine is shutting down"))

    @contextmanager
    def _subscribed(
        self, topic: dict[str, list[Subscription[Record]]], key: str
    ) -> Iterator[Subscription[Record]]:
        if self._has_ended:
            raise StreamEnded("the engine is shutting down")
        subscription = Subscription[Record](self._limit)
        topic.setdefault(key, []).append(subscription)
        try:
            yield subscription
        finally:
            topic[key].remove(subscription)
            if not topic[key]:
                del topic[key]


def _offer(readers: list[Subscription[Record]], record: Record) -> None:
    for subscription in readers:
        subscription.offer(record)
