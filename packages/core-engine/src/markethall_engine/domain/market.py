"""One instrument at work: its rules, its book, its last price and whether it is in an auction."""

from typing import Final

from markethall_engine.domain.book.book_side import BookSide
from markethall_engine.domain.book.order_book import OrderBook
from markethall_engine.domain.instrument import Instrument, InstrumentStatus
from markethall_engine.domain.ledger.balance import Balance
from markethall_engine.domain.order import Side

_NOBODY: Final = BookSide(Side.BUY)


class Market:
    """What trading an instrument needs; only `transitions` writes to one."""

    __slots__ = ("auction_end_ns", "book", "fees", "instrument", "is_in_auction", "last_price_ticks")

    def __init__(self, instrument: Instrument, fees: Balance) -> None:
        self.instrument = instrument
        self.fees = fees  # where the venue earns what this instrument's trades pay
        self.book = OrderBook()
        self.last_price_ticks = 0  # 0 before the first trade
        self.is_in_auction = instrument.status is InstrumentStatus.AUCTION
        self.auction_end_ns = 0  # when the auction ends by itself; 0 is never

    def redefine(self, instrument: Instrument) -> None:
        self.instrument = instrument
        self.is_in_auction = instrument.status is InstrumentStatus.AUCTION
        if not self.is_in_auction:
            self.auction_end_ns = 0

    def met_by(self, side: Side) -> BookSide:
        """What an incoming order of `side` can trade with: in the call of an auction, nobody."""
        return _NOBODY if self.is_in_auction else self.book.opposite(side)

    def reference_ticks(self) -> int:
        """The last trade's price, before the first the instrument's own; 0 if there is none."""
        return self.last_price_ticks or self.instrument.reference_price_ticks
