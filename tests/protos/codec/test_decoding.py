"""What bytes mean where the wire leaves a choice."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from types import ModuleType
from typing import Any

import pytest

Sink = Callable[[str], type[Any]]


def test_no_bytes_are_a_message_of_defaults(codec: ModuleType, sink: Sink) -> None:
    for name in ("Scalars", "Optionals", "Repeateds", "Maps", "Choice", "WellKnown"):
        assert codec.decoder(sink(name))(b"") == sink(name)()


def test_messages_do_not_share_lists_or_dicts(codec: ModuleType, sink: Sink) -> None:
    for name, container in (("Repeateds", "texts"), ("Maps", "texts")):
        decode = codec.decoder(sink(name))
        assert getattr(decode(b""), container) is not getattr(decode(b""), container)


def test_the_last_member_of_a_oneof_counts(codec: ModuleType, sink: Sink) -> None:
    decoded = codec.decoder(sink("Choice"))(b"\x12\x01a" + b"\x18\x07")
    assert decoded == sink("Choice")(number=7)


def test_a_member_of_a_oneof_may_hold_its_default(codec: ModuleType, sink: Sink) -> None:
    choice = sink("Choice")
    encoded = codec.encoder(choice)(choice(number=0))
    assert encoded == b"\x18\x00"
    assert codec.decoder(choice)(encoded).number == 0


def test_two_occurrences_of_a_message_are_merged(codec: ModuleType, sink: Sink) -> None:
    choice, inner = sink("Choice"), sink("Inner")
    decoded = codec.decoder(choice)(b"\x22\x05\x08\x01\x12\x01a" + b"\x22\x02\x08\x02")
    assert decoded == choice(inner=inner(number=2, from_="a"))


def test_a_member_of_a_oneof_is_not_merged_with_one_that_another_member_replaced(
    codec: ModuleType, sink: Sink
) -> None:
    choice, inner = sink("Choice"), sink("Inner")
    decoded = codec.decoder(choice)(b"\x22\x02\x08\x01" + b"\x18\x07" + b"\x22\x03\x12\x01a")
    assert decoded == choice(inner=inner(from_="a"))


def test_the_halves_of_a_timestamp_are_merged(codec: ModuleType, sink: Sink) -> None:
    decoded = codec.decoder(sink("WellKnown"))(b"\x0a\x02\x08\x05" + b"\x0a\x03\x10\xe8\x07")
    assert decoded.time == datetime(1970, 1, 1, 0, 0, 5, 1, UTC)


@pytest.mark.parametrize(
    "data", [b"\x1a\x03\x01\x02\x03", b"\x18\x01\x18\x02\x18\x03", b"\x18\x01\x1a\x02\x02\x03"]
)
def test_repeated_numbers_are_read_packed_and_not(codec: ModuleType, sink: Sink, data: bytes) -> None:
    assert codec.decoder(sink("Repeateds"))(data).int32_values == [1, 2, 3]


def test_a_number_of_64_bits_is_cut_to_the_32_of_its_field(codec: ModuleType, sink: Sink) -> None:
    decode = codec.decoder(sink("Scalars"))
    assert decode(b"\x18\xff\xff\xff\xff\x1f").int32_value == -1
    assert decode(b"\x28\xff\xff\xff\xff\x1f").uint32_value == 2**32 - 1
    assert decode(b"\x38\x83\x80\x80\x80\x10").sint32_value == -2


def test_any_number_but_zero_is_true(codec: ModuleType, sink: Sink) -> None:
    assert codec.decoder(sink("Scalars"))(b"\x68\x80\x02").flag is True


def test_an_unknown_enum_value_is_kept(codec: ModuleType, sink: Sink) -> None:
    scalars = sink("Scalars")
    for data in (b"\x80\x01\x07", b"\x80\x01\xe8\x07", b"\x80\x01\xf8\xff\xff\xff\xff\xff\xff\xff\xff\x01"):
        decoded = codec.decoder(scalars)(data)
        assert decoded.color.name == ""
        assert codec.encoder(scalars)(decoded) == data


def test_unknown_fields_are_kept_in_their_order(codec: ModuleType, sink: Sink) -> None:
    unknown = [
        b"\xa0\x06\x01",
        b"\xa2\x06\x01a",
        b"\xa5\x06abcd",
        b"\xa1\x06abcdefgh",
        b"\xa3\x06\x08\x01\xa4\x06",
    ]
    inner = sink("Inner")
    decoded = codec.decoder(inner)(b"\x08\x05".join(unknown))
    assert decoded.number == 5
    assert codec.encoder(inner)(decoded) == b"\x08\x05" + b"".join(unknown)


def test_a_field_of_another_wire_type_is_an_unknown_field(codec: ModuleType, sink: Sink) -> None:
    scalars = sink("Scalars")
    decoded = codec.decoder(scalars)(b"\x1d\x01\x00\x00\x00")
    assert decoded.int32_value == 0
    assert codec.encoder(scalars)(decoded) == b"\x1d\x01\x00\x00\x00"


def test_the_last_of_equal_keys_counts_and_what_an_entry_lacks_is_its_default(
    codec: ModuleType, sink: Sink
) -> None:
    maps, inner = sink("Maps"), sink("Inner")
    decoded = codec.decoder(maps)(
        b"\x12\x04\x08\x01\x10\x02" + b"\x12\x04\x08\x01\x10\x03" + b"\x12\x00\x32\x00"
    )
    assert decoded == maps(numbers={1: 3, 0: 0}, inners={0: inner()})


def test_negative_zero_keeps_its_sign(codec: ModuleType, sink: Sink) -> None:
    scalars = sink("Scalars")
    encoded = codec.encoder(scalars)(scalars(real=-0.0, small_real=-0.0))
    decoded = codec.decoder(scalars)(encoded)
    assert (str(decoded.real), str(decoded.small_real)) == ("-0.0", "-0.0")


@pytest.mark.parametrize(
    ("nanos", "microsecond"),
    [(b"\xff\x93\xeb\xdc\x03", 999_999), (b"\x01", 0), (b"\xe7\x07", 0), (b"\xe9\x07", 1)],
)
def test_nanoseconds_of_a_timestamp_are_dropped_toward_the_past(
    codec: ModuleType, sink: Sink, nanos: bytes, microsecond: int
) -> None:
    before_1970 = b"\x08" + b"\xff" * 9 + b"\x01" + b"\x10" + nanos
    decoded = codec.decoder(sink("WellKnown"))(b"\x0a" + bytes([len(before_1970)]) + before_1970)
    assert decoded.time == datetime(1969, 12, 31, 23, 59, 59, microsecond, UTC)


def test_nanoseconds_of_a_duration_are_dropped_toward_zero(codec: ModuleType, sink: Sink) -> None:
    minus_1999_nanos = b"\x10\xb1\xf0\xff\xff\xff\xff\xff\xff\xff\x01"
    decoded = codec.decoder(sink("WellKnown"))(b"\x12\x0b" + minus_1999_nanos)
    assert decoded.duration == timedelta(microseconds=-1)


def test_decoded_times_are_in_utc(codec: ModuleType, sink: Sink) -> None:
    assert codec.decoder(sink("WellKnown"))(b"\x0a\x00").time.tzinfo is UTC
