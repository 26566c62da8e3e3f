"""Orders sent by gRPC: one call each, or many a message on the command stream.

Run in a process of its own, as a client would be: `python -m tools.benchmarks.grpc_load`, with a
`Load` as JSON on standard input, prints its `Timings` as JSON.
"""

import asyncio
import gc
import json
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import asdict, dataclass
from itertools import islice
from typing import Literal

import grpc.aio

from markethall_protos.v1 import (
    CoreEngineServiceStub,
    EngineMessage,
    HealthCheckRequest,
    OrderServiceStub,
    OrderStatus,
    ProcessMessagesRequest,
)
from tools.benchmarks import order_flow
from tools.benchmarks.http_load import Timings

_PATIENCE_S = 0.01
"""Of a caller whom a full engine refused."""


@dataclass(frozen=True, slots=True)
class Load:
    """What to send; `calls` are health checks or orders by unary call, or messages on the stream.

    With a `rate` unary calls begin at that pace, a second, however many are under way.
    """

    address: str
    kind: Literal["health", "unary", "stream"]
    calls: int
    in_flight: int
    warm_up: int
    orders_a_message: int = 1
    seed: int = 1
    rate: float = 0.0


def measure(load: Load) -> Timings:
    """Run the load in a process of its own and return its timings."""
    command = [sys.executable, "-m", "tools.benchmarks.grpc_load"]
    finished = subprocess.run(
        command, input=json.dumps(asdict(load)), stdout=subprocess.PIPE, text=True, check=True
    )
    return Timings(**json.loads(finished.stdout))


async def _closed_loop(load: Load, channel: grpc.aio.Channel) -> Timings:
    """Send unary calls, `in_flight` at a time."""
    engine, orders = CoreEngineServiceStub(channel), OrderServiceStub(channel)
    flow = list(islice(order_flow.orders(load.seed), load.calls + load.warm_up))

    async def one(i: int) -> None:
        if load.kind == "health":
            assert (await engine.health_check(HealthCheckRequest())).healthy
        else:
            reply = await orders.place_order(flow[i])
            assert reply.order is not None and reply.order.status != OrderStatus.REJECTED, reply

    latencies: list[float] = []
    if load.rate:
        for i in range(load.warm_up):
            await one(i)
        return await _paced(load, one)

    async def worker(numbers: range) -> None:
        for i in numbers:
            started = time.perf_counter()
            await one(i)
            latencies.append(time.perf_counter() - started)

    for i in range(load.warm_up):
        await one(i)
    started = time.perf_counter()
    end = load.warm_up + load.calls
    await asyncio.gather(
        *(worker(range(load.warm_up + w, end, load.in_flight)) for w in range(load.in_flight))
    )
    return Timings(time.perf_counter() - started, sorted(latencies))


async def _paced(load: Load, one: Callable[[int], Awaitable[None]]) -> Timings:
    """Begin calls at their times and time each from when it was due, so that no wait is left out.

    Whom a full engine refuses asks again, and the time goes on.
    """
    latencies: list[float] = []
    # The orders live to the end; looking through them again and again is no part of a client's work.
    gc.freeze()
    started = time.perf_counter()

    async def due(i: int, at: float) -> None:
        while True:
            try:
                await one(load.warm_up + i)
                break
            except grpc.aio.AioRpcError as error:
                if error.code() is not grpc.StatusCode.RESOURCE_EXHAUSTED:
                    raise
                await asyncio.sleep(_PATIENCE_S)
        latencies.append(time.perf_counter() - at)

    async with asyncio.TaskGroup() as calls:
        for i in range(load.calls):
            at = started + i / load.rate
            wait_s = at - time.perf_counter()
            if wait_s > 0:
                await asyncio.sleep(wait_s)
            calls.create_task(due(i, at))
    return Timings(time.perf_counter() - started, sorted(latencies))


async def _stream(load: Load, channel: grpc.aio.Channel) -> Timings:
    """Send messages of many orders on one stream, `in_flight` unanswered at a time.

    The timings have one latency a message; the clock runs from the first counted message to the
    last answer. The requests exist before it starts; encoding, sending, receiving and decoding
    are inside.
    """
    total = load.warm_up + load.calls
    flow = order_flow.orders(load.seed)
    requests = [
        ProcessMessagesRequest(
            messages=[EngineMessage(place_order=order) for order in islice(flow, load.orders_a_message)]
        )
        for _ in range(total)
    ]
    # The requests live to the end, and looking through them again and again is no part of a client's work.
    gc.freeze()
    slots = asyncio.Semaphore(load.in_flight)
    sent_at: list[float] = []

    async def paced() -> AsyncIterator[ProcessMessagesRequest]:
        for request in requests:
            await slots.acquire()
            sent_at.append(time.perf_counter())
            yield request

    latencies: list[float] = []
    answered = 0
    ended = 0.0
    async for response in CoreEngineServiceStub(channel).process_messages(paced()):
        slots.release()
        ended = time.perf_counter()
        assert len(response.outcomes) == load.orders_a_message
        for outcome in response.outcomes:
            assert outcome.place_order is not None and outcome.place_order.order is not None, outcome
            assert outcome.place_order.order.status != OrderStatus.REJECTED, outcome
        if answered >= load.warm_up:
            latencies.append(ended - sent_at[answered])
        answered += 1
    assert answered == total, f"expected {total} answers, found {answered}"
    return Timings(ended - sent_at[load.warm_up], sorted(latencies))


async def run(load: Load) -> Timings:
    """Run the load in this process."""
    async with grpc.aio.insecure_channel(load.address) as channel:
        await channel.channel_ready()
        return await (_stream if load.kind == "stream" else _closed_loop)(load, channel)


if __name__ == "__main__":
    json.dump(asdict(asyncio.run(run(Load(**json.load(sys.stdin))))), sys.stdout)
