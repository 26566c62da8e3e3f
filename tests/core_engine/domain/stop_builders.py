"""Stop orders in few words, a market for them to wait in, and trades that they may wait for."""

from markethall_engine.domain.commands import PlaceOrder, TriggerOrder
from markethall_engine.domain.instructions import Instructions
from markethall_engine.domain.order import OrderRecord, OrderType, Side
from tests.core_engine.domain.builders import BUY, GTC, SELL, Record, Venue, fills, order, venue

STOP, STOP_LIMIT, TRAILING = OrderType.STOP, OrderType.STOP_LIMIT, OrderType.TRAILING_STOP


def stop(
    side: Side, lots: int, at_ticks: int, limit: int = 0, account: str = "taker", **terms: object
) -> PlaceOrder:
    asked = {name: terms.pop(name) for name in list(terms) if name in Instructions.__struct_fields__}
    return order(
        account,
        side,
        lots,
        limit,
        **{
            "order_type": STOP_LIMIT if limit else STOP,
            "time_in_force": GTC,
            "instructions": Instructions(stop_price_ticks=at_ticks, **asked),
            **terms,
        },
    )


def trailing(side: Side, lots: int, ticks: int = 0, ppm: int = 0, **asked: object) -> PlaceOrder:
    instructions = Instructions(trailing_ticks=ticks, trailing_ppm=ppm, **asked)
    return order("taker", side, lots, order_type=TRAILING, time_in_force=GTC, instructions=instructions)


def place(at: Venue, command: PlaceOrder) -> int:
    at.submit(command)
    return at.sequence - len(at.followed)


def trade(at: Venue, price: int) -> list[Record]:
    """A trade of one lot between two accounts that do nothing else; gives what it obliged the venue to do."""
    at.place("seller", SELL, 1, price)
    assert len(fills(at.submit(order("buyer", BUY, 1, price)))) == 1
    return at.followed


def market(**terms: object) -> Venue:
    """Last price 100, 50 bid for and offered by `maker` at 90 and 110."""
    at = venue("maker", "taker", "seller", "buyer", "rival", **terms)
    trade(at, 100)
    at.place("maker", BUY, 50, 90)
    at.place("maker", SELL, 50, 110)
    return at


def record_of(at: Venue, order_id: int) -> OrderRecord:
    found = at.exchange.order(order_id)
    assert found is not None
    return found


def released(records: list[Record]) -> list[int]:
    return [record.command.order_id for record in records if isinstance(record.command, TriggerOrder)]


def stop_price(at: Venue, order_id: int) -> int:
    return (record_of(at, order_id).instructions or Instructions()).stop_price_ticks
