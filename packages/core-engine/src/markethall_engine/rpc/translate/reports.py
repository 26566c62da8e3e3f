"""Execution reports as the contract shows them."""

from markethall_engine.application.execution_reports import ExecutionReport
from markethall_engine.domain.events import (
    OrderAccepted,
    OrderCanceled,
    OrderReduced,
    OrderRejected,
    OrderReplaced,
    OrderTriggered,
    TradeExecuted,
)
from markethall_engine.domain.order import OrderStatus
from markethall_engine.rpc.translate.orders import OrderMessages
from markethall_protos import v1

_TYPES: dict[type, v1.ExecutionType] = {
    OrderAccepted: v1.ExecutionType.NEW,
    OrderRejected: v1.ExecutionType.REJECTED,
    TradeExecuted: v1.ExecutionType.TRADE,
    OrderCanceled: v1.ExecutionType.CANCELED,
    OrderReplaced: v1.ExecutionType.REPLACED,
    OrderTriggered: v1.ExecutionType.TRIGGERED,
    OrderReduced: v1.ExecutionType.RESTATED,
}
_EXPIRED = v1.ExecutionType.EXPIRED


def report_message(report: ExecutionReport, messages: OrderMessages) -> v1.ExecutionReport:
    event = report.event
    return v1.ExecutionReport(
        type=_EXPIRED if report.order.status is OrderStatus.EXPIRED else _TYPES[type(event)],
        order=messages.order(report.order),
        fill=messages.fill(event, report.order, report.sequence, report.time_ns)
        if isinstance(event, TradeExecuted)
        else None,
        sequence=report.sequence,
    )
