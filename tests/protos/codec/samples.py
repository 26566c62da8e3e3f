"""Messages with something in every field."""

from typing import Any

from tests.protos.codec.generation import Generated


def full_sink(kitchen: Generated) -> Any:
    """Google's KitchenSink with every kind of field set, nested once in itself."""
    sink = kitchen.google("kitchen.v1.KitchenSink")()
    _fill(sink)
    _fill(sink.nested.add())
    return sink


def _fill(sink: Any) -> None:
    for scalars in (sink.scalars, sink.optionals):
        scalars.real, scalars.small_real = -1.5, 0.1
        scalars.int32_value, scalars.int64_value, scalars.uint64_value = -1, 2**62, 2**64 - 1
        scalars.sint32_value, scalars.flag, scalars.text = -(2**31), True, "Grüße"
        scalars.blob, scalars.color = b"\x00\xff", 100000
    sink.optionals.time.seconds = -1
    sink.optionals.inner.number = 5
    _fill_repeateds(sink.repeateds)
    sink.maps.texts["ключ"] = "значение"
    sink.maps.numbers[-7] = -(2**63)
    sink.maps.blobs[True] = b"yes"
    sink.maps.reals[-1] = float("inf")
    sink.maps.colors[4] = -5
    setattr(sink.maps.inners[2**63], "from", "there")
    sink.maps.times["then"].FromJsonString("1969-12-31T23:59:59.999999Z")
    sink.maps.wrapped_flags["on"].value = True
    sink.maps.durations["half"].nanos = -500_000_000
    sink.choice.before = "b" * 200
    sink.choice.inner.inner.inner.maybe = 0
    sink.choice.blob = b""
    _fill_well_known(sink.well_known)
    sink.far.number = 1


def _fill_repeateds(repeateds: Any) -> None:
    repeateds.reals.extend([0.0, -0.0, 1e300])
    repeateds.small_reals.extend([0.5, -0.5])
    for name in ("int32_values", "sint32_values", "sfixed32_values", "unpacked"):
        getattr(repeateds, name).extend([0, 1, -1, 2**31 - 1, -(2**31)])
    for name in ("int64_values", "sint64_values", "sfixed64_values"):
        getattr(repeateds, name).extend([0, 1, -1, 2**63 - 1, -(2**63)])
    for name in ("uint32_values", "fixed32_values", "uint64_values", "fixed64_values"):
        getattr(repeateds, name).extend([0, 1, 2**32 - 1])
    repeateds.flags.extend([True, False])
    repeateds.texts.extend(["", "a"])
    repeateds.blobs.extend([b"", b"a"])
    repeateds.colors.extend([1, 0, 7])
    repeateds.inners.add().number = 3
    repeateds.inners.add()
    repeateds.times.add().nanos = 1000
    repeateds.durations.add().seconds = 1
    repeateds.wrapped_texts.add().value = "w"
    repeateds.wrapped_numbers.add()
    repeateds.unpacked_colors.extend([2, 1])
    repeateds.unpacked_reals.extend([2.5])


def _fill_well_known(known: Any) -> None:
    known.time.FromJsonString("2026-11-23T13:30:00.123456Z")
    known.duration.FromJsonString("-1.500s")
    known.wrapped_double.value = 0.5
    known.wrapped_float.value = 0.25
    known.wrapped_int64.value = -1
    known.wrapped_uint64.value = 2**63
    known.wrapped_int32.value = -1
    known.wrapped_uint32.value = 1
    known.wrapped_bool.value = True
    known.wrapped_string.value = "s"
    known.wrapped_bytes.value = b"b"
    known.struct.update({"a": 1, "b": {"c": [None, True, "x"]}})
    known.value.string_value = "v"
    known.list.extend([1, "two"])
    known.mask.paths.extend(["a.b_c", "d"])
    known.any.type_url = "type.googleapis.com/kitchen.v1.Inner"
    known.any.value = b"\x08\x05"
