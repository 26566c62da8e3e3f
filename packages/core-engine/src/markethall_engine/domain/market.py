"""One instrument at work: its rules, its book and its last price."""

from markethall_engine.domain.book.order_book import OrderBook
from markethall_engine.domain.instrument import Instrument
from markethall_engine.domain.ledger.balance import Balance


class Market:
    """What trading an instrument needs; only `transitions` writes to one."""

    __slots__ = ("book", "fees", "instrument", "last_price_ticks")

    def __init__(self, instrument: Instrument, fees: Balance) -> None:
        self.instrument = instrument
        self.fees = fees  # where the venue earns what this instrument's trades pay
        self.book = OrderBook()
        self.last_price_ticks = 0  # 0 before the first trade
