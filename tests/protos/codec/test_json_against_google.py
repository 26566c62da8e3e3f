"""Google's json_format reads what we write and writes what we read."""

from collections.abc import Callable
from typing import Any

import pytest
from google.protobuf import json_format
from hypothesis import assume, given

from markethall_protos.codec import decode
from tests.protos.codec.comparison import assert_same
from tests.protos.codec.generation import Generated
from tests.protos.codec.strategies import messages
from tests.protos.codec.test_against_google import CONTRACT, examples

ToJson = Callable[[Any], bytes]
FromJson = Callable[[type[Any], bytes | str], Any]
KITCHEN = ["Inner", "Scalars", "Optionals", "Repeateds", "Maps", "Choice"]
"""WellKnown is left out: most values of Any and Struct have no JSON."""


def check(to_json: ToJson, from_json: FromJson, ours: type[Any], pool: Any, message: Any) -> None:
    decoded = decode(ours, message.SerializeToString())
    assert_same(from_json(ours, to_json(decoded)), message)
    for spelling in (
        json_format.MessageToJson(message, descriptor_pool=pool),
        json_format.MessageToJson(message, preserving_proto_field_name=True, descriptor_pool=pool),
        json_format.MessageToJson(message, use_integers_for_enums=True, descriptor_pool=pool),
    ):
        assert_same(from_json(ours, spelling), message)


@pytest.mark.parametrize("name", CONTRACT)
def test_every_message_of_the_contract_is_read_as_google_writes_it(
    name: str, contract: Generated, to_json: ToJson, from_json: FromJson
) -> None:
    ours, google = contract.ours(name), contract.google(name)

    @examples(8)
    @given(messages(google))
    def test(message: Any) -> None:
        check(to_json, from_json, ours, contract.pool, message)

    test()


@pytest.mark.parametrize("name", KITCHEN)
def test_everything_a_message_can_hold_is_read_as_google_writes_it(
    name: str, kitchen: Generated, to_json: ToJson, from_json: FromJson
) -> None:
    ours, google = kitchen.ours(f"kitchen.v1.{name}"), kitchen.google(f"kitchen.v1.{name}")

    @examples(60)
    @given(messages(google))
    def test(message: Any) -> None:
        check(to_json, from_json, ours, kitchen.pool, message)

    test()


@pytest.mark.parametrize("name", KITCHEN)
def test_google_reads_what_we_write(name: str, kitchen: Generated, to_json: ToJson) -> None:
    """Enums by number, as canonical JSON has no short names."""
    ours, google = kitchen.ours(f"kitchen.v1.{name}"), kitchen.google(f"kitchen.v1.{name}")

    @examples(60)
    @given(messages(google))
    def test(message: Any) -> None:
        decoded = decode(ours, message.SerializeToString())
        text = to_json(decoded).decode()
        for number, short_name in enumerate(["UNSPECIFIED", "RED", "GREEN"]):
            text = text.replace(f'"{short_name}"', str(number))
        text = text.replace('"FAR"', "100000").replace('"BELOW"', "-5")
        try:
            read = json_format.Parse(text, google())
        except json_format.ParseError as error:
            # It takes the shortest digits of the largest float, its own included, for too large.
            assume("Float value too" not in str(error))
            raise
        assert_same(decoded, read)

    test()
