"""Durable orders: by HTTP one at a time and in batches, by unary gRPC, on the command stream.

Each order is acknowledged after its journal record is flushed. The client has a process of its own
on the same machine, whose processor it shares.
"""

import asyncio
import json
from itertools import islice
from pathlib import Path
from statistics import median

import grpc.aio

from markethall_protos import codec
from markethall_protos.v1 import CoreEngineServiceStub
from tools.benchmarks import grpc_load, http_load, order_flow, peer
from tools.benchmarks.figures import Figure
from tools.benchmarks.processes import Venue, running_venue
from tools.benchmarks.throw_away import NotInstallableError

SECTION = "durable orders"
ROUNDS = 3
CONNECTIONS = 64
BATCH = 100


def prepare(venue: Venue) -> None:
    """Make the instrument and the accounts of the flow."""

    async def over_one_channel() -> None:
        async with grpc.aio.insecure_channel(venue.engine_address) as channel:
            await order_flow.prepare(CoreEngineServiceStub(channel))

    asyncio.run(over_one_channel())


def by_grpc(venue: Venue) -> list[Figure]:
    """Unary calls and the stream."""

    def load(kind: str, calls: int, in_flight: int, orders_a_message: int = 1) -> http_load.Timings:
        assert kind in ("unary", "stream")
        return grpc_load.measure(
            grpc_load.Load(
                venue.engine_address,
                "unary" if kind == "unary" else "stream",
                calls=calls,
                in_flight=in_flight,
                warm_up=max(20, calls // 10),
                orders_a_message=orders_a_message,
            )
        )

    alone, crowd = load("unary", 2_000, 1), load("unary", 6_000, 32)
    one, batched = load("stream", 3_000, 16), [load("stream", 600, 8, 200) for _ in range(ROUNDS)]
    batched.sort(key=lambda timings: timings.rate)
    middle = batched[ROUNDS // 2]
    return [
        Figure(SECTION, "unary gRPC, 1 caller, median", alone.percentile_ms(0.5), "ms", bar=3.0),
        Figure(SECTION, "unary gRPC, 1 caller, p99", alone.percentile_ms(0.99), "ms"),
        Figure(SECTION, "unary gRPC, 32 callers", crowd.rate, "orders/s"),
        Figure(SECTION, "stream, 1 order a message", one.rate, "orders/s"),
        Figure(
            SECTION,
            "stream, 200 orders a message",
            middle.rate * 200,
            "orders/s",
            bar=60_000,
            at_most=False,
            note=f"8 messages in flight; p50 {middle.percentile_ms(0.5):.1f} ms a message, "
            f"p99 {middle.percentile_ms(0.99):.1f} ms",
        ),
    ]


def _order_body() -> str:
    order = codec.to_json_value(next(iter(order_flow.orders(7))))
    return json.dumps({name: order[name] for name in ("account_id", "symbol", "side", "quantity", "price")})


def _batch_body() -> str:
    orders = [codec.to_json_value(order) for order in islice(order_flow.orders(7), BATCH)]
    names = ("account_id", "symbol", "side", "quantity", "price")
    return json.dumps({"orders": [{name: order[name] for name in names} for order in orders]})


def by_http(folder: Path, servers: tuple[str, ...]) -> list[Figure]:
    """One order a request and batches of 100, beside the peer, interleaved in one run."""
    single = _order_body()
    peer_body = '{"account": 2, "side": "sell", "price": "64000.50", "quantity": "0.5"}'
    figures: list[Figure] = []
    try:
        with peer.peer_gateway(folder) as peer_port:
            for server in servers:
                data = folder / server
                data.mkdir()
                with running_venue(data, server=server) as venue:
                    prepare(venue)
                    rates: dict[str, list[float]] = {"ours": [], "peer": [], "batch": []}
                    for _ in range(ROUNDS):
                        rates["ours"].append(_rate(venue.gateway_port, "/v1/orders", single, 5_000))
                        rates["peer"].append(_rate(peer_port, peer.ORDER_PATH, peer_body, 5_000))
                        batch = _rate(
                            venue.gateway_port, "/v1/orders:batch", _batch_body(), 400, connections=8
                        )
                        rates["batch"].append(batch * BATCH)
                ours, theirs, batches = (median(rates[name]) for name in ("ours", "peer", "batch"))
                what = f"HTTP on {server}"
                figures += [
                    Figure(SECTION, f"{what}, 1 order a request", ours, "orders/s"),
                    Figure(SECTION, "matching-engine's gateway, flushed", theirs, "orders/s"),
                    Figure(SECTION, f"{what}, ratio", ours / theirs, "x", bar=1.5, at_most=False),
                    Figure(SECTION, f"{what}, {BATCH} orders a request", batches, "orders/s"),
                    Figure(
                        SECTION, f"{what}, ratio in batches", batches / theirs, "x", bar=10, at_most=False
                    ),
                ]
    except NotInstallableError as error:
        figures.append(Figure(SECTION, "matching-engine not measured", 0, "", note=str(error)))
    return figures


def _rate(port: int, path: str, body: str, requests: int, connections: int = CONNECTIONS) -> float:
    load = http_load.Load(
        "127.0.0.1", port, "POST", path, body, requests, connections, warm_up=requests // 10
    )
    return http_load.measure(load).rate
