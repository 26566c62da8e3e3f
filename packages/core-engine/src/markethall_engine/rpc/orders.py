"""OrderService: placing, canceling, replacing and finding orders."""

from collections.abc import AsyncIterator, Callable
from contextlib import aclosing
from itertools import islice

from markethall_engine.application.record import Record
from markethall_engine.domain.exchange import Exchange
from markethall_engine.domain.order import OrderRecord, OrderStatus
from markethall_engine.rpc.account_past import NEWEST, Place
from markethall_engine.rpc.calls import Context
from markethall_engine.rpc.errors import NotFound
from markethall_engine.rpc.fills import AccountFill, fills_of
from markethall_engine.rpc.lifecycle import Lifecycle
from markethall_engine.rpc.pages import PageTokens, read_page_size
from markethall_engine.rpc.prevented_trades import AccountPrevention, preventions_of
from markethall_engine.rpc.streaming import opened
from markethall_engine.rpc.translate.accounts import unknown_account
from markethall_engine.rpc.translate.faults import Faults
from markethall_engine.rpc.translate.instruments import read_symbol
from markethall_engine.rpc.translate.order_requests import read_order_ids
from markethall_engine.rpc.translate.reports import report_message
from markethall_engine.rpc.translate.vocabulary import ORDER_STATUS_READ, SIDE_READ
from markethall_protos import v1

