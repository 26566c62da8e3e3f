"""Orders and fills as the contract shows them."""

from markethall_engine.domain.events import TradeExecuted, TradePrevented
from markethall_engine.domain.order import OrderRecord
from markethall_engine.rpc.translate.instructions import instruction_fields
from markethall_engine.rpc.translate.quotation import Quotations
from markethall_engine.rpc.translate.times import timestamp
from markethall_engine.rpc.translate.vocabulary import (
    CANCEL_REASON,
    ORDER_STATUS,
    ORDER_TYPE,
    REJECT_REASON,
    SELF_TRADE_PREVENTION,
    SIDE,
    TIME_IN_FORCE,
)
from markethall_protos import v1
from markethall_protos.codec import composer

# What stands for an order or a fill in a reply: nobody reads them before they are encoded.
_order = composer(v1.Order)
_fill = composer(v1.Fill)

_NOT_REJECTED = v1.RejectReason.UNSPECIFIED
_NOT_CANCELED = v1.CancelReason.UNSPECIFIED
_MAKER, _TAKER = v1.LiquidityRole.MAKER, v1.LiquidityRole.TAKER


class OrderMessages:
    """Writes orders and fills, in the decimals of their instruments, as `codec.composer` does."""

    def __init__(self, quotations: Quotations) -> None:
        self._quotations = quotations

    def order(self, order: OrderRecord) -> v1.Order:
        quotation = self._quotations.of(order.symbol)
        write_price = quotation.price_writer(order.tick_revision)
        has_fills = order.filled_lots > 0
        reject_reason, cancel_reason = order.reject_reason, order.cancel_reason
        return _order(
            str(order.order_id),
            order.client_order_id,
            order.account_id,
            order.symbol,
            SIDE[order.side],
            ORDER_TYPE[order.order_type],
            TIME_IN_FORCE[order.time_in_force],
            ORDER_STATUS[order.status],
            quotation.quantity(order.quantity_lots),
            write_price(order.price_ticks) if order.price_ticks else "",
            quotation.quantity(order.filled_lots),
            quotation.quantity(order.leaves_lots),
            quotation.average_price(order.filled_notional, order.filled_lots) if has_fills else "",
            quotation.money(order.filled_notional) if has_fills else "0",
            quotation.money(order.fees_paid) if has_fills else "0",
            _NOT_REJECTED if reject_reason is None else REJECT_REASON[reject_reason],
            _NOT_CANCELED if cancel_reason is None else CANCEL_REASON[cancel_reason],
            order.detail,
            order.update_sequence,
            timestamp(order.create_time_ns),
            timestamp(order.update_time_ns),
            *instruction_fields(order.instructions, quotation, write_price),
        )

    def fill(self, trade: TradeExecuted, order: OrderRecord, sequence: int, time_ns: int) -> v1.Fill:
        """Write the trade as the account of `order`, which is one side of it, sees it.

        `sequence` and `time_ns` are those of the command that caused it.
        """
        quotation = self._quotations.of(trade.symbol)
        is_maker = trade.maker_order_id == order.order_id
        return _fill(
            str(trade.trade_id),
            str(order.order_id),
            order.client_order_id,
            order.account_id,
            trade.symbol,
            SIDE[order.side],
            _MAKER if is_maker else _TAKER,
            quotation.price_at(sequence, trade.price_ticks),
            quotation.quantity(trade.quantity_lots),
            quotation.money(trade.notional),
            quotation.money(trade.maker_fee if is_maker else trade.taker_fee),
            sequence,
            timestamp(time_ns),
        )

    def prevented_trade(self, event: TradePrevented, sequence: int, time_ns: int) -> v1.PreventedTrade:
        """Write what the command `sequence` would have traded at `time_ns`."""
        quotation = self._quotations.of(event.symbol)
        return v1.PreventedTrade(
            symbol=event.symbol,
            account_id=event.account_id,
            incoming_order_id=str(event.incoming_order_id),
            resting_order_id=str(event.resting_order_id),
            price=quotation.price_at(sequence, event.price_ticks),
            quantity=quotation.quantity(event.quantity_lots),
            self_trade_prevention=SELF_TRADE_PREVENTION[event.self_trade_prevention],
            sequence=sequence,
            prevent_time=timestamp(time_ns),
        )
