"""Requests about orders become commands: placing, canceling, replacing."""

from markethall_common.clock import Clock
from markethall_engine.domain.commands import CancelAllOrders, CancelOrder, PlaceOrder, ReplaceOrder
from markethall_engine.domain.exchange import Exchange
from markethall_engine.domain.names import CLIENT_ORDER_ID_FORM, is_client_order_id
from markethall_engine.domain.order import STOP_TYPES, OrderType, TimeInForce
from markethall_engine.rpc.translate.accounts import AccountIds
from markethall_engine.rpc.translate.faults import Faults
from markethall_engine.rpc.translate.instructions import read_instructions
from markethall_engine.rpc.translate.instruments import read_symbol, unknown_instrument
from markethall_engine.rpc.translate.order_terms import read_expire_time, read_terms
from markethall_engine.rpc.translate.quotation import Quotation, Quotations
from markethall_engine.rpc.translate.stop_terms import NO_STOP, asks_for_stop, read_stop_terms
from markethall_engine.rpc.translate.vocabulary import SIDE_READ
from markethall_protos import v1

_LIMIT = OrderType.LIMIT
_STOP_LIMIT = OrderType.STOP_LIMIT
_ENDS = (TimeInForce.DAY, TimeInForce.GTD)


class OrderRequests:
    """Reads requests against the instruments and orders as they are now.

    What is wrong with a request is raised as `InvalidRequest` with every fault. Where a method takes a
    `path`, it is put before the names of the fields at fault.
    """

    def __init__(
        self, exchange: Exchange, quotations: Quotations, account_ids: AccountIds, clock: Clock
    ) -> None:
        self._exchange = exchange
        self._quotations = quotations
        self._account_ids = account_ids
        self._clock = clock

    def place_order(self, request: v1.PlaceOrderRequest, path: str = "") -> PlaceOrder:
        """Read an order to place; raises `NotFound` for an unknown symbol."""
        faults = Faults()
        account_id = self._account_ids.read(request.account_id, faults, f"{path}account_id")
        client_order_id = request.client_order_id
        if client_order_id and not is_client_order_id(client_order_id):
            faults.expected(f"{path}client_order_id", CLIENT_ORDER_ID_FORM, client_order_id)
        side = SIDE_READ.get(request.side)
        if side is None:
            faults.not_a_member(f"{path}side", request.side, v1.Side, "BUY or SELL")
        order_type, time_in_force = read_terms(request, path, faults)

        quotation = self._quotations.find(request.symbol)
        expire_time_ns = 0
        if time_in_force in _ENDS or request.expire_time is not None:
            expire_time_ns = read_expire_time(request, time_in_force, self._clock, path, faults)
        stop_terms = NO_STOP
        if order_type in STOP_TYPES or asks_for_stop(request):
            stop_terms = read_stop_terms(request, order_type, quotation, path, faults)
        instructions = read_instructions(request, quotation, expire_time_ns, stop_terms, path, faults)
        quantity_lots = price_ticks = 0
        if quotation is not None:
            quantity_lots = faults.number(f"{path}quantity", request.quantity, quotation.read_quantity)
            if order_type is _LIMIT or order_type is _STOP_LIMIT:
                price_ticks = faults.number(f"{path}price", request.price, quotation.read_price)
        else:
            read_symbol(request.symbol, faults, f"{path}symbol")
        if faults or side is None:
            raise faults.refusal()
        if quotation is None:
            raise unknown_instrument(request.symbol)
        return PlaceOrder(
            account_id,
            client_order_id,
            request.symbol,
            quotation.instrument.revision,
            side,
            order_type,
            time_in_force,
            quantity_lots,
            price_ticks,
            instructions,
        )

    def cancel_order(self, request: v1.CancelOrderRequest) -> CancelOrder:
        faults = Faults()
        account_id = self._account_ids.read(request.account_id, faults)
        order_id, client_order_id = read_order_ids(request.order_id, request.client_order_id, faults)
        faults.check()
        return CancelOrder(account_id, order_id, client_order_id)

    def cancel_all_orders(self, request: v1.CancelAllOrdersRequest) -> CancelAllOrders:
        faults = Faults()
        account_id = self._account_ids.read(request.account_id, faults)
        if request.symbol:
            read_symbol(request.symbol, faults)
        side = SIDE_READ.get(request.side)
        if side is None and request.side:
            faults.not_a_member("side", request.side, v1.Side, "BUY, SELL or nothing")
        faults.check()
        return CancelAllOrders(account_id, request.symbol, side)

    def replace_order(self, request: v1.ReplaceOrderRequest) -> ReplaceOrder:
        """Read new terms for an order.

        Those of an order that the account does not have cannot be read; the command goes without them, to
        be refused.
        """
        faults = Faults()
        account_id = self._account_ids.read(request.account_id, faults)
        order_id, client_order_id = read_order_ids(request.order_id, request.client_order_id, faults)
        if not (request.quantity or request.price or request.display_quantity or request.stop_price):
            faults.add("quantity", "required: a new quantity, price, display_quantity or stop_price")
        quotation = self._quotation_of_order(
            account_id, order_id or self._exchange.order_id_of(account_id, client_order_id)
        )
        quantity_lots = price_ticks = display_lots = stop_price_ticks = None
        if quotation is not None:
            if request.quantity:
                quantity_lots = faults.number("quantity", request.quantity, quotation.read_quantity)
            if request.price:
                price_ticks = faults.number("price", request.price, quotation.read_price)
            if request.display_quantity:
                display_lots = faults.number(
                    "display_quantity", request.display_quantity, quotation.read_quantity
                )
            if request.stop_price:
                stop_price_ticks = faults.number("stop_price", request.stop_price, quotation.read_price)
        faults.check()
        revision = 0 if quotation is None else quotation.instrument.revision
        return ReplaceOrder(
            account_id,
            revision,
            order_id,
            client_order_id,
            quantity_lots=quantity_lots,
            price_ticks=price_ticks,
            display_lots=display_lots,
            stop_price_ticks=stop_price_ticks,
        )

    def names_no_order_yet(self, request: v1.ReplaceOrderRequest) -> bool:
        """Whether it names an order by a client order id that nobody has used, so far as was decided."""
        account_id = self._account_ids.read(request.account_id, Faults())
        return (
            not request.order_id
            and request.client_order_id != ""
            and self._exchange.order_id_of(account_id, request.client_order_id) is None
        )

    def _quotation_of_order(self, account_id: str, order_id: int | None) -> Quotation | None:
        order = None if order_id is None else self._exchange.order(order_id)
        return self._quotations.of(order.symbol) if order and order.account_id == account_id else None


def read_order_ids(order_id: str, client_order_id: str, faults: Faults) -> tuple[int, str]:
    """Read the two ways to name an order, of which the venue's own id goes first."""
    if order_id:
        return faults.identifier("order_id", order_id, "an id"), ""
    if not client_order_id:
        faults.add("order_id", "required: the order's id or its client_order_id")
    elif not is_client_order_id(client_order_id):
        faults.expected("client_order_id", CLIENT_ORDER_ID_FORM, client_order_id)
    return 0, client_order_id
