"""Random instructions of an order: mostly ones that go together, sometimes not."""

from fractions import Fraction
from random import Random

from msgspec.structs import replace

from markethall_engine.domain.commands import PlaceOrder
from markethall_engine.domain.instructions import Instructions, SelfTradePrevention
from markethall_engine.domain.order import OrderType, Side, TimeInForce
from tests.simulation.profiles import Profile

_DAY_NS = 86_400 * 1_000_000_000
SESSIONS = ("session-1", "session-2", "session-3")

_STOPS = (OrderType.STOP, OrderType.STOP_LIMIT, OrderType.TRAILING_STOP)
_PRICES = (
    "stop_price_ticks",
    "trailing_ticks",
    "take_profit_ticks",
    "stop_loss_ticks",
    "stop_loss_limit_ticks",
)
_GROUPS = ("group-1", "group-2")
_SELF_TRADE_PREVENTION = (None, None, *SelfTradePrevention, SelfTradePrevention.DECREMENT)
_IMMEDIATE = (TimeInForce.IOC, TimeInForce.FOK)


def expiry(chance: Random, time_in_force: TimeInForce, time_ns: int) -> Instructions | None:
    """When an order ends, mostly if it is one that does, and not before now."""
    if (time_in_force in (TimeInForce.DAY, TimeInForce.GTD)) is (chance.random() < 0.005):
        return None
    if time_in_force is TimeInForce.DAY:
        return Instructions(expire_time_ns=(time_ns // _DAY_NS + 1) * _DAY_NS)
    if chance.random() < 0.03:
        return Instructions(expire_time_ns=max(1, time_ns - chance.randint(0, 10)))
    wait_ns = chance.choice((1_000_000, 1_000_000_000, 20_000_000_000, _DAY_NS))
    return Instructions(expire_time_ns=time_ns + wait_ns)


def instructions(chance: Random, profile: Profile, order: PlaceOrder) -> Instructions | None:
    """What an order asks for beyond what it has already."""
    if order.order_type in _STOPS:
        order = replace(order, instructions=_released(chance, order))
    if chance.random() < 0.3:
        return order.instructions
    share = profile.care
    may_rest = (
        order.order_type in (OrderType.LIMIT, OrderType.STOP_LIMIT) and order.time_in_force not in _IMMEDIATE
    )
    is_post_only = may_rest and chance.random() < 0.15
    wish = replace(
        order.instructions or Instructions(),
        self_trade_prevention=chance.choice(_SELF_TRADE_PREVENTION),
        post_only=is_post_only,
        slide=is_post_only and chance.random() < 0.5,
        min_quantity_lots=chance.randint(1, 6) if not is_post_only and chance.random() < 0.1 else 0,
        order_group_id=chance.choice(_GROUPS) if chance.random() < 2 * share else "",
        reduce_only=chance.random() < share,
        session_id=chance.choice(SESSIONS) if chance.random() < 0.1 else "",
    )
    if not wish.reduce_only and chance.random() < share:
        wish = _with_bracket(chance, order, wish)
    if may_rest and not wish.reduce_only and chance.random() < 0.3:
        wish = replace(wish, display_lots=chance.randint(1, max(1, min(8, order.quantity_lots))))
    return _spoiled(chance, wish) if chance.random() < 0.04 else wish


def in_ticks(order: PlaceOrder, scale: Fraction) -> PlaceOrder:
    """The order, with its prices told in ticks of which one of before is so many."""
    if scale == 1:
        return order
    wish = order.instructions
    if wish is not None:
        wish = replace(wish, **{name: round(getattr(wish, name) * scale) for name in _PRICES})
    return replace(order, price_ticks=round(order.price_ticks * scale), instructions=wish)


def _released(chance: Random, order: PlaceOrder) -> Instructions:
    """What releases a stop order."""
    wish = order.instructions or Instructions()
    if order.order_type is not OrderType.TRAILING_STOP:
        return replace(wish, stop_price_ticks=round(chance.gauss(21 if order.side is Side.BUY else 19, 3)))
    if chance.random() < 0.5:
        return replace(wish, trailing_ticks=chance.randint(1, 6))
    return replace(wish, trailing_ppm=chance.choice((1, 50_000, 150_000, 200_000, 350_000, 999_999)))


def _with_bracket(chance: Random, order: PlaceOrder, wish: Instructions) -> Instructions:
    """With exits about the order's price, mostly on the right sides."""
    price = order.price_ticks or 20
    sign = 1 if (order.side is Side.BUY) is (chance.random() < 0.95) else -1
    profit = max(0, price + sign * chance.randint(0, 8)) if chance.random() < 0.8 else 0
    loss = max(0, price - sign * chance.randint(0, 8)) if chance.random() < 0.8 else 0
    limit = max(0, loss - sign * chance.randint(-2, 4)) if chance.random() < 0.4 else 0
    return replace(wish, take_profit_ticks=profit, stop_loss_ticks=loss, stop_loss_limit_ticks=limit)


def _spoiled(chance: Random, wish: Instructions) -> Instructions:
    """With one more wish, whatever the others are."""
    return chance.choice(
        (
            replace(wish, post_only=True),
            replace(wish, slide=not wish.slide),
            replace(wish, min_quantity_lots=chance.choice((-1, 5, 100))),
            replace(wish, display_lots=chance.choice((-1, 1, 5, 100))),
            replace(wish, reduce_only=True),
            replace(wish, stop_price_ticks=20),
            replace(wish, trailing_ticks=2),
            replace(wish, trailing_ppm=1_000_000),
        )
    )
