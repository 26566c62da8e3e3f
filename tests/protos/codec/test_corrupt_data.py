"""Data that is no message is refused with an error, where Google refuses it, and nothing ever crashes."""

import random
from collections.abc import Callable, Iterator
from importlib import import_module
from types import ModuleType
from typing import Any

import pytest
from google.protobuf.message import DecodeError as GoogleDecodeError

from markethall_protos.codec import DecodeError, errors
from tests.protos.codec.comparison import as_python_holds_it, wire_form
from tests.protos.codec.generation import Generated
from tests.protos.codec.samples import full_sink

UNREPRESENTABLE = (errors.BAD_TIMESTAMP, errors.BAD_DURATION)
"""Refused by us and not by Google, which holds any seconds and nanos."""


def mutations(data: bytes, seed: int, count: int) -> Iterator[bytes]:
    """Copies of `data` with bits flipped, bytes replaced, pieces cut out, doubled or swapped in."""
    chance = random.Random(seed)
    for _ in range(count):
        mutated = bytearray(data)
        for _ in range(chance.randint(1, 4)):
            place = chance.randrange(len(mutated) + 1)
            length = chance.choice([1, 1, 1, 2, 5, 20])
            kind = chance.randrange(5)
            if kind == 0:
                mutated[place : place + length] = chance.randbytes(length)
            elif kind == 1:
                del mutated[place : place + length]
            elif kind == 2:
                mutated[place:place] = mutated[place : place + length]
            elif kind == 3 and place < len(mutated):
                mutated[place] ^= 1 << chance.randrange(8)
            else:
                start = chance.randrange(len(data))
                mutated[place:place] = data[start : start + length]
        yield bytes(mutated)


def check_verdict(codec: ModuleType, kitchen: Generated, name: str, data: bytes) -> bool:
    """Assert that we accept what Google accepts, as the same message, and return whether that is so."""
    ours, google = kitchen.ours(f"kitchen.v1.{name}"), kitchen.google(f"kitchen.v1.{name}")
    try:
        expected = google.FromString(data)
    except GoogleDecodeError:
        with pytest.raises(DecodeError):
            codec.decoder(ours)(data)
        return False
    try:
        decoded = codec.decoder(ours)(data)
    except DecodeError as error:
        assert error.reason in UNREPRESENTABLE, data
        return False
    written = google.FromString(codec.encoder(ours)(decoded))
    assert wire_form(as_python_holds_it(written)) == wire_form(as_python_holds_it(expected)), data
    return True


@pytest.mark.parametrize("seed", range(4))
def test_mutated_messages_get_googles_verdict(codec: ModuleType, kitchen: Generated, seed: int) -> None:
    data = full_sink(kitchen).SerializeToString()
    accepted = [check_verdict(codec, kitchen, "KitchenSink", each) for each in mutations(data, seed, 500)]
    assert any(accepted)
    assert not all(accepted)


@pytest.mark.parametrize("name", ["Scalars", "Repeateds", "Maps", "Choice", "WellKnown", "Inner"])
def test_noise_gets_googles_verdict(codec: ModuleType, kitchen: Generated, name: str) -> None:
    chance = random.Random(7)
    for _ in range(1500):
        check_verdict(codec, kitchen, name, chance.randbytes(chance.randint(1, 12)))


def test_a_message_cut_anywhere_gets_googles_verdict(codec: ModuleType, kitchen: Generated) -> None:
    data = full_sink(kitchen).SerializeToString()
    for end in range(len(data)):
        check_verdict(codec, kitchen, "KitchenSink", data[:end])


def test_both_implementations_refuse_with_the_same_words(kitchen: Generated) -> None:
    compiled = pytest.importorskip("markethall_protos.codec.compiled", reason="the codec was not compiled")
    generated = import_module("markethall_protos.codec.generated")
    cls = kitchen.ours("kitchen.v1.KitchenSink")
    sample = full_sink(kitchen).SerializeToString()
    for data in mutations(sample, seed=11, count=1500):
        assert _refusal(compiled.decoder(cls), data) == _refusal(generated.decoder(cls), data), data


def _refusal(decode: Callable[[bytes], Any], data: bytes) -> str | None:
    try:
        decode(data)
    except DecodeError as error:
        return str(error)
    return None


