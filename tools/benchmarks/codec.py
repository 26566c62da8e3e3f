"""The codec beside Google's: messages to bytes and back against upb, JSON against json_format.

`python -m tools.benchmarks.codec` shows it alone. The message is the contract's Order with 12 of its
fields; the compiled JSON is compared with that in pure Python too, on a batch of 100 orders to place and the
answer to it, each with a fill. All contestants run in turn, many times over, in one process; a figure is the
ratio of medians. upb's timestamp is set from a ready message and read as seconds and nanos, and so spared
the conversion to and from `datetime` that ours includes.
"""

import dataclasses
import json
import sys
import timeit
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from statistics import median
from typing import Any

import betterproto2
from google.protobuf import descriptor_pb2, descriptor_pool, json_format, message_factory

import markethall_protos.v1
from markethall_protos.codec import to_json, to_json_value
from markethall_protos.codec.json.text import parse
from markethall_protos.v1 import (
    Fill,
    LiquidityRole,
    Order,
    OrderStatus,
    OrderType,
    PlaceOrderRequest,
    PlaceOrderResponse,
    PlaceOrderResult,
    PlaceOrdersRequest,
    PlaceOrdersResponse,
    Side,
    TimeInForce,
)
from tools.benchmarks.figures import Figure, show

FIELDS = (
    *("order_id", "client_order_id", "account_id", "symbol", "side", "type", "time_in_force", "status"),
    *("quantity", "price", "sequence", "create_time"),
)
VALUES: dict[str, Any] = {
    "order_id": "4611686018",
    "client_order_id": "strategy-7-000123",
    "account_id": "alice",
    "symbol": "BTC-USD",
    "side": Side.BUY,
    "type": OrderType.LIMIT,
    "time_in_force": TimeInForce.GTC,
    "status": OrderStatus.NEW,
    "quantity": "0.5",
    "price": "65000.25",
    "sequence": 4611686018,
    "create_time": datetime(2026, 11, 23, 13, 30, 0, 123456, UTC),
}

PLACED = FIELDS[1:7] + FIELDS[8:10]
"""Fields that who places the order gives."""

FILL_VALUES: dict[str, Any] = {
    "trade_id": "4611686019",
    "order_id": "4611686018",
    "client_order_id": "strategy-7-000123",
    "account_id": "alice",
    "symbol": "BTC-USD",
    "side": Side.BUY,
    "liquidity_role": LiquidityRole.TAKER,
    "price": "65000.25",
    "quantity": "0.25",
    "notional": "16250.0625",
    "fee": "8.13",
    "sequence": 4611686018,
    "trade_time": datetime(2026, 11, 23, 13, 30, 0, 123456, UTC),
}

ROUNDS, CALLS = 15, 2000
"""How often each contestant gets its turn, and how many calls a turn is."""

BATCH = 100
"""Orders in the batch."""

Contestants = dict[str, Callable[[], object]]


def figures() -> list[Figure]:
    """Measure everything; ratios of time, below 1 where ours is the faster."""
    implementations = ["python"]
    if find_spec("markethall_protos.codec.compiled"):
        implementations.insert(0, "compiled")
    order, google_order = order_classes()
    binary = binary_times(order, google_order, implementations)
    found = []
    for what in ("build and serialize", "parse and read"):
        for name in implementations:
            bar = 1.0 if name == "compiled" else 5.0
            found.append(_ratio(f"{what}, {name} codec / upb", binary[what], name, "upb", bar))
    written, read = json_times(order, google_order, implementations)
    found += [
        _ratio(f"message to JSON, {name} codec / json_format", written, name, "json_format", 1 / 3)
        for name in implementations
    ]
    found += [
        _ratio(f"JSON to message, {name} codec / json_format", read, name, "json_format", 1 / 3)
        for name in implementations
    ]
    if "compiled" in implementations:
        written, read = batch_times(implementations)
        found.append(_ratio("batch to JSON, compiled codec / python", written, "compiled", "python", 1 / 3))
        found.append(_ratio("batch from JSON, compiled codec / python", read, "compiled", "python", 2 / 3))
    return found


def _ratio(what: str, times: dict[str, float], ours: str, theirs: str, bar: float) -> Figure:
    note = f"{times[ours] * 1e6:.2f} µs against {times[theirs] * 1e6:.2f} µs"
    return Figure("codec", what, times[ours] / times[theirs], "x", bar, note=note)


def order_classes() -> tuple[type[Any], type[Any]]:
    """Return Order cut down to `FIELDS`, as betterproto2's class and as Google's."""
    fields = {field.name: field for field in dataclasses.fields(Order)}
    ours = dataclasses.make_dataclass(
        "TwelveFieldOrder",
        [
            (
                name,
                fields[name].type,
                dataclasses.field(
                    default_factory=fields[name].default_factory, metadata=fields[name].metadata
                ),
            )
            for name in FIELDS
        ],
        bases=(betterproto2.Message,),
        namespace={"__module__": Order.__module__},
        eq=False,
        repr=False,
    )
    return ours, _google_class()


