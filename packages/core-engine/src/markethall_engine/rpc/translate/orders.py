"""Orders and fills as the contract shows them."""

from markethall_engine.domain.events import TradeExecuted
from markethall_engine.domain.order import OrderRecord, OrderType
from markethall_engine.rpc.translate.quotation import Quotations
from markethall_engine.rpc.translate.times import timestamp
from markethall_engine.rpc.translate.vocabulary import (
    CANCEL_REASON,
    ORDER_STATUS,
    ORDER_TYPE,
    REJECT_REASON,
    SIDE,
    TIME_IN_FORCE,
)
from markethall_protos import v1

_MARKET = OrderType.MARKET
_NOT_REJECTED = v1.RejectReason.UNSPECIFIED
_NOT_CANCELED = v1.CancelReason.UNSPECIFIED
_NO_PREVENTION = v1.SelfTradePrevention.UNSPECIFIED
_MAKER, _TAKER = v1.LiquidityRole.MAKER, v1.LiquidityRole.TAKER


class OrderMessages:
    """Writes orders and fills, in the decimals of their instruments."""

    def __init__(self, quotations: Quotations) -> None:
        self._quotations = quotations

    def order(self, order: OrderRecord) -> v1.Order:
        quotation = self._quotations.of(order.symbol)
        has_fills = order.filled_lots > 0
        reject_reason, cancel_reason = order.reject_reason, order.cancel_reason
        # Enums are given in full: the default of one costs more than the rest of its field.
        return v1.Order(
            order_id=str(order.order_id),
            client_order_id=order.client_order_id,
            account_id=order.account_id,
            symbol=order.symbol,
            side=SIDE[order.side],
            type=ORDER_TYPE[order.order_type],
            time_in_force=TIME_IN_FORCE[order.time_in_force],
            status=ORDER_STATUS[order.status],
            quantity=quotation.quantity(order.quantity_lots),
            price="" if order.order_type is _MARKET else quotation.price(order.price_ticks),
            filled_quantity=quotation.quantity(order.filled_lots),
            leaves_quantity=quotation.quantity(order.leaves_lots),
            average_price=quotation.average_price(order.filled_notional, order.filled_lots),
            filled_notional=quotation.money(order.filled_notional) if has_fills else "0",
            fee=quotation.money(order.fees_paid) if has_fills else "0",
            reject_reason=_NOT_REJECTED if reject_reason is None else REJECT_REASON[reject_reason],
            cancel_reason=_NOT_CANCELED if cancel_reason is None else CANCEL_REASON[cancel_reason],
            reject_detail=order.detail,
            sequence=order.update_sequence,
            create_time=timestamp(order.create_time_ns),
            update_time=timestamp(order.update_time_ns),
            self_trade_prevention=_NO_PREVENTION,
        )

    def fill(self, trade: TradeExecuted, order: OrderRecord, sequence: int, time_ns: int) -> v1.Fill:
        """Write the trade as the account of `order`, which is one side of it, sees it.

        `sequence` and `time_ns` are those of the command that caused it.
        """
        quotation = self._quotations.of(trade.symbol)
        is_maker = trade.maker_order_id == order.order_id
        return v1.Fill(
            trade_id=str(trade.trade_id),
            order_id=str(order.order_id),
            client_order_id=order.client_order_id,
            account_id=order.account_id,
            symbol=trade.symbol,
            side=SIDE[order.side],
            liquidity_role=_MAKER if is_maker else _TAKER,
            price=quotation.price(trade.price_ticks),
            quantity=quotation.quantity(trade.quantity_lots),
            notional=quotation.money(trade.notional),
            fee=quotation.money(trade.maker_fee if is_maker else trade.taker_fee),
            sequence=sequence,
            trade_time=timestamp(time_ns),
        )
