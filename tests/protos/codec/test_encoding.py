"""What is written, and what is refused rather than written wrongly."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta, timezone
from importlib import import_module
from types import ModuleType
from typing import Any

import pytest

from markethall_protos.codec import EncodeError
from tests.protos.codec.generation import Generated
from tests.protos.codec.samples import full_sink

Sink = Callable[[str], type[Any]]


def test_defaults_take_no_bytes(codec: ModuleType, sink: Sink) -> None:
    for name in ("Scalars", "Optionals", "Repeateds", "Maps", "Choice", "WellKnown"):
        assert codec.encoder(sink(name))(sink(name)()) == b""


def test_an_optional_default_is_written(codec: ModuleType, sink: Sink) -> None:
    assert codec.encoder(sink("Optionals"))(sink("Optionals")(int32_value=0, text="")) == b"\x18\x00\x42\x00"


def test_fields_are_written_in_the_order_of_their_numbers(codec: ModuleType, sink: Sink) -> None:
    assert codec.encoder(sink("Scalars"))(sink("Scalars")(text="a", int32_value=1)) == b"\x18\x01\x72\x01a"


def test_a_time_in_another_zone_is_written_in_utc(codec: ModuleType, sink: Sink) -> None:
    known = sink("WellKnown")
    elsewhere = datetime(1970, 1, 1, 5, 30, 1, tzinfo=timezone(timedelta(hours=5, minutes=30)))
    assert codec.encoder(known)(known(time=elsewhere)) == b"\x0a\x02\x08\x01"


def test_a_number_stands_for_an_enum_value(codec: ModuleType, sink: Sink) -> None:
    assert codec.encoder(sink("Scalars"))(sink("Scalars")(color=2)) == b"\x80\x01\x02"


def test_a_tuple_is_written_like_a_list(codec: ModuleType, sink: Sink) -> None:
    assert codec.encoder(sink("Repeateds"))(sink("Repeateds")(int32_values=(1, 2))) == b"\x1a\x02\x01\x02"


def test_a_message_longer_than_the_room_on_the_stack_is_written_whole(codec: ModuleType, sink: Sink) -> None:
    repeateds, inner = sink("Repeateds"), sink("Inner")
    message = repeateds(texts=["a" * 1000, "b" * 70000], inners=[inner(from_="c" * 300)] * 500)
    assert codec.decoder(repeateds)(codec.encoder(repeateds)(message)) == message


REFUSALS = [
    (
        "Scalars",
        {"int32_value": 2**31},
        "int32_value: expected int32, -2147483648 to 2147483647, found 2147483648",
    ),
    ("Scalars", {"int32_value": -(2**31) - 1}, "int32_value: expected int32,"),
    ("Scalars", {"int64_value": 2**63}, "int64_value: expected int64,"),
    ("Scalars", {"int64_value": -(2**63) - 1}, "int64_value: expected int64,"),
    ("Scalars", {"uint32_value": -1}, "uint32_value: expected uint32, 0 to 4294967295, found -1"),
    ("Scalars", {"uint32_value": 2**32}, "uint32_value: expected uint32,"),
    ("Scalars", {"uint64_value": 2**64}, "uint64_value: expected uint64,"),
    ("Scalars", {"uint64_value": -1}, "uint64_value: expected uint64,"),
    ("Scalars", {"sint32_value": 2**31}, "sint32_value: expected sint32,"),
    ("Scalars", {"sint64_value": -(2**63) - 1}, "sint64_value: expected sint64,"),
    ("Scalars", {"fixed32_value": 2**32}, "fixed32_value: expected fixed32,"),
    ("Scalars", {"fixed64_value": -1}, "fixed64_value: expected fixed64,"),
    ("Scalars", {"sfixed32_value": -(2**31) - 1}, "sfixed32_value: expected sfixed32,"),
    ("Scalars", {"sfixed64_value": 2**63}, "sfixed64_value: expected sfixed64,"),
    ("Scalars", {"color": 2**31}, "color: expected enum,"),
    ("Scalars", {"small_real": 1e39}, "small_real: expected float of 32 bits, found 1e+39"),
    ("Scalars", {"real": 10**400}, "real: expected double, found an int beyond its range"),
    ("Scalars", {"int32_value": 1.0}, "int32_value: expected int, found float"),
    ("Scalars", {"int64_value": "1"}, "int64_value: expected int, found str"),
    ("Scalars", {"int32_value": None}, "int32_value: expected int, found None"),
    ("Scalars", {"text": None}, "text: expected str, found None"),
    ("Scalars", {"text": b"a"}, "text: expected str, found bytes"),
    ("Scalars", {"text": 0}, "text: expected str, found int"),
    ("Scalars", {"text": "a\ud800"}, "text: expected text, found the unpaired surrogate '\\ud800' at 1"),
    ("Scalars", {"blob": "a"}, "blob: expected bytes, found str"),
    ("Scalars", {"blob": bytearray()}, "blob: expected bytes, found bytearray"),
    ("Scalars", {"flag": 1}, "flag: expected bool, found int"),
    ("Scalars", {"flag": 0}, "flag: expected bool, found int"),
    ("Scalars", {"real": "1"}, "real: expected float, found str"),
    ("Scalars", {"color": "RED"}, "color: expected int, found str"),
    ("Optionals", {"inner": 5}, "inner: expected Inner, found int"),
    (
        "Optionals",
        {"time": datetime(2026, 1, 1)},
        "time: expected an aware datetime, found one without a time zone",
    ),
    ("Optionals", {"time": 5}, "time: expected datetime, found int"),
    (
        "Optionals",
        {"time": datetime(1, 1, 1, tzinfo=timezone(timedelta(hours=1)))},
        "time: expected a time in the years 1 to 9999 of UTC, found 0001-01-01 00:00:00+01:00",
    ),
    ("WellKnown", {"duration": timedelta.max}, "duration: expected at most 10,000 years"),
    ("WellKnown", {"duration": 5}, "duration: expected timedelta, found int"),
    ("WellKnown", {"wrapped_int32": 2**31}, "wrapped_int32: expected int32,"),
    ("WellKnown", {"wrapped_string": 5}, "wrapped_string: expected str, found int"),
    ("Repeateds", {"int32_values": [1, "2"]}, "int32_values[1]: expected int, found str"),
    ("Repeateds", {"texts": "abc"}, "texts: expected a list, found str"),
    ("Repeateds", {"texts": None}, "texts: expected a list, found None"),
    ("Repeateds", {"texts": ["a", None]}, "texts[1]: expected str, found None"),
    ("Repeateds", {"wrapped_texts": [None]}, "wrapped_texts[0]: expected str, found None"),
    ("Maps", {"numbers": {1: 2**63}}, "numbers[1]: expected int64,"),
    ("Maps", {"numbers": {"1": 1}}, 'numbers["1"]: expected int, found str'),
    ("Maps", {"texts": {"key": None}}, 'texts["key"]: expected str, found None'),
    ("Maps", {"texts": []}, "texts: expected a dict, found list"),
    ("Choice", {"text": "a", "number": 1}, "text: expected one member of its oneof, found number set too"),
]


@pytest.mark.parametrize(("name", "values", "refusal"), REFUSALS)
def test_what_a_field_cannot_carry_is_refused_by_name(
    codec: ModuleType, sink: Sink, name: str, values: dict[str, Any], refusal: str
) -> None:
    message = sink(name)(**values)
    with pytest.raises(EncodeError) as caught:
        codec.encoder(sink(name))(message)
    assert str(caught.value).startswith(refusal)


def test_the_path_leads_from_the_outermost_message(codec: ModuleType, sink: Sink) -> None:
    repeateds, inner = sink("Repeateds"), sink("Inner")
    message = repeateds(inners=[inner(), inner(inner=inner(from_=5))])
    with pytest.raises(EncodeError) as caught:
        codec.encoder(repeateds)(message)
    assert (caught.value.path, caught.value.reason) == ("inners[1].inner.from", "expected str, found int")


def test_a_mistyped_attribute_is_refused(codec: ModuleType, sink: Sink) -> None:
    message = sink("Inner")()
    message.numbre = 5
    with pytest.raises(EncodeError, match=r"numbre: kitchen\.v1\.Inner has no such field"):
        codec.encoder(sink("Inner"))(message)


def test_a_deleted_attribute_is_refused(codec: ModuleType, sink: Sink) -> None:
    message = sink("Inner")()
    del message.number
    with pytest.raises(EncodeError, match="number: expected a value, found that the attribute was deleted"):
        codec.encoder(sink("Inner"))(message)


def test_a_message_of_another_type_is_refused(codec: ModuleType, sink: Sink) -> None:
    with pytest.raises(EncodeError, match="expected Inner, found Scalars"):
        codec.encoder(sink("Inner"))(sink("Scalars")())


def test_a_message_that_contains_itself_is_refused(codec: ModuleType, sink: Sink) -> None:
    message = sink("Inner")()
    message.inner = message
    with pytest.raises(EncodeError, match="messages are nested more than 100 deep"):
        codec.encoder(sink("Inner"))(message)


def test_a_hundred_levels_are_written_and_one_more_is_refused(codec: ModuleType, sink: Sink) -> None:
    inner = sink("Inner")
    message = inner(number=1)
    for _ in range(100):
        message = inner(inner=message)
    codec.encoder(inner)(message)
    with pytest.raises(EncodeError, match="messages are nested more than 100 deep"):
        codec.encoder(inner)(inner(inner=message))


def test_maps_and_times_count_as_levels_in_writing_as_in_reading(
    codec: ModuleType, kitchen: Generated
) -> None:
    sink, maps = kitchen.ours("kitchen.v1.KitchenSink"), kitchen.ours("kitchen.v1.Maps")
    known = kitchen.ours("kitchen.v1.WellKnown")
    time = datetime(2026, 1, 1, tzinfo=UTC)
    for leaf, levels in ((sink(maps=maps(texts={"a": "b"})), 2), (sink(well_known=known(time=time)), 2)):
        deepest = leaf
        for _ in range(100 - levels):
            deepest = sink(nested=[deepest])
        assert codec.decoder(sink)(codec.encoder(sink)(deepest)) == deepest
        with pytest.raises(EncodeError, match="messages are nested more than 100 deep"):
            codec.encoder(sink)(sink(nested=[deepest]))


def test_both_implementations_write_the_same_bytes(kitchen: Generated) -> None:
    compiled = pytest.importorskip("markethall_protos.codec.compiled", reason="the codec was not compiled")
    generated = import_module("markethall_protos.codec.generated")
    sink = kitchen.ours("kitchen.v1.KitchenSink")
    message = compiled.decoder(sink)(full_sink(kitchen).SerializeToString())
    assert compiled.encoder(sink)(message) == generated.encoder(sink)(message)
