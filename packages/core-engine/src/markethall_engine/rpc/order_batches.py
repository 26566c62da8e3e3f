"""`PlaceOrders`: several orders, each placed or refused by itself or all alike, answered together."""

from collections.abc import Sequence
from dataclasses import dataclass

from markethall_engine.application.sequencer import Outcome, Sequencer
from markethall_engine.domain.commands import PlaceOrder
from markethall_engine.rpc.errors import AlreadyExists, CallRefused, InvalidRequest
from markethall_engine.rpc.status import failure_of
from markethall_engine.rpc.translate.faults import MOST_VIOLATIONS, Faults
from markethall_engine.rpc.translate.order_replies import OrderReplies, recorded
from markethall_engine.rpc.translate.order_requests import OrderRequests
from markethall_engine.rpc.translate.sessions import in_session
from markethall_protos import v1

MAX_ORDERS = 1_000


@dataclass(frozen=True, slots=True)
class OrderBatch:
    """One request as read: a command, or the refusal in its place, for each order."""

    orders: tuple[PlaceOrder | CallRefused, ...]
    all_or_none: bool = False

    @property
    def commands(self) -> list[PlaceOrder]:
        return [order for order in self.orders if isinstance(order, PlaceOrder)]


class OrderBatches:
    def __init__(self, sequencer: Sequencer, requests: OrderRequests, replies: OrderReplies) -> None:
        self._sequencer = sequencer
        self._requests = requests
        self._replies = replies

    def read(self, request: v1.PlaceOrdersRequest, session_id: str = "") -> OrderBatch:
        """Read the orders, which are to end with the session if one is named.

        Raises `InvalidRequest` for what is wrong with all of them together. Of an all-or-none batch that is
        whatever is wrong with any of them.
        """
        faults = Faults()
        if not 1 <= len(request.orders) <= MAX_ORDERS:
            faults.add("orders", f"expected 1 to {MAX_ORDERS} orders, found {len(request.orders)}")
        faults.check()
        orders = [
            self._read_one(order, f"orders[{place}].", session_id)
            for place, order in enumerate(request.orders)
        ]
        if request.all_or_none:
            _check_all_read(orders)
        return OrderBatch(tuple(orders), request.all_or_none)

    async def submit(self, batch: OrderBatch, origin: object | None = None) -> list[Outcome]:
        """Have the batch's commands decided and made durable, together if it is all or none."""
        if batch.all_or_none:
            return await self._sequencer.submit_all_or_none(batch.commands, origin=origin)
        return await self._sequencer.submit(batch.commands, origin=origin)

    def reply(self, batch: OrderBatch, outcomes: Sequence[Outcome]) -> v1.PlaceOrdersResponse:
        """Write a result for each order, given the outcomes of the batch's commands."""
        remaining = iter(outcomes)
        return v1.PlaceOrdersResponse(
            results=[
                _refused(order) if isinstance(order, CallRefused) else self._result(next(remaining))
                for order in batch.orders
            ]
        )

    def _read_one(self, order: v1.PlaceOrderRequest, path: str, session_id: str) -> PlaceOrder | CallRefused:
        try:
            return in_session(self._requests.place_order(order, path), session_id)
        except CallRefused as refusal:
            return refusal

    def _result(self, outcome: Outcome) -> v1.PlaceOrderResult:
        try:
            return v1.PlaceOrderResult(response=self._replies.placed(recorded(outcome)))
        except AlreadyExists as refusal:
            return _refused(refusal)


def _check_all_read(orders: Sequence[PlaceOrder | CallRefused]) -> None:
    refusals = [order for order in orders if isinstance(order, CallRefused)]
    faults = [
        fault for refusal in refusals if isinstance(refusal, InvalidRequest) for fault in refusal.violations
    ]
    if faults:
        raise InvalidRequest(tuple(faults[:MOST_VIOLATIONS]))
    if refusals:
        raise refusals[0]


def _refused(refusal: CallRefused) -> v1.PlaceOrderResult:
    return v1.PlaceOrderResult(error=failure_of(refusal).message_error())
