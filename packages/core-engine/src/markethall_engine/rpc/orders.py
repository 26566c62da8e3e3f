"""OrderService: placing, canceling, replacing and finding orders."""

from markethall_engine.rpc.calls import Context
from markethall_engine.rpc.lifecycle import Lifecycle
from markethall_protos import v1


class OrderService(v1.OrderServiceServicer):
    def __init__(self, lifecycle: Lifecycle) -> None:
        self._lifecycle = lifecycle

    async def place_order(self, request: v1.PlaceOrderRequest, context: Context) -> v1.PlaceOrderResponse:
        commands = self._lifecycle.venue.commands
        return await commands.carry_out(commands.place_order, request)

    async def place_orders(self, request: v1.PlaceOrdersRequest, context: Context) -> v1.PlaceOrdersResponse:
        return await self._lifecycle.venue.commands.place_orders(request)

    async def cancel_order(self, request: v1.CancelOrderRequest, context: Context) -> v1.CancelOrderResponse:
        commands = self._lifecycle.venue.commands
        return await commands.carry_out(commands.cancel_order, request)

    async def cancel_all_orders(
        self, request: v1.CancelAllOrdersRequest, context: Context
    ) -> v1.CancelAllOrdersResponse:
        commands = self._lifecycle.venue.commands
        return await commands.carry_out(commands.cancel_all_orders, request)

    async def replace_order(
        self, request: v1.ReplaceOrderRequest, context: Context
    ) -> v1.ReplaceOrderResponse:
        commands = self._lifecycle.venue.commands
        return await commands.carry_out(commands.replace_order, request)
