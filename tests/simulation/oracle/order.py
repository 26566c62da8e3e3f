"""An order of the oracle, with every fill that it ever had."""

from dataclasses import dataclass, field, replace
from fractions import Fraction
from math import ceil

from markethall_engine.domain.instructions import Instructions
from markethall_engine.domain.instrument import Instrument
from markethall_engine.domain.order import OrderType, Side, TimeInForce

STOPS = (OrderType.STOP, OrderType.STOP_LIMIT, OrderType.TRAILING_STOP)
IMMEDIATE = (TimeInForce.IOC, TimeInForce.FOK)


@dataclass(eq=False)
class Order:
    """What is kept is what was asked and what was traded; all else is computed when it is asked for."""

    order_id: int
    account_id: str
    instrument: Instrument  # as it is now; the order's fees are those of when it was accepted
    side: Side
    order_type: OrderType
    time_in_force: TimeInForce
    price_ticks: int
    quantity_lots: int
    replied_instructions: Instructions | None
    maker_fee_ppm: int
    taker_fee_ppm: int
    arrival: int = 0  # when it last joined a queue; 0 while it is in none
    shown_lots: int = 0  # while it is in one
    bound_ticks: int = 0  # of a market order: how far it may go; 0 for no end
    is_short_of_more: bool = False  # whether there was something beyond
    is_liquidation: bool = False  # no band ends it
    cost: int = 0  # of a market order: what all its fills take from its account
    is_pending: bool = False  # a stop order that was not released yet
    is_due: bool = False  # a pending one whose release is on its way
    extreme_ticks: int = 0  # of a trailing stop: the best price since it was accepted; 0 for none yet
    fills: list[tuple[int, int, int]] = field(default_factory=list)  # lots, notional, rate in ppm

    def copy(self) -> "Order":
        return replace(self, fills=list(self.fills))

    @property
    def symbol(self) -> str:
        return self.instrument.symbol

    @property
    def instructions(self) -> Instructions:
        return self.replied_instructions or Instructions()

    @property
    def is_market(self) -> bool:
        return self.price_ticks == 0

    @property
    def may_rest(self) -> bool:
        """Whether it may be found in the book, or wait to be released."""
        return self.is_pending or (not self.is_market and self.time_in_force not in IMMEDIATE)

    @property
    def limit_ticks(self) -> int:
        """The worst price at which it trades; 0 for any."""
        return self.price_ticks or self.bound_ticks

    @property
    def stop_ticks(self) -> int:
        """What releases it; 0 for nothing yet."""
        if self.order_type is not OrderType.TRAILING_STOP:
            return self.instructions.stop_price_ticks
        if self.extreme_ticks == 0:
            return 0
        wish = self.instructions
        distance = wish.trailing_ticks or max(1, self.extreme_ticks * wish.trailing_ppm // 1_000_000)
        if self.side is Side.BUY:
            return self.extreme_ticks + distance
        return max(1, self.extreme_ticks - distance)

    @property
    def filled_lots(self) -> int:
        return sum(lots for lots, _, _ in self.fills)

    @property
    def filled_notional(self) -> int:
        return sum(notional for _, notional, _ in self.fills)

    @property
    def leaves_lots(self) -> int:
        return self.quantity_lots - self.filled_lots

    @property
    def hidden_lots(self) -> int:
        return self.leaves_lots - self.shown_lots if self.arrival else 0

    @property
    def exact_fee(self) -> Fraction:
        return sum((Fraction(notional * rate, 1_000_000) for _, notional, rate in self.fills), Fraction())

    @property
    def fee(self) -> int:
        return ceil(self.exact_fee)

    @property
    def pays(self) -> str:
        """The asset that it holds back."""
        return self.instrument.quote_asset if self.side is Side.BUY else self.instrument.base_asset

    @property
    def spent(self) -> int:
        """What its fills took of that asset."""
        if self.side is Side.BUY:
            return self.filled_notional + self.fee
        return self.filled_lots * self.instrument.lot_units

    @property
    def needs(self) -> int:
        """What it must hold back."""
        if self.leaves_lots == 0 or self.is_pending:
            return 0
        if self.is_market:
            return self.cost - self.spent
        if self.side is Side.SELL:
            return self.leaves_lots * self.instrument.lot_units
        notional = self.leaves_lots * self.price_ticks * self.instrument.tick_value
        highest = max(self.maker_fee_ppm, self.taker_fee_ppm)
        return notional + ceil(self.exact_fee + Fraction(notional * highest, 1_000_000)) - self.fee
