"""Random orders and what is asked of them later: mostly possible, sometimes not."""

from collections import Counter
from dataclasses import dataclass, field
from random import Random

import msgspec

from markethall_engine.domain.commands import (
    CancelAllOrders,
    CancelOrder,
    EndSession,
    PlaceOrder,
    ReplaceOrder,
)
from markethall_engine.domain.events import Event, OrderAccepted, OrderCanceled, TradeExecuted
from markethall_engine.domain.instructions import Instructions, SelfTradePrevention
from markethall_engine.domain.order import OrderType, Side, TimeInForce
from tests.simulation.profiles import Profile

_GROUPS = ("group-1", "group-2", "group-3")
_SESSIONS = ("session-1", "session-2", "session-3")
_DAY_NS = 86_400 * 1_000_000_000
_SELF_TRADE_PREVENTION = (None, *SelfTradePrevention, SelfTradePrevention.DECREMENT)
_LIMITS = (OrderType.LIMIT,)
_IMMEDIATE = (TimeInForce.IOC, TimeInForce.FOK)


@dataclass
class OrderTraffic:
    """Orders of one run, and the memory of those that were taken."""

    chance: Random
    profile: Profile
    live: dict[int, str] = field(default_factory=dict)
    """Order ids and their accounts."""
    ended: dict[int, str] = field(default_factory=dict)
    filled: Counter[int] = field(default_factory=Counter)
    """Lots by order id."""

    def hear(self, event: Event) -> None:
        if isinstance(event, OrderAccepted):
            self.live[event.order_id] = event.account_id
        elif isinstance(event, OrderCanceled):
            self._end(event.order_id)
        elif isinstance(event, TradeExecuted):
            for order_id, leaves_lots in (
                (event.maker_order_id, event.maker_leaves_lots),
                (event.taker_order_id, event.taker_leaves_lots),
            ):
                self.filled[order_id] += event.quantity_lots
                if leaves_lots == 0:
                    self._end(order_id)

    def _end(self, order_id: int) -> None:
        self.ended[order_id] = self.live.pop(order_id)

    def place(self, time_ns: int, account_id: str, symbol: str) -> PlaceOrder:
        chance = self.chance
        side = chance.choice((Side.BUY, Side.SELL))
        order_type = self._order_type()
        time_in_force = self._time_in_force(order_type)
        has_limit = (order_type in _LIMITS) is not self.rarely(0.02)
        is_plain = order_type in (OrderType.LIMIT, OrderType.MARKET) and chance.random() < 0.3
        wish = None
        if not is_plain:
            wish = self._instructions(time_ns, side, order_type, time_in_force)
        return PlaceOrder(
            account_id=account_id,
            client_order_id=str(chance.randint(1, 200)) if chance.random() < 0.5 else "",
            symbol=symbol,
            instrument_revision=1 if chance.random() < 0.99 else 2,
            side=side,
            order_type=order_type,
            time_in_force=time_in_force,
            quantity_lots=chance.randint(1, 30) if chance.random() < 0.98 else 0,
            price_ticks=self._price(side) if has_limit else 0,
            instructions=wish,
        )

    def place_in_batch(self, time_ns: int, account_id: str, symbol: str) -> PlaceOrder:
        """One that probably rests whole."""
        order = self.place(time_ns, account_id, symbol)
        while order.order_type is not OrderType.LIMIT or order.time_in_force in _IMMEDIATE:
            order = self.place(time_ns, account_id, symbol)
        away = -8 if order.side is Side.BUY else 8
        wish = order.instructions
        if wish and self.chance.random() < 0.95:
            wish = msgspec.structs.replace(wish, min_quantity_lots=0, slide=False)
        return msgspec.structs.replace(order, price_ticks=max(1, order.price_ticks + away), instructions=wish)

    def end_session(self) -> EndSession:
        return EndSession(self.chance.choice(_SESSIONS))

    def cancel(self, account_id: str) -> CancelOrder:
        return CancelOrder(*self._which(account_id))

    def cancel_all(self, account_id: str, symbol: str) -> CancelAllOrders:
        sides = (None, Side.BUY, Side.SELL)
        return CancelAllOrders(account_id, self.chance.choice(("", symbol)), self.chance.choice(sides))

    def replace(self, account_id: str) -> ReplaceOrder:
        chance = self.chance
        owner, order_id, client_order_id = self._which(account_id)
        filled = self.filled[order_id] - self.rarely(0.1)
        return ReplaceOrder(
            owner,
            1 if chance.random() < 0.98 else 2,
            order_id,
            client_order_id,
            quantity_lots=chance.choice((None, chance.randint(-1, 8), chance.randint(1, 30), filled or None)),
            price_ticks=chance.choice((None, self._near(20))),
            display_lots=chance.choice((*(None,) * 8, 0, chance.randint(-1, 5))),
        )

    def rarely(self, share: float) -> bool:
        return self.chance.random() < share

    def _order_type(self) -> OrderType:
        return OrderType.LIMIT if self.chance.random() < 0.85 else OrderType.MARKET

    def _time_in_force(self, order_type: OrderType) -> TimeInForce:
        chance = self.chance
        if order_type is OrderType.MARKET:
            return chance.choice(_IMMEDIATE)
        if order_type in _LIMITS and self.rarely(0.2):
            return chance.choice(_IMMEDIATE)
        return TimeInForce.GTC

    def _instructions(
        self, time_ns: int, side: Side, order_type: OrderType, time_in_force: TimeInForce
    ) -> Instructions:
        chance = self.chance
        may_rest = order_type in _LIMITS and time_in_force not in _IMMEDIATE
        is_post_only = may_rest and chance.random() < 0.3
        asks_for_minimum = not is_post_only and chance.random() < 0.3
        return Instructions(
            self_trade_prevention=chance.choice(_SELF_TRADE_PREVENTION),
            post_only=is_post_only or self.rarely(0.01),
            min_quantity_lots=chance.randint(1, 10) if asks_for_minimum or self.rarely(0.01) else 0,
            display_lots=chance.randint(1, 8) if (may_rest or self.rarely(0.01)) and self.rarely(0.4) else 0,
            slide=(is_post_only and chance.random() < 0.5) or self.rarely(0.005),
            order_group_id=chance.choice(_GROUPS) if self.rarely(self.profile.care) else "",
            session_id=chance.choice(_SESSIONS) if self.rarely(0.1) else "",
        )

    def _price(self, side: Side) -> int:
        return self._near(17 if side is Side.BUY else 23)

    def _near(self, center: int) -> int:
        return max(0, round(self.chance.gauss(center, 4)))

    def _which(self, account_id: str) -> tuple[str, int, str]:
        """An account and its order's id or client order id, mostly of a live order and mostly right."""
        chance = self.chance
        if self.rarely(0.03):
            return account_id, chance.randint(1, 200), ""
        if self.rarely(0.1):
            return account_id, 0, str(chance.randint(1, 200))
        orders = list((self.ended if self.rarely(0.05) else self.live).items())
        if not orders:
            return account_id, 0, ""
        order_id, owner = orders[-chance.randint(1, min(len(orders), 10))]
        return owner if chance.random() < 0.97 else account_id, order_id, ""
