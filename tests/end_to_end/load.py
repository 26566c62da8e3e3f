"""Clients that trade through every way into the engine and keep what they were told."""

import asyncio
from collections.abc import Callable
from contextlib import suppress
from random import Random

import grpc.aio

from markethall_protos import v1
from markethall_protos.codec import encode
from tests.core_engine.rpc.client import BUY, SELL, Client

ACCOUNTS = ("maker", "taker")
_ORDERS_A_MESSAGE = 50
_MESSAGES_IN_FLIGHT = 8
_UNARY_CALLERS = 4


class Told:
    """What the clients of one engine sent, and what they were told."""

    def __init__(self) -> None:
        self.sent: dict[str, v1.PlaceOrderRequest] = {}
        """By client order id, as all that follows."""
        self.answers: dict[str, bytes] = {}
        """The encoded `PlaceOrderResponse` of each order that was acknowledged."""
        self.canceled: set[str] = set()
        """The orders whose cancel was acknowledged."""
        self.reports: dict[str, list[v1.ExecutionReport]] = {account_id: [] for account_id in ACCOUNTS}
        """By account, in the order told."""


class Load:
    """Trades on an engine until that goes away."""

    def __init__(self, channel: grpc.aio.Channel, random: Random, name: str) -> None:
        """Orders get client order ids that begin with `name`, so that no two loads have the same."""
        self.told = Told()
        self._client = Client(channel)
        self._random = random
        self._name = name
        self._wanted = 0
        self._enough = asyncio.Event()

    async def run(self, acknowledgements: int, then: Callable[[], None]) -> None:
        """Trade, call `then` after so many acknowledgements, and go on until the engine is gone."""
        self._wanted = acknowledgements
        clients = [
            *(asyncio.create_task(self._listen(account_id)) for account_id in ACCOUNTS),
            *(asyncio.create_task(self._place_orders()) for _ in range(_UNARY_CALLERS)),
            asyncio.create_task(self._stream_orders()),
        ]
        await self._enough.wait()
        then()
        await asyncio.gather(*clients)

    async def _listen(self, account_id: str) -> None:
        request = v1.StreamExecutionReportsRequest(account_id=account_id)
        with suppress(grpc.aio.AioRpcError):
            async for response in self._client.orders.stream_execution_reports(request):
                assert response.report is not None
                self.told.reports[account_id].append(response.report)

    async def _place_orders(self) -> None:
        with suppress(grpc.aio.AioRpcError):
            while True:
                self._acknowledge(await self._client.orders.place_order(self._order()))

    async def _stream_orders(self) -> None:
        stream = self._client.core_engine.process_messages()
        room = asyncio.Semaphore(_MESSAGES_IN_FLIGHT)

        async def send() -> None:
            with suppress(asyncio.InvalidStateError, grpc.aio.AioRpcError):  # the engine is gone
                while True:
                    await room.acquire()
                    messages = [self._message() for _ in range(_ORDERS_A_MESSAGE)]
                    await stream.write(v1.ProcessMessagesRequest(messages=messages))

        sending = asyncio.create_task(send())
        with suppress(grpc.aio.AioRpcError):
            async for answer in stream:
                room.release()
                for outcome in answer.outcomes:
                    self._take(outcome)
        sending.cancel()
        await asyncio.wait((sending,))

    def _message(self) -> v1.EngineMessage:
        if self._random.random() < 0.2 and self.told.answers:
            client_order_id = self._random.choice(list(self.told.answers)[-500:])
            account_id = self.told.sent[client_order_id].account_id
            return v1.EngineMessage(
                cancel_order=v1.CancelOrderRequest(client_order_id=client_order_id, account_id=account_id)
            )
        return v1.EngineMessage(place_order=self._order())

    def _order(self) -> v1.PlaceOrderRequest:
        """An order near the market: most trade sooner or later, a few are market orders or are rejected."""
        random = self._random
        order = v1.PlaceOrderRequest(
            account_id=random.choice(ACCOUNTS),
            client_order_id=f"{self._name}-{len(self.told.sent)}",
            symbol="BTC-USD",
            side=random.choice((BUY, SELL)),
            quantity="1000000" if random.random() < 0.02 else f"{random.randint(1, 50) / 1000}",
            price="" if random.random() < 0.05 else f"{10_000 + random.randint(-50, 50)}",
        )
        self.told.sent[order.client_order_id] = order
        return order

    def _take(self, outcome: v1.MessageOutcome) -> None:
        assert outcome.error is None, outcome.error
        if outcome.place_order is not None:
            self._acknowledge(outcome.place_order)
        elif outcome.cancel_order is not None and outcome.cancel_order.canceled:
            assert outcome.cancel_order.order is not None
            self.told.canceled.add(outcome.cancel_order.order.client_order_id)

    def _acknowledge(self, response: v1.PlaceOrderResponse) -> None:
        assert response.order is not None
        self.told.answers[response.order.client_order_id] = encode(response)
        if len(self.told.answers) >= self._wanted:
            self._enough.set()