_MOST_ORDERS_A_PAGE = 20_000
"""Orders looked at for a page, which may then hold fewer than were asked for."""


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

    async def get_order(self, request: v1.GetOrderRequest, context: Context) -> v1.GetOrderResponse:
        venue = self._lifecycle.venue
        faults = Faults()
        order_id, client_order_id = read_order_ids(request.order_id, request.client_order_id, faults)
        account_id = "" if order_id else venue.account_ids.read(request.account_id, faults)
        faults.check()

        def find(exchange: Exchange) -> OrderRecord | None:
            found = order_id or exchange.order_id_of(account_id, client_order_id)
            return None if found is None else exchange.order(found)

        answer = await venue.queries.read(find)
        if answer.value is None:
            asked = f"order {order_id}" if order_id else f"order with client_order_id {client_order_id!r}"
            raise NotFound("UNKNOWN_ORDER", f"there is no {asked}")
        return v1.GetOrderResponse(order=venue.order_messages.order(answer.value))

    async def list_orders(self, request: v1.ListOrdersRequest, context: Context) -> v1.ListOrdersResponse:
        venue = self._lifecycle.venue
        faults = Faults()
        account_id = venue.account_ids.read(request.account_id, faults)
        is_wanted = _order_filter(request, faults)
        statuses = sorted(map(int, request.statuses))
        tokens = PageTokens("orders", account_id, request.symbol, int(request.side), statuses)
        page_size = read_page_size(request.page_size, faults)
        place = tokens.read(request.page_token, faults)
        faults.check()
        before = None if place is None else int(place[0])

        def find(exchange: Exchange) -> tuple[list[OrderRecord], int]:
            """One order more than the page has, if there are so many, and the last order looked at."""
            if exchange.account(account_id) is None:
                raise unknown_account(account_id)
            found, looked_at, last = [], 0, 0
            for order in islice(exchange.orders(account_id, before), _MOST_ORDERS_A_PAGE):
                looked_at, last = looked_at + 1, order.order_id
                if is_wanted(order):
                    found.append(order)
                    if len(found) > page_size:
                        break
            return found, last if looked_at == _MOST_ORDERS_A_PAGE else 0

        found, unfinished_at = (await venue.queries.read(find)).value
        page = found[:page_size]
        end = page[-1].order_id if len(found) > page_size else unfinished_at
        return v1.ListOrdersResponse(
            orders=[venue.order_messages.order(order) for order in page],
            next_page_token=tokens.write((end,)) if end else "",
        )

    async def list_fills(self, request: v1.ListFillsRequest, context: Context) -> v1.ListFillsResponse:
        venue = self._lifecycle.venue
        faults = Faults()
        account_id = venue.account_ids.read(request.account_id, faults)
        symbol = read_symbol(request.symbol, faults) if request.symbol else ""
        order_id = faults.identifier("order_id", request.order_id, "an id") if request.order_id else 0
        tokens = PageTokens("fills", account_id, symbol, order_id)
        page_size = read_page_size(request.page_size, faults)
        place = tokens.read(request.page_token, faults)
        faults.check()
        before = NEWEST if place is None else Place(*map(int, place))

        def wanted(record: Record) -> list[AccountFill]:
            return [
                fill
                for fill in fills_of(record, account_id)
                if symbol in ("", fill.trade.symbol) and order_id in (0, fill.order_id)
            ]

        if (await venue.queries.read(lambda exchange: exchange.account(account_id))).value is None:
            raise unknown_account(account_id)
        page = await venue.past.page(account_id, before, page_size, wanted)
        return v1.ListFillsResponse(
            fills=[venue.fill_message(fill) for fill in page.items],
            next_page_token="" if page.end is None else tokens.write(page.end),
        )

    async def list_prevented_trades(
        self, request: v1.ListPreventedTradesRequest, context: Context
    ) -> v1.ListPreventedTradesResponse:
        venue = self._lifecycle.venue
        faults = Faults()
        account_id = venue.account_ids.read(request.account_id, faults)
        symbol = read_symbol(request.symbol, faults) if request.symbol else ""
        tokens = PageTokens("prevented trades", account_id, symbol)
        page_size = read_page_size(request.page_size, faults)
        place = tokens.read(request.page_token, faults)
        faults.check()
        before = NEWEST if place is None else Place(*map(int, place))

        def wanted(record: Record) -> list[AccountPrevention]:
            return [
                item for item in preventions_of(record, account_id) if symbol in ("", item.prevented.symbol)
            ]

        if (await venue.queries.read(lambda exchange: exchange.account(account_id))).value is None:
            raise unknown_account(account_id)
        page = await venue.past.page(account_id, before, page_size, wanted)
        return v1.ListPreventedTradesResponse(
            prevented_trades=[
                venue.order_messages.prevented_trade(item.prevented, item.place.sequence, item.time_ns)
                for item in page.items
            ],
            next_page_token="" if page.end is None else tokens.write(page.end),
        )

    async def stream_execution_reports(
        self, request: v1.StreamExecutionReportsRequest, context: Context
    ) -> AsyncIterator[v1.StreamExecutionReportsResponse]:
        venue = self._lifecycle.venue
        faults = Faults()
        account_id = venue.account_ids.read(request.account_id, faults)
        symbol = read_symbol(request.symbol, faults) if request.symbol else ""
        if request.after_sequence < 0:
            faults.expected("after_sequence", "a sequence, or 0", str(request.after_sequence))
        faults.check()
        if (await venue.queries.read(lambda exchange: exchange.account(account_id))).value is None:
            raise unknown_account(account_id)
        happenings = venue.streams.execution_reports(account_id, request.after_sequence)
        async with aclosing(opened(happenings, context)) as reports:
            async for report in reports:
                if symbol in ("", report.order.symbol):
                    yield v1.StreamExecutionReportsResponse(
                        report=report_message(report, venue.order_messages)
                    )


def _order_filter(request: v1.ListOrdersRequest, faults: Faults) -> Callable[[OrderRecord], bool]:
    symbol = read_symbol(request.symbol, faults) if request.symbol else ""
    side = SIDE_READ.get(request.side)
    if side is None and request.side:
        faults.not_a_member("side", request.side, v1.Side, "BUY, SELL or nothing")
    statuses: set[OrderStatus] = set()
    for index, value in enumerate(request.statuses):
        status = ORDER_STATUS_READ.get(value)
        if status is not None:
            statuses.add(status)
        else:
            faults.not_a_member(f"statuses[{index}]", value, v1.OrderStatus, "the statuses to list")

    def is_wanted(order: OrderRecord) -> bool:
        return (
            symbol in ("", order.symbol)
            and side in (None, order.side)
            and (not request.statuses or order.status in statuses)
        )

    return is_wanted
