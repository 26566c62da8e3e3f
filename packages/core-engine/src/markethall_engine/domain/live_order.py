"""An order while it lives, with what the engine needs at hand to fill it.

Only `transitions` writes to one. What leaves the domain is an `OrderRecord` made of it.
"""

from typing import TYPE_CHECKING, Final

import msgspec

from markethall_engine.domain.book.book_order import BookOrder
from markethall_engine.domain.events import OrderAccepted
from markethall_engine.domain.ledger.balance import Balance
from markethall_engine.domain.order import OrderRecord, OrderStatus, OrderType, ended_status
from markethall_engine.domain.reasons import CancelReason
from markethall_engine.domain.stop_price import stop_ticks

_LIMIT: Final = OrderType.LIMIT
_MARKET: Final = OrderType.MARKET
_FILLED: Final = OrderStatus.FILLED

if TYPE_CHECKING:
    from markethall_engine.domain.account_state import AccountState


class LiveOrder:
    """An accepted order that is not yet filled or canceled; `quantity = filled + leaves`, always."""

    __slots__ = (
        "account_id",
        "create_time_ns",
        "extreme_ticks",
        "fee_credit",
        "fees_paid",
        "filled_lots",
        "filled_notional",
        "hidden_lots",
        "instructions",
        "is_pending",
        "is_resting",
        "leaves_lots",
        "newer",
        "next",
        "older",
        "order_id",
        "owner",
        "pays",
        "previous",
        "price_ticks",
        "quantity_lots",
        "receives",
        "reserved",
        "side",
        "symbol",
        "terms",
        "tick_revision",
        "update_sequence",
        "update_time_ns",
    )

    def __init__(
        self, terms: OrderAccepted, owner: "AccountState", *, pays: Balance, receives: Balance, time_ns: int
    ) -> None:
        """An order with the terms it was accepted with; a replace changes all but its fee rates."""
        self.terms = terms
        self.owner = owner
        self.pays = pays  # quote for a buy, base for a sell; `reserved` is held back there
        self.receives = receives
        self.order_id = terms.order_id
        self.account_id = terms.account_id
        self.symbol = terms.symbol
        self.side = terms.side
        self.quantity_lots = terms.quantity_lots
        self.price_ticks = terms.price_ticks
        self.leaves_lots = terms.quantity_lots
        self.hidden_lots = 0  # of its leaves, what an iceberg in the book does not show
        self.instructions = terms.instructions
        self.tick_revision = terms.tick_revision  # the instrument's now, whenever the order came
        self.reserved = terms.reserved
        self.filled_lots = 0
        self.filled_notional = 0
        self.fees_paid = 0
        self.fee_credit = 0  # see `ledger.fees`
        self.create_time_ns = time_ns
        self.update_time_ns = time_ns
        self.update_sequence = terms.order_id
        self.is_resting = False
        # Whether it waits for its stop price, and the market's highest or lowest price that it trails.
        self.is_pending = terms.order_type is not _LIMIT and terms.order_type is not _MARKET
        self.extreme_ticks = 0
        self.previous: LiveOrder | None = None  # in the queue of its price level
        self.next: LiveOrder | None = None
        self.older: LiveOrder | None = None  # among those of its account
        self.newer: LiveOrder | None = None

    def age(self) -> int:
        """What sorts orders from the oldest to the newest."""
        return self.order_id

    def highest_fee_ppm(self) -> int:
        """The rate that its reservation must be enough for."""
        return max(self.terms.maker_fee_ppm, self.terms.taker_fee_ppm)

    def book_order(self) -> BookOrder:
        """The order, which rests, as everyone may see it."""
        return BookOrder(self.order_id, self.side, self.price_ticks, self.leaves_lots - self.hidden_lots)

    def record(self) -> OrderRecord:
        """The order as it stands."""
        status = OrderStatus.PARTIALLY_FILLED if self.filled_lots else OrderStatus.NEW
        if self.is_pending:
            status = OrderStatus.PENDING_TRIGGER
        return self._record(status, self.leaves_lots, 0, None)

    def filled_record(self) -> OrderRecord:
        """The order as it ends without leaves."""
        return self._record(_FILLED, 0, 0, None)

    def canceled_record(self, reason: CancelReason) -> OrderRecord:
        """The order as it ends when its leaves are canceled."""
        return self._record(ended_status(reason), 0, self.leaves_lots, reason)

    def _record(
        self, status: OrderStatus, leaves_lots: int, canceled_lots: int, cancel_reason: CancelReason | None
    ) -> OrderRecord:
        terms = self.terms
        instructions = self.instructions
        if self.extreme_ticks and instructions is not None:
            stop_price_ticks = stop_ticks(self.side, instructions, self.extreme_ticks)
            instructions = msgspec.structs.replace(instructions, stop_price_ticks=stop_price_ticks)
        # By position: this is on the path of every order that ends, and names cost four times as much.
        return OrderRecord(
            self.order_id,
            self.account_id,
            terms.client_order_id,
            self.symbol,
            self.side,
            terms.order_type,
            terms.time_in_force,
            status,
            self.quantity_lots,
            self.price_ticks,
            self.filled_lots,
            leaves_lots,
            canceled_lots,
            self.filled_notional,
            self.fees_paid,
            self.reserved,
            None,
            cancel_reason,
            "",
            self.create_time_ns,
            self.update_time_ns,
            self.update_sequence,
            instructions,
            self.tick_revision,
        )
