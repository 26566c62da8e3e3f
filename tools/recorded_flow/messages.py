"""Planned commands as messages of the contract, and the funds that they need."""

from typing import NamedTuple

from markethall_common.decimals import format_decimal
from markethall_protos.v1 import (
    CancelOrderRequest,
    DepositRequest,
    EngineMessage,
    PlaceOrderRequest,
    ReplaceOrderRequest,
    TimeInForce,
)
from markethall_protos.v1 import Side as OrderSide
from tools.recorded_flow.market import MAKERS, TAKERS, Market
from tools.recorded_flow.recording import Side
from tools.recorded_flow.steps import AggressiveOrder, Cancel, Command, Place, Reduce, Step, Take

_ORDER_SIDES = {Side.BUY: OrderSide.BUY, Side.SELL: OrderSide.SELL}
_LEAST_DEPOSIT = 1_000_000


class Fund(NamedTuple):
    """A deposit; the amount is in units of price scale plus quantity scale, or of quantity scale."""

    account_id: str
    asset: str
    amount: str


class Messages:
    """Writes commands for one market."""

    def __init__(self, market: Market) -> None:
        self._market = market
        self._prefix = f"{market.run}-"
        self.venue_ids: dict[str, str] = {}
        """The venue's order ids by name, as far as they were told; a `Reduce` needs one."""

    def write(self, command: Command | Fund) -> EngineMessage:
        """Raises `KeyError` for a `Reduce` of an order whose venue id is not known."""
        match command:
            case Place(name, side, price, quantity):
                return EngineMessage(place_order=self._order(MAKERS, name, side, quantity, price))
            case Take(name, side, limit, quantity):
                order = self._order(TAKERS, name, side, quantity, limit)
                order.time_in_force = TimeInForce.IOC
                return EngineMessage(place_order=order)
            case Cancel(name):
                return EngineMessage(
                    cancel_order=CancelOrderRequest(client_order_id=self._prefix + name, account_id=MAKERS)
                )
            case Reduce(name, quantity):
                return EngineMessage(
                    replace_order=ReplaceOrderRequest(
                        order_id=self.venue_ids[name], account_id=MAKERS, quantity=self._quantity(quantity)
                    )
                )
            case Fund(account_id, asset, amount):
                return EngineMessage(
                    deposit=DepositRequest(
                        account_id=account_id,
                        asset=asset,
                        amount=amount,
                        reference=f"replay {self._market.run}",
                    )
                )

    def name(self, client_order_id: str) -> str | None:
        """The name of an order of this replay; None for another's."""
        name = client_order_id.removeprefix(self._prefix)
        return name if name != client_order_id else None

    def _order(
        self, account_id: str, name: str, side: Side, quantity: int, price: int | None
    ) -> PlaceOrderRequest:
        return PlaceOrderRequest(
            account_id=account_id,
            client_order_id=self._prefix + name,
            symbol=self._market.symbol,
            side=_ORDER_SIDES[side],
            quantity=self._quantity(quantity),
            price="" if price is None else format_decimal(price, self._market.scales.price),
        )

    def _quantity(self, quantity: int) -> str:
        return format_decimal(quantity, self._market.scales.quantity)


class Funding:
    """Deposits ahead of need: whatever an account orders in its life, it could pay for at once.

    Each deposit at least doubles what was deposited before, so there are few of them.
    """

    def __init__(self, market: Market) -> None:
        self._market = market
        self._needed: dict[tuple[str, Side], int] = {}
        self._deposited: dict[tuple[str, Side], int] = {}

    def before(self, command: Command, step: Step) -> Fund | None:
        """The deposit that `command` of `step` needs first."""
        match command:
            case Place(_, side, price, quantity):
                return self._need(MAKERS, side, price * quantity if side is Side.BUY else quantity)
            case Take(_, Side.SELL, _, quantity):
                return self._need(TAKERS, Side.SELL, quantity)
            case Take(name, Side.BUY, limit, quantity):
                cost = quantity * limit if limit is not None else _cost(step.aggressive_orders, name)
                return self._need(TAKERS, Side.BUY, cost)
            case _:
                return None

    def _need(self, account_id: str, side: Side, amount: int) -> Fund | None:
        key = (account_id, side)
        # Twice, for the fees of an instrument that was there before.
        self._needed[key] = self._needed.get(key, 0) + 2 * amount
        deposited = self._deposited.get(key, 0)
        if self._needed[key] <= deposited:
            return None
        scales = self._market.scales
        scale = scales.price + scales.quantity if side is Side.BUY else scales.quantity
        # A whole number of the asset, so that its decimal places do not matter.
        whole = -(-max(2 * self._needed[key] - deposited, _LEAST_DEPOSIT) // 10**scale)
        self._deposited[key] = deposited + whole * 10**scale
        asset = self._market.quote_asset if side is Side.BUY else self._market.base_asset
        return Fund(account_id, asset, str(whole))


def _cost(orders: list[AggressiveOrder], name: str) -> int:
    fills = next(order.expected for order in orders if order.command.name == name)
    return sum(fill.price * fill.quantity for fill in fills)