@pytest.mark.parametrize(
    ("name", "data", "refusal"),
    [
        ("Scalars", b"\x18", f"int32_value: {errors.TRUNCATED}"),
        ("Scalars", b"\x18\x80\x80", f"int32_value: {errors.TRUNCATED}"),
        ("Scalars", b"\x18" + b"\x80" * 10 + b"\x01", f"int32_value: {errors.VARINT_TOO_LONG}"),
        ("Scalars", b"\x09\x00\x00", f"real: {errors.TRUNCATED}"),
        ("Scalars", b"\x15\x00\x00", f"small_real: {errors.TRUNCATED}"),
        ("Scalars", b"\x72\x05abc", f"text: {errors.TRUNCATED}"),
        ("Scalars", b"\x72\x82\x80\x80\x80\x80\x00ab", f"text: {errors.BAD_LENGTH}"),
        ("Scalars", b"\x72\x02\xc3\x28", f"text: {errors.BAD_UTF8}"),
        ("Scalars", b"\x72\x03\xed\xa0\x80", f"text: {errors.BAD_UTF8}"),
        ("Scalars", b"\x00\x01", errors.BAD_TAG),
        ("Scalars", b"\x88\x80\x80\x80\x80\x00\x05", errors.BAD_TAG),
        ("Scalars", b"\xf8\xff\xff\xff\x1f\x05", errors.BAD_TAG),
        ("Scalars", b"\xf8\xff", errors.TRUNCATED),
        ("Scalars", b"\x0e", errors.BAD_WIRE_TYPE),
        ("Scalars", b"\x0c", errors.BAD_GROUP),
        ("Scalars", b"\xa3\x06\x08\x01\xac\x06", errors.BAD_GROUP),
        ("Scalars", b"\xa3\x06\x08\x01", errors.TRUNCATED),
        ("Repeateds", b"\x1a\x03\x01\x02\xff", f"int32_values: {errors.TRUNCATED}"),
        ("Repeateds", b"\x0a\x09" + b"\x00" * 9, f"reals: {errors.TRUNCATED}"),
        ("Repeateds", b"\x8a\x01\x00\x8a\x01\x02\x08\x80", f"inners[1].number: {errors.TRUNCATED}"),
        ("Maps", b"\x0a\x03\x0a\x01\xff", f"texts: {errors.BAD_UTF8}"),
        ("WellKnown", b"\x0a\x02\x10\x01\x0a\x02\x10\xff", f"time: {errors.TRUNCATED}"),
        ("WellKnown", b"\x0a\x0b\x10" + b"\xff" * 9 + b"\x01", f"time: {errors.BAD_TIMESTAMP}"),
        ("WellKnown", b"\x0a\x06\x10\x80\x94\xeb\xdc\x03", f"time: {errors.BAD_TIMESTAMP}"),
        ("WellKnown", b"\x12\x07\x08\x80\xf8\xad\xf2\x98\x13", f"duration: {errors.BAD_DURATION}"),
        ("WellKnown", b"\x12\x0d\x08\x01\x10" + b"\xff" * 9 + b"\x01", f"duration: {errors.BAD_DURATION}"),
    ],
)
def test_a_refusal_names_the_field_and_the_fault(
    codec: ModuleType, sink: Callable[[str], type[Any]], name: str, data: bytes, refusal: str
) -> None:
    with pytest.raises(DecodeError) as caught:
        codec.decoder(sink(name))(data)
    assert str(caught.value) == refusal


def nested(levels: int) -> bytes:
    data = b""
    for _ in range(levels):
        data = b"\x1a" + _length(data) + data
    return data


def _length(data: bytes) -> bytes:
    return bytes([len(data)]) if len(data) < 128 else bytes([len(data) & 127 | 128, len(data) >> 7])


def test_a_hundred_levels_are_read_and_one_more_is_refused(
    codec: ModuleType, sink: Callable[[str], type[Any]]
) -> None:
    decode, encode = codec.decoder(sink("Inner")), codec.encoder(sink("Inner"))
    assert encode(decode(nested(100))) == nested(100)
    with pytest.raises(DecodeError, match=errors.TOO_DEEP):
        decode(nested(101))


def test_a_hundred_groups_are_skipped_and_one_more_is_refused(
    codec: ModuleType, sink: Callable[[str], type[Any]]
) -> None:
    decode, encode = codec.decoder(sink("Inner")), codec.encoder(sink("Inner"))
    begin, end = b"\xa3\x06", b"\xa4\x06"
    assert encode(decode(begin * 100 + end * 100)) == begin * 100 + end * 100
    with pytest.raises(DecodeError, match=errors.TOO_DEEP):
        decode(begin * 101 + end * 101)


def test_only_bytes_are_decoded(codec: ModuleType, sink: Callable[[str], type[Any]]) -> None:
    with pytest.raises(TypeError, match="expected bytes, found str"):
        codec.decoder(sink("Inner"))("text")  # type: ignore[arg-type]


def test_many_unknown_fields_are_read_in_linear_time(
    codec: ModuleType, sink: Callable[[str], type[Any]]
) -> None:
    """A copy of the unknown fields so far for each that follows would take minutes here."""
    data = b"\xa0\x06\x01\x08\x01" * 200_000
    assert len(codec.encoder(sink("Inner"))(codec.decoder(sink("Inner"))(data))) == 600_002
