"""Random orders and what is asked of them later: mostly possible, sometimes not."""

from dataclasses import dataclass, field
from random import Random

from msgspec.structs import replace

from markethall_engine.domain.commands import (
    CancelAllOrders,
    CancelOrder,
    EndSession,
    PlaceOrder,
    ReplaceOrder,
)
from markethall_engine.domain.order import OrderType, Side, TimeInForce
from tests.simulation.instruction_traffic import SESSIONS, expiry, in_ticks, instructions
from tests.simulation.order_memory import OrderMemory
from tests.simulation.profiles import Profile

_CLIENT_ORDER_IDS = 100
_LIMITS = (OrderType.LIMIT, OrderType.STOP_LIMIT)
_IMMEDIATE = (TimeInForce.IOC, TimeInForce.IOC, TimeInForce.FOK)


@dataclass
class OrderTraffic:
    """Orders of one run."""

    chance: Random
    profile: Profile
    memory: OrderMemory = field(default_factory=OrderMemory)

    def place(self, time_ns: int, account_id: str, symbol: str) -> PlaceOrder:
        chance = self.chance
        side = chance.choice((Side.BUY, Side.SELL))
        order_type = self._order_type()
        has_limit = (order_type in _LIMITS) is not self.rarely(0.01)
        order = PlaceOrder(
            account_id=account_id,
            client_order_id=self._client_order_id() if chance.random() < 0.3 else "",
            symbol=symbol,
            instrument_revision=self.memory.revisions[symbol] + self._off(),
            side=side,
            order_type=order_type,
            time_in_force=self._time_in_force(order_type),
            quantity_lots=chance.randint(1, 32) if chance.random() < 0.99 else 0,
            price_ticks=self._near(18 if side is Side.BUY else 22) if has_limit else 0,
        )
        order = replace(order, instructions=expiry(chance, order.time_in_force, time_ns))
        order = replace(order, instructions=instructions(chance, self.profile, order))
        if order.instructions and order.instructions.reduce_only and chance.random() < 0.8:
            order = self._reducing(order)
        return in_ticks(order, self.memory.scales[symbol])

    def place_in_batch(self, time_ns: int, account_id: str, symbol: str) -> PlaceOrder:
        """One that probably rests whole."""
        order = self.place(time_ns, account_id, symbol)
        while order.order_type is not OrderType.LIMIT or order.time_in_force in _IMMEDIATE:
            order = self.place(time_ns, account_id, symbol)
        away = round((-8 if order.side is Side.BUY else 8) * self.memory.scales[symbol])
        wish = order.instructions
        if wish and self.chance.random() < 0.95:
            wish = replace(wish, min_quantity_lots=0, slide=False)
        return replace(order, price_ticks=max(1, order.price_ticks + away), instructions=wish)

    def end_session(self) -> EndSession:
        return EndSession(self.chance.choice(SESSIONS))

    def cancel(self, account_id: str) -> CancelOrder:
        return CancelOrder(*self._which(account_id))

    def cancel_all(self, account_id: str, symbol: str) -> CancelAllOrders:
        sides = (None, Side.BUY, Side.SELL)
        return CancelAllOrders(account_id, self.chance.choice(("", symbol)), self.chance.choice(sides))

    def replace(self, account_id: str) -> ReplaceOrder:
        chance = self.chance
        owner, order_id, client_order_id = self._which(account_id)
        symbol = self.memory.symbols.get(order_id, "")
        scale = self.memory.scales[symbol]
        filled = self.memory.filled[order_id] - self.rarely(0.1)
        return ReplaceOrder(
            owner,
            self.memory.revisions[symbol] + (chance.random() >= 0.98),
            order_id,
            client_order_id,
            quantity_lots=chance.choice((None, chance.randint(-1, 8), chance.randint(1, 30), filled or None)),
            price_ticks=chance.choice((None, round(self._near(20) * scale))),
            display_lots=chance.choice((*(None,) * 8, 0, chance.randint(-1, 5))),
            stop_price_ticks=round(self._near(20) * scale) if self.rarely(self.profile.stops / 2) else None,
        )

    def rarely(self, share: float) -> bool:
        return self.chance.random() < share

    def _off(self) -> int:
        """How far from the present revision a command is: mostly 0."""
        return self.chance.choice((-1, 1, 1)) if self.chance.random() >= 0.99 else 0

    def _order_type(self) -> OrderType:
        if self.rarely(self.profile.stops):
            return self.chance.choice((OrderType.STOP, OrderType.STOP_LIMIT, OrderType.TRAILING_STOP))
        return OrderType.LIMIT if self.chance.random() < 0.85 else OrderType.MARKET

    def _time_in_force(self, order_type: OrderType) -> TimeInForce:
        chance = self.chance
        if self.rarely(0.01):
            return chance.choice(tuple(TimeInForce))
        if order_type is OrderType.MARKET or (order_type in _LIMITS and self.rarely(0.15)):
            return chance.choice(_IMMEDIATE)
        if self.rarely(self.profile.ends):
            return chance.choice((TimeInForce.DAY, TimeInForce.GTD))
        return TimeInForce.GTC

    def _reducing(self, order: PlaceOrder) -> PlaceOrder:
        """It, so that it reduces a position of its account, if that has one; by a lot too much, at times."""
        lots = self.memory.positions[order.account_id, order.symbol]
        if lots == 0:
            return order
        side = Side.SELL if lots > 0 else Side.BUY
        quantity = self.chance.randint(1, abs(lots) + 1)
        return replace(order, side=side, quantity_lots=quantity)

    def _client_order_id(self) -> str:
        return str(self.chance.randint(1, _CLIENT_ORDER_IDS))

    def _near(self, center: int) -> int:
        return max(0, round(self.chance.gauss(center, 4)))

    def _which(self, account_id: str) -> tuple[str, int, str]:
        """An account and its order's id or client order id, mostly of a live order and mostly right."""
        chance = self.chance
        if self.rarely(0.02):
            return account_id, chance.randint(1, 200), ""
        if self.rarely(0.1):
            return account_id, 0, self._client_order_id()
        orders = list((self.memory.ended if self.rarely(0.04) else self.memory.live).items())
        if not orders:
            return account_id, 0, ""
        order_id, owner = orders[-chance.randint(1, min(len(orders), 10))]
        return owner if chance.random() < 0.98 else account_id, order_id, ""
