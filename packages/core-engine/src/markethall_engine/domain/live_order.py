"""An order while it lives, with what the engine needs at hand to fill it.

Only `transitions` writes to one. What leaves the domain is an `OrderRecord` made of it.
"""

from markethall_engine.domain.ledger.balance import Balance
from markethall_engine.domain.order import OrderRecord, OrderStatus, OrderType, Side, TimeInForce
from markethall_engine.domain.reasons import CancelReason


class LiveOrder:
    """An accepted order that is not yet filled or canceled; `quantity = filled + leaves`, always."""

    __slots__ = (
        "account_id",
        "client_order_id",
        "create_time_ns",
        "fee_credit",
        "fees_paid",
        "filled_lots",
        "filled_notional",
        "is_resting",
        "leaves_lots",
        "maker_fee_ppm",
        "next",
        "order_id",
        "order_type",
        "pays",
        "previous",
        "price_ticks",
        "quantity_lots",
        "receives",
        "reserved",
        "side",
        "symbol",
        "taker_fee_ppm",
        "time_in_force",
        "update_sequence",
        "update_time_ns",
    )

    def __init__(
        self,
        *,
        order_id: int,
        account_id: str,
        client_order_id: str,
        symbol: str,
        side: Side,
        order_type: OrderType,
        time_in_force: TimeInForce,
        quantity_lots: int,
        price_ticks: int,
        reserved: int,
        maker_fee_ppm: int,
        taker_fee_ppm: int,
        pays: Balance,
        receives: Balance,
        time_ns: int,
    ) -> None:
        self.order_id = order_id
        self.account_id = account_id
        self.client_order_id = client_order_id
        self.symbol = symbol
        self.side = side
        self.order_type = order_type
        self.time_in_force = time_in_force
        self.quantity_lots = quantity_lots
        self.price_ticks = price_ticks
        self.leaves_lots = quantity_lots
        self.filled_lots = 0
        self.filled_notional = 0
        self.fees_paid = 0
        self.fee_credit = 0  # see `ledger.fees`
        self.reserved = reserved
        self.maker_fee_ppm = maker_fee_ppm
        self.taker_fee_ppm = taker_fee_ppm
        self.pays = pays  # quote for a buy, base for a sell; `reserved` is held back there
        self.receives = receives
        self.create_time_ns = time_ns
        self.update_time_ns = time_ns
        self.update_sequence = order_id
        self.is_resting = False
        self.previous: LiveOrder | None = None  # in the queue of its price level
        self.next: LiveOrder | None = None

    def age(self) -> int:
        """What sorts orders from the oldest to the newest."""
        return self.order_id

    def highest_fee_ppm(self) -> int:
        """The rate that its reservation must be enough for."""
        return max(self.maker_fee_ppm, self.taker_fee_ppm)

    def record(self) -> OrderRecord:
        """The order as it stands."""
        status = OrderStatus.PARTIALLY_FILLED if self.filled_lots else OrderStatus.NEW
        return self._record(status, self.leaves_lots, 0, None)

    def filled_record(self) -> OrderRecord:
        """The order as it ends without leaves."""
        return self._record(OrderStatus.FILLED, 0, 0, None)

    def canceled_record(self, reason: CancelReason) -> OrderRecord:
        """The order as it ends when its leaves are canceled."""
        return self._record(OrderStatus.CANCELED, 0, self.leaves_lots, reason)

    def _record(
        self, status: OrderStatus, leaves_lots: int, canceled_lots: int, cancel_reason: CancelReason | None
    ) -> OrderRecord:
        # By position: this is on the path of every order that ends, and names cost four times as much.
        return OrderRecord(
            self.order_id,
            self.account_id,
            self.client_order_id,
            self.symbol,
            self.side,
            self.order_type,
            self.time_in_force,
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
        )