def _google_class() -> type[Any]:
    path = Path(markethall_protos.v1.__file__).with_name("descriptor_set.binpb")
    descriptors = descriptor_pb2.FileDescriptorSet.FromString(path.read_bytes())
    pool = descriptor_pool.DescriptorPool()
    for file in descriptors.file:
        for message in file.message_type:
            if file.package == "markethall.v1" and message.name == "Order":
                kept = [field for field in message.field if field.name in FIELDS]
                del message.field[:]
                message.field.extend(kept)
        pool.Add(file)
    return message_factory.GetMessageClass(pool.FindMessageTypeByName("markethall.v1.Order"))


def binary_times(
    order: type[Any], google_order: type[Any], implementations: Sequence[str]
) -> dict[str, dict[str, float]]:
    """Measure seconds a call, by what is done and by whom."""
    google_values = _google_values(google_order)
    data = google_order(**google_values).SerializeToString()
    parse = google_order.FromString
    build: Contestants = {"upb": lambda: google_order(**google_values).SerializeToString()}
    read: Contestants = {"upb": lambda: _read_google(parse(data))}
    for name in implementations:
        module = import_module("markethall_protos.codec." + {"python": "generated"}.get(name, name))
        encode, decode = module.encoder(order), module.decoder(order)
        assert encode(order(**VALUES)) == data
        build[name] = lambda encode=encode: encode(order(**VALUES))  # type: ignore[misc]
        read[name] = lambda decode=decode: _read(decode(data))  # type: ignore[misc]
    return {"build and serialize": seconds(build), "parse and read": seconds(read)}


def _google_values(google_order: type[Any]) -> dict[str, Any]:
    create_time = google_order().create_time
    create_time.FromDatetime(VALUES["create_time"])
    return VALUES | {"create_time": create_time}


def _read(order: Any) -> tuple[object, ...]:
    return (
        *(order.order_id, order.client_order_id, order.account_id, order.symbol, order.side, order.type),
        *(order.time_in_force, order.status, order.quantity, order.price, order.sequence, order.create_time),
    )


def _read_google(order: Any) -> tuple[object, ...]:
    time = order.create_time
    return (
        *(order.order_id, order.client_order_id, order.account_id, order.symbol, order.side, order.type),
        *(order.time_in_force, order.status, order.quantity, order.price, order.sequence),
        *(time.seconds, time.nanos),
    )


def json_times(
    order: type[Any], google_order: type[Any], implementations: Sequence[str]
) -> tuple[dict[str, float], dict[str, float]]:
    """Measure seconds a call of writing and of reading, both sides with snake_case names and defaults."""
    message, google_message = order(**VALUES), google_order(**_google_values(google_order))
    text = to_json(message)
    google_text = _google_json(google_message)
    assert json.loads(google_text).keys() == json.loads(text).keys()
    write = _json_writers(message, implementations)
    write["json_format"] = lambda: _google_json(google_message).encode()
    read = _json_readers(message, text, implementations)
    read["json_format"] = lambda: json_format.Parse(google_text, google_order())
    return seconds(write), seconds(read)


def batch_times(implementations: Sequence[str]) -> tuple[dict[str, float], dict[str, float]]:
    """Measure seconds a call of writing the answer to a batch of orders, and of reading the batch."""
    place = PlaceOrderRequest(**{name: VALUES[name] for name in PLACED})
    request = PlaceOrdersRequest(orders=[place] * BATCH)
    text = json.dumps({"orders": [{name: to_json_value(place)[name] for name in PLACED}] * BATCH}).encode()
    placed = PlaceOrderResponse(order=Order(**VALUES), fills=[Fill(**FILL_VALUES)])
    answer = PlaceOrdersResponse(results=[PlaceOrderResult(response=placed)] * BATCH)
    return (
        seconds(_json_writers(answer, implementations), CALLS // BATCH),
        seconds(_json_readers(request, text, implementations), CALLS // BATCH),
    )


def _json_writers(message: Any, implementations: Sequence[str]) -> Contestants:
    write: Contestants = {}
    for name in implementations:
        module = import_module("markethall_protos.codec." + {"python": "json.writer"}.get(name, name))
        encode = module.json_encoder(type(message))
        assert encode(message) == to_json(message)
        write[name] = lambda encode=encode: encode(message)  # type: ignore[misc]
    return write


def _google_json(message: Any) -> str:
    return json_format.MessageToJson(
        message, preserving_proto_field_name=True, always_print_fields_with_no_presence=True, indent=None
    )


def _json_readers(message: Any, text: bytes, implementations: Sequence[str]) -> Contestants:
    """Return what reads `message` from `text`; the parser is the same for all."""
    read: Contestants = {}
    for name in implementations:
        module = import_module("markethall_protos.codec." + {"python": "json.reader"}.get(name, name))
        decode = module.json_value_decoder(type(message))
        assert decode(parse(text)) == message
        read[name] = lambda decode=decode: decode(parse(text))  # type: ignore[misc]
    return read


def seconds(contestants: Contestants, calls: int = CALLS) -> dict[str, float]:
    """Return each contestant's median time a call, all having taken turns of `calls` calls."""
    times: dict[str, list[float]] = {name: [] for name in contestants}
    for _ in range(ROUNDS):
        for name, call in contestants.items():
            times[name].append(timeit.timeit(call, number=calls) / calls)
    return {name: median(taken) for name, taken in times.items()}


def main() -> int:
    found = figures()
    show(found, "The codec beside Google's")
    return 0 if all(figure.is_met for figure in found) else 1


if __name__ == "__main__":
    sys.exit(main())
