"""Hands durable records on: to the market data, and to whoever subscribed to what they concern."""

from collections.abc import Container, Iterator, Sequence
from contextlib import AbstractContextManager, closing, contextmanager
from typing import Generic, Protocol, TypeVar

from markethall_engine.application.change_signal import ChangeSignal
from markethall_engine.application.parties import accounts_of
from markethall_engine.application.record import Record
from markethall_engine.application.subscription import StreamEnded, Subscription
from markethall_engine.market_data.projection import MarketData
from markethall_engine.market_data.updates import MarketUpdate

T = TypeVar("T")
T_contra = TypeVar("T_contra", contravariant=True)

_ALL = ""
"""No symbol: stands for all of them, those to come included."""


class Reader(Protocol[T_contra]):
    """Whoever is offered items; must be quick about it."""

    def offer(self, item: T_contra) -> None: ...

    def end(self, reason: Exception) -> None:
        """There is no more."""
        ...


class Topic(Generic[T]):
    """Readers by key. A subscription holds at most `limit` items that were not taken."""

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._readers: dict[str, list[Reader[T]]] = {}
        self._ended: StreamEnded | None = None

    @property
    def has_readers(self) -> bool:
        return bool(self._readers)

    @property
    def open_count(self) -> int:
        return len({id(one) for readers in self._readers.values() for one in readers})

    @contextmanager
    def subscribe(self, *keys: str) -> Iterator[Subscription[T]]:
        """Give one subscription what is offered under the keys; raises `StreamEnded` after `end`."""
        subscription = Subscription[T](self._limit)
        with self.read_by(subscription, *keys):
            yield subscription

    @contextmanager
    def read_by(self, reader: Reader[T], *keys: str) -> Iterator[None]:
        """Offer the reader what is offered under the keys; raises `StreamEnded` after `end`."""
        if self._ended is not None:
            raise self._ended
        for key in keys:
            self._readers.setdefault(key, []).append(reader)
        try:
            yield
        finally:
            for key in keys:
                self._readers[key].remove(reader)
                if not self._readers[key]:
                    del self._readers[key]

    def offer(self, key: str, item: T) -> None:
        for reader in self._readers.get(key, ()):
            reader.offer(item)

    def end(self, reason: StreamEnded) -> None:
        """Tell every reader, now and from now on, that there is no more."""
        self._ended = reason
        for readers in self._readers.values():
            for reader in readers:
                reader.end(reason)


class _Records:
    """Reads that there are records."""

    def __init__(self, signal: ChangeSignal) -> None:
        self._signal = signal
        self.end = signal.end

    def offer(self, item: Record) -> None:
        self._signal.set()


class _Prices:
    """Reads that some instruments traded."""

    def __init__(self, signal: ChangeSignal, symbols: Container[str]) -> None:
        self._signal = signal
        self._symbols = symbols
        self.end = signal.end

    def offer(self, item: MarketUpdate) -> None:
        if item.trades and item.symbol in self._symbols:
            self._signal.set_soon()


class Feed:
    """A publisher: the market data follows the records, and subscribers get records and market updates.

    A reader that lets more than `limit` items wait is cut off with `SlowReader`.
    """

    def __init__(self, market_data: MarketData, limit: int = 10_000) -> None:
        self.market_data = market_data
        self._accounts = Topic[Record](limit)
        self._instruments = Topic[MarketUpdate](limit)

    @property
    def open_count(self) -> int:
        """How many subscriptions are open."""
        return self._accounts.open_count + self._instruments.open_count

    def account(self, account_id: str) -> AbstractContextManager[Subscription[Record]]:
        """Subscribe to the records that concern an account."""
        return self._accounts.subscribe(account_id)

    def instruments(self, *symbols: str) -> AbstractContextManager[Subscription[MarketUpdate]]:
        """Subscribe to what records change in the market data of instruments, of all where none is named."""
        return self._instruments.subscribe(*symbols or (_ALL,))

    @contextmanager
    def portfolio(self, account_id: str, symbols: Container[str]) -> Iterator[ChangeSignal]:
        """Signal records that concern an account, and soon trades of `symbols`, which may change."""
        signal = ChangeSignal()
        with (
            closing(signal),
            self._accounts.read_by(_Records(signal), account_id),
            self._instruments.read_by(_Prices(signal, symbols), _ALL),
        ):
            yield signal

    def publish(self, records: Sequence[Record]) -> None:
        follow = self.market_data.apply
        accounts, instruments = self._accounts, self._instruments
        tells = instruments.has_readers
        for record in records:
            for update in follow(record.events, record.sequence, record.time_ns, tells=tells):
                instruments.offer(update.symbol, update)
                instruments.offer(_ALL, update)
            if accounts.has_readers:
                for account_id in accounts_of(record):
                    accounts.offer(account_id, record)

    def end(self) -> None:
        """Tell every reader, now and from now on, that the engine gives no more."""
        reason = StreamEnded("the engine is shutting down")
        self._accounts.end(reason)
        self._instruments.end(reason)
