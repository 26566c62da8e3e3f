"""The compiled JSON and that in pure Python: one text, byte for byte, and the same read from any."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from markethall_protos.codec import EncodeError, JsonError, decode
from markethall_protos.codec.json import reader, writer
from markethall_protos.codec.schema import schema_of
from tests.protos.codec.generation import Generated
from tests.protos.codec.samples import full_sink
from tests.protos.codec.strategies import messages
from tests.protos.codec.test_against_google import CONTRACT, KITCHEN, examples

compiled = pytest.importorskip("markethall_protos.codec.compiled", reason="the codec was not compiled")

Sink = Callable[[str], type[Any]]
ANY_TEXT = st.text(st.characters(exclude_categories=["Cs"])) | st.text(
    '"\\/\b\f\n\r\t\0\x1f\x7f\u2028ü🙂', max_size=40
)


def outcome(encoder: Callable[[type[Any]], Callable[[Any], bytes]], message: Any) -> bytes | str:
    """The text of `message`, or why there is none."""
    try:
        return encoder(type(message))(message)
    except EncodeError as error:
        return str(error)


def assert_alike(message: Any) -> None:
    assert outcome(compiled.json_encoder, message) == outcome(writer.json_encoder, message)


@pytest.mark.parametrize("name", CONTRACT)
def test_every_message_of_the_contract_is_written_alike(name: str, contract: Generated) -> None:
    ours, google = contract.ours(name), contract.google(name)

    @examples(15)
    @given(messages(google))
    def test(message: Any) -> None:
        assert_alike(decode(ours, message.SerializeToString()))

    test()


@pytest.mark.parametrize("name", KITCHEN)
def test_everything_a_message_can_hold_is_written_or_refused_alike(name: str, kitchen: Generated) -> None:
    ours, google = kitchen.ours(name), kitchen.google(name)

    @examples(60)
    @given(messages(google))
    def test(message: Any) -> None:
        assert_alike(decode(ours, message.SerializeToString()))

    test()


def test_a_message_with_something_in_every_field_is_written_alike(kitchen: Generated) -> None:
    message = decode(kitchen.ours("kitchen.v1.KitchenSink"), full_sink(kitchen).SerializeToString())
    text = outcome(compiled.json_encoder, message)
    assert isinstance(text, bytes)
    assert text == outcome(writer.json_encoder, message)


def test_every_character_is_escaped_alike(sink: Sink) -> None:
    scalars = sink("Scalars")

    @examples(300)
    @given(ANY_TEXT)
    def test(text: str) -> None:
        assert_alike(scalars(text=text))

    for code in range(0x300):
        assert_alike(scalars(text=f"a{chr(code)}b"))
    test()


def test_texts_longer_than_the_lent_room_are_written_alike(sink: Sink) -> None:
    for length in (*range(980, 1030), 5000):
        assert_alike(sink("Scalars")(text="x" * length + "\x01" * (length % 7)))
        assert_alike(sink("Scalars")(text="\x01" * length))
        assert_alike(
            sink("Repeateds")(int64_values=[-(2**63)] * length, reals=[-1.7976931348623157e308] * length)
        )


@examples(300)
@given(real=st.floats(), single=st.floats(width=32))
def test_numbers_are_written_alike(sink: Sink, real: float, single: float) -> None:
    assert_alike(sink("Scalars")(real=real, small_real=single))


@examples(300)
@given(
    time=st.datetimes(timezones=st.just(UTC))
    | st.datetimes(timezones=st.just(timezone(timedelta(hours=-7)))),
    span=st.timedeltas(),
)
def test_times_are_written_or_refused_alike(sink: Sink, time: datetime, span: timedelta) -> None:
    assert_alike(sink("WellKnown")(time=time))
    assert_alike(sink("WellKnown")(duration=span))


@pytest.mark.parametrize(
    "value",
    [None, True, 1, 2**64, -1, 1.5, 10**400, "a", b"a", [], {}, object(), datetime(2026, 1, 1), timedelta(1)],
)
def test_values_of_any_type_are_written_or_refused_alike_in_any_field(sink: Sink, value: Any) -> None:
    for name in ("Scalars", "Optionals", "Repeateds", "Maps", "Choice", "WellKnown"):
        for field in vars(sink(name)()):
            for given_value in (
                value,
                [value],
                {value: value} if value.__hash__ else {"a": value},
                {"a": value},
            ):
                message = sink(name)()
                message.__dict__[field] = given_value
                assert_alike(message)


def test_a_path_leads_to_what_json_cannot_say_in_lists_and_maps(sink: Sink, kitchen: Generated) -> None:
    mask = kitchen.ours("google.protobuf.FieldMask")
    nested = sink("KitchenSink")(
        nested=[
            sink("KitchenSink")(),
            sink("KitchenSink")(well_known=sink("WellKnown")(mask=mask(paths=["A"]))),
        ]
    )
    refusal = "nested[1].well_known.mask.paths[0]: expected a path in snake_case, found 'A'"
    assert outcome(compiled.json_encoder, nested) == outcome(writer.json_encoder, nested) == refusal


def reading(decoder: Callable[[type[Any]], Callable[[Any], Any]], cls: type[Any], value: Any) -> Any:
    """The attributes of the message read from `value`, or why there is none."""
    try:
        return repr(vars(decoder(cls)(value)))
    except JsonError as error:
        return str(error)


JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**65), 2**65)
    | st.floats()
    | st.sampled_from(
        ["", "a", "ü", "\ud800", "RED", "COLOR_RED", "5", "1.5s", "2026-01-02T03:04:05Z", "YQ=="]
    ),
    lambda values: (
        st.lists(values, max_size=2) | st.dictionaries(st.sampled_from(["a", "1", "true"]), values)
    ),
    max_leaves=4,
)


@pytest.mark.parametrize("name", KITCHEN)
def test_any_json_is_read_or_refused_alike_by_any_field(name: str, kitchen: Generated) -> None:
    cls = kitchen.ours(name)
    by_name = schema_of(cls).fields_by_json_name

    def members(names: list[str]) -> st.SearchStrategy[dict[str, Any]]:
        return st.fixed_dictionaries({given_name: JSON | st.lists(JSON, max_size=2) for given_name in names})

    @examples(300)
    @given(st.lists(st.sampled_from([*by_name, "nonsense"]), max_size=3, unique=True).flatmap(members) | JSON)
    def test(value: Any) -> None:
        compiled_reading = reading(compiled.json_value_decoder, cls, value)
        assert compiled_reading == reading(reader.json_value_decoder, cls, value)

    test()
