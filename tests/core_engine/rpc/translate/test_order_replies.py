"""The reply to an order is made of its record; it must say what the exchange knew at that moment."""

from random import Random
from typing import TypeVar

import betterproto2
import pytest

from markethall_engine.application.record import Record
from markethall_engine.domain.commands import (
    Command,
    CreateAccount,
    CreateAsset,
    CreateInstrument,
    Deposit,
    PlaceOrder,
)
from markethall_engine.domain.exchange import Exchange
from markethall_engine.domain.instrument import Step
from markethall_engine.domain.order import OrderType, Side, TimeInForce
from markethall_engine.rpc.translate.order_replies import OrderReplies
from markethall_engine.rpc.translate.orders import OrderMessages
from markethall_engine.rpc.translate.quotation import Quotations
from markethall_protos import codec, v1

M = TypeVar("M", bound=betterproto2.Message)


class Market:
    """An exchange with BTC-USD, and accounts that trade with each other and themselves."""

    def __init__(self) -> None:
        self.exchange = Exchange()
        self._sequence = 0
        for command in (
            CreateAsset("BTC", 8),
            CreateAsset("USD", 5),
            CreateInstrument("BTC-USD", "BTC", "USD", Step(1, 2), Step(1, 3), 1, 0, 0, 1_000, 2_000),
            *(CreateAccount(account_id) for account_id in "ab"),
            *(Deposit(account_id, asset, 10**12) for account_id in "ab" for asset in ("BTC", "USD")),
        ):
            self.carry_out(command)

    def carry_out(self, command: Command) -> Record:
        self._sequence += 1
        time_ns = self._sequence * 1_000_000
        events = self.exchange.decide(command, self._sequence, time_ns)
        assert isinstance(events, list)
        for event in events:
            self.exchange.apply(event, self._sequence, time_ns)
        return Record(self._sequence, time_ns, command, events)


def random_order(random: Random) -> PlaceOrder:
    order_type = random.choice((OrderType.LIMIT, OrderType.LIMIT, OrderType.MARKET))
    is_limit = order_type is OrderType.LIMIT
    return PlaceOrder(
        account_id=random.choice("abc"),
        client_order_id="",
        symbol="BTC-USD",
        instrument_revision=1,
        side=random.choice((Side.BUY, Side.SELL)),
        order_type=order_type,
        time_in_force=random.choice(
            tuple(TimeInForce)[:3] if is_limit else (TimeInForce.IOC, TimeInForce.FOK)
        ),
        quantity_lots=random.choice((1, 5, 20, 100)),
        price_ticks=random.randint(95, 105) if is_limit else 0,
    )


def read(cls: type[M], composed: M) -> M:
    """What a client reads of a message that was composed."""
    return codec.decode(cls, codec.encoder(cls)(composed))


@pytest.mark.parametrize("seed", range(5))
def test_the_reply_to_an_order_is_the_order_as_the_exchange_has_it_then(seed: int):
    random = Random(seed)
    market = Market()
    messages = OrderMessages(Quotations(market.exchange))
    replies = OrderReplies(market.exchange, messages)
    statuses = set()
    for _ in range(300):
        record = market.carry_out(random_order(random))
        order = market.exchange.order(record.sequence)
        assert order is not None
        reply = read(v1.PlaceOrderResponse, replies.placed(record))
        assert reply.order == read(v1.Order, messages.order(order))
        assert reply.order is not None
        assert len(reply.fills) == sum(
            getattr(event, "taker_order_id", 0) == record.sequence for event in record.events
        )
        statuses.add(reply.order.status)
    assert statuses == {
        v1.OrderStatus.NEW,
        v1.OrderStatus.PARTIALLY_FILLED,
        v1.OrderStatus.FILLED,
        v1.OrderStatus.CANCELED,
        v1.OrderStatus.REJECTED,
    }
