"""One instrument at work: its rules, its book and its last price."""

from markethall_engine.domain.book.order_book import OrderBook
from markethall_engine.domain.instrument import Instrument


class Market:
    """What trading an instrument needs; only `transitions` writes to one."""

    __slots__ = ("book", "instrument", "last_price_ticks")

    def __init__(self, instrument: Instrument) -> None:
        self.instrument = instrument
        self.book = OrderBook()
        self.last_price_ticks = 0  # 0 before the first trade
