"""`PlaceOrders`: several orders, each placed or refused by itself, answered together."""

from collections.abc import Sequence
from dataclasses import dataclass

from markethall_engine.application.sequencer import Outcome
from markethall_engine.domain.commands import PlaceOrder
from markethall_engine.rpc.errors import AlreadyExists, CallRefused
from markethall_engine.rpc.status import failure_of
from markethall_engine.rpc.translate.faults import Faults
from markethall_engine.rpc.translate.order_replies import OrderReplies, recorded
from markethall_engine.rpc.translate.order_requests import OrderRequests
from markethall_protos import v1

MAX_ORDERS = 1_000


@dataclass(frozen=True, slots=True)
class OrderBatch:
    """One request as read: a command, or the refusal in its place, for each order."""

    orders: tuple[PlaceOrder | CallRefused, ...]

    @property
    def commands(self) -> list[PlaceOrder]:
        return [order for order in self.orders if isinstance(order, PlaceOrder)]


class OrderBatches:
    def __init__(self, requests: OrderRequests, replies: OrderReplies) -> None:
        self._requests = requests
        self._replies = replies

    def read(self, request: v1.PlaceOrdersRequest) -> OrderBatch:
        """Read the orders; raises `InvalidRequest` for what is wrong with all of them together."""
        faults = Faults()
        if not 1 <= len(request.orders) <= MAX_ORDERS:
            faults.add("orders", f"expected 1 to {MAX_ORDERS} orders, found {len(request.orders)}")
        if request.all_or_none:
            faults.unsupported("all_or_none")
        faults.check()
        return OrderBatch(
            tuple(self._read_one(order, f"orders[{place}].") for place, order in enumerate(request.orders))
        )

    def reply(self, batch: OrderBatch, outcomes: Sequence[Outcome]) -> v1.PlaceOrdersResponse:
        """Write a result for each order, given the outcomes of the batch's commands."""
        remaining = iter(outcomes)
        return v1.PlaceOrdersResponse(
            results=[
                _refused(order) if isinstance(order, CallRefused) else self._result(next(remaining))
                for order in batch.orders
            ]
        )

    def _read_one(self, order: v1.PlaceOrderRequest, path: str) -> PlaceOrder | CallRefused:
        try:
            return self._requests.place_order(order, path)
        except CallRefused as refusal:
            return refusal

    def _result(self, outcome: Outcome) -> v1.PlaceOrderResult:
        try:
            return v1.PlaceOrderResult(response=self._replies.placed(recorded(outcome)))
        except AlreadyExists as refusal:
            return _refused(refusal)


def _refused(refusal: CallRefused) -> v1.PlaceOrderResult:
    return v1.PlaceOrderResult(error=failure_of(refusal).message_error())
