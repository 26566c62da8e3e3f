"""One instrument at work: its rules, its book, its last price and whether it is in an auction."""

from typing import Final

from markethall_engine.domain.book.book_side import BookSide
from markethall_engine.domain.book.order_book import OrderBook
from markethall_engine.domain.instrument import Instrument, InstrumentStatus
from markethall_engine.domain.ledger.balance import Balance
from markethall_engine.domain.live_order import LiveOrder
from markethall_engine.domain.order import Side
from markethall_engine.domain.stops import Stops

_NOBODY: Final = BookSide(Side.BUY)


class Market:
    """What trading an instrument needs; only `transitions` writes to one."""

    __slots__ = (
        "auction_price_ticks",
        "book",
        "fees",
        "first_price_ticks",
        "instrument",
        "is_in_auction",
        "last_price_ticks",
        "stops",
    )

    def __init__(self, instrument: Instrument, fees: Balance) -> None:
        self.instrument = instrument
        self.fees = fees  # where the venue earns what this instrument's trades pay
        self.book = OrderBook()
        self.last_price_ticks = 0  # 0 before the first trade
        self.stops: Stops | None = None  # stop orders that wait for their price, if there are any
        self.is_in_auction = instrument.status is InstrumentStatus.AUCTION
        self.auction_price_ticks = 0  # of the last auction with trades; 0 before the first
        self.first_price_ticks = 0  # of the first trade

    def redefine(self, instrument: Instrument) -> None:
        self.instrument = instrument
        self.is_in_auction = instrument.status is InstrumentStatus.AUCTION

    def await_price(self, order: LiveOrder, stop_price_ticks: int) -> None:
        """Have a stop order wait for its price, or for 0 trail the market."""
        if self.stops is None:
            self.stops = Stops()
        self.stops.add(order, stop_price_ticks)

    def forget_stop(self, order: LiveOrder) -> None:
        """Have a stop order wait no more, if it still does."""
        assert order.instructions is not None, "a stop order has a stop price or a distance"
        if self.stops is not None:
            self.stops.discard(order, order.instructions.stop_price_ticks)
            if not self.stops:
                self.stops = None

    def take_reached(self, price_ticks: int) -> list[LiveOrder]:
        """Take out the stop orders that a trade releases, in the order in which that is to happen.

        To be asked only where there are any.
        """
        assert self.stops is not None, "whoever asks has looked"
        reached = self.stops.take_reached(price_ticks)
        if not self.stops:
            self.stops = None
        return reached

    def waiting_orders(self) -> list[LiveOrder]:
        """The stop orders that wait for their price, in no order that means anything."""
        return [] if self.stops is None else list(self.stops)

    def met_by(self, side: Side) -> BookSide:
        """What an incoming order of `side` can trade with: in the call of an auction, nobody."""
        return _NOBODY if self.is_in_auction else self.book.opposite(side)

    def anchor_ticks(self) -> int:
        """What the volatility band is around; 0 before there is anything."""
        return self.auction_price_ticks or self.instrument.reference_price_ticks or self.first_price_ticks

    def reference_ticks(self) -> int:
        """The last trade's price, before the first the instrument's own; 0 if there is none."""
        return self.last_price_ticks or self.instrument.reference_price_ticks
