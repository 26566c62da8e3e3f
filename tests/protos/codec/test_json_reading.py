"""The JSON that is read: our form and every canonical spelling, and nothing that is neither."""

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from markethall_protos import codec
from markethall_protos.codec import JsonError
from markethall_protos.v1 import Order, PlaceOrderRequest, PlaceOrdersRequest, Side
from tests.protos.codec.generation import Generated

Sink = Callable[[str], type[Any]]
FromJson = Callable[[type[Any], bytes | str], Any]
FromValue = Callable[[type[Any], Any], Any]
ReadScalar = Callable[[str, str], Any]


@pytest.fixture
def scalar(sink: Sink, from_json: FromJson) -> ReadScalar:
    """Read JSON text as a field of Scalars, by name."""
    return lambda name, text: getattr(from_json(sink("Scalars"), f'{{"{name}":{text}}}'), name)


def refusal(read: Callable[[], Any]) -> str:
    with pytest.raises(JsonError) as caught:
        read()
    return str(caught.value)


def test_names_are_read_in_snake_case_and_in_lower_camel_case(from_json: FromJson) -> None:
    expected = Order(client_order_id="a", sequence=5)
    assert from_json(Order, b'{"client_order_id":"a","sequence":"5"}') == expected
    assert from_json(Order, b'{"clientOrderId":"a","sequence":5}') == expected
    assert codec.from_json(Order, b'{"clientOrderId":"a","sequence":5}') == expected


def test_a_name_that_is_a_keyword_in_python_is_read_as_the_contract_has_it(
    sink: Sink, from_json: FromJson
) -> None:
    assert from_json(sink("Inner"), b'{"from":"here"}').from_ == "here"


@pytest.mark.parametrize("spelling", ['"BUY"', '"SIDE_BUY"', "1", "1.0"])
def test_enums_are_read_by_short_name_full_name_and_number(spelling: str, from_json: FromJson) -> None:
    assert from_json(Order, f'{{"side":{spelling}}}').side is Side.BUY


def test_an_unknown_number_of_an_enum_is_kept(from_json: FromJson) -> None:
    assert from_json(Order, b'{"side":77}').side == 77


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("5", 5),
        ('"5"', 5),
        ("-5", -5),
        ("1e3", 1000),
        ("1.0", 1),
        ("120e-1", 12),
        ('"1e3"', 1000),
        ("9223372036854775807", 2**63 - 1),
        ('"-9223372036854775808"', -(2**63)),
        ("9223372036854775807.0", 2**63 - 1),
        ("9007199254740993.0", 2**53 + 1),
        ("9.223372036854775807e18", 2**63 - 1),
    ],
)
def test_integers_are_read_exactly(text: str, value: int, scalar: ReadScalar) -> None:
    assert scalar("int64_value", text) == value


@pytest.mark.parametrize(
    "text",
    [
        *(
            "1.5",
            '"1.5"',
            '""',
            '" 1"',
            '"1 "',
            '"+1"',
            '"01"',
            '"1_000"',
            '"٣"',
            '"0x1"',
            "true",
            "[]",
            "{}",
        ),
        *(
            "9223372036854775808",
            "-9223372036854775809",
            "1e99999",
            "1e-1",
            '"NaN"',
            "1e999999999999999999999",
        ),
    ],
)
def test_what_is_no_integer_of_the_type_is_refused(text: str, scalar: ReadScalar) -> None:
    assert "expected" in refusal(lambda: scalar("int64_value", text))


@pytest.mark.parametrize(
    ("name", "text"),
    [("int32_value", "2147483648"), ("uint32_value", "-1"), ("uint64_value", "18446744073709551616")],
)
def test_an_integer_out_of_range_is_refused_with_the_range(name: str, text: str, scalar: ReadScalar) -> None:
    kind = name.removesuffix("_value")
    assert refusal(lambda: scalar(name, text)).startswith(f"{name}: expected {kind}, ")


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("1.5", 1.5),
        ("1", 1.0),
        ('"1.5"', 1.5),
        ('"-1e3"', -1000.0),
        ("0.1", 0.1),
        ('"Infinity"', float("inf")),
    ],
)
def test_reals_are_read_from_numbers_and_text(text: str, value: float, scalar: ReadScalar) -> None:
    assert scalar("real", text) == value
    assert scalar("small_real", text) == pytest.approx(value)


def test_negative_zero_and_nan_are_read(scalar: ReadScalar) -> None:
    assert str(scalar("real", "-0.0")) == "-0.0"
    assert str(scalar("real", '"NaN"')) == "nan"


@pytest.mark.parametrize(
    "text", ["1e309", '"1e309"', '"inf"', '"nan"', '" 1"', "true", '""', "NaN", "Infinity"]
)
def test_what_is_no_real_is_refused(text: str, scalar: ReadScalar) -> None:
    assert "expected" in refusal(lambda: scalar("real", text)) or "not JSON" in refusal(
        lambda: scalar("real", text)
    )


def test_a_float_beyond_32_bits_is_refused(scalar: ReadScalar) -> None:
    assert "range of float" in refusal(lambda: scalar("small_real", "1e39"))


@pytest.mark.parametrize("text", ['"+/8="', '"+/8"', '"-_8="', '"-_8"'])
def test_bytes_are_read_from_either_base64_padded_or_not(text: str, scalar: ReadScalar) -> None:
    assert scalar("blob", text) == b"\xfb\xff"


@pytest.mark.parametrize("text", ['"a"', '"*"', '"ab c"', "5", '"YQ==YQ=="'])
def test_what_is_no_base64_is_refused(text: str, scalar: ReadScalar) -> None:
    assert "blob: expected" in refusal(lambda: scalar("blob", text))


@pytest.mark.parametrize("text", ['"true"', "1", "0", "[]"])
def test_only_true_and_false_are_booleans(text: str, scalar: ReadScalar) -> None:
    assert "flag: expected true or false" in refusal(lambda: scalar("flag", text))


def test_text_must_be_text(scalar: ReadScalar) -> None:
    assert scalar("text", '"\\ud83d\\ude00"') == "😀"
    assert refusal(lambda: scalar("text", "5")) == "text: expected a string, found 5"
    assert refusal(lambda: scalar("text", '"\\ud83d"')).startswith("text: expected text, found half")


@pytest.mark.parametrize(
    ("text", "time"),
    [
        ("2026-01-02T03:04:05Z", datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)),
        ("2026-01-02T03:04:05.5Z", datetime(2026, 1, 2, 3, 4, 5, 500_000, UTC)),
        ("2026-01-02T03:04:05.123456789Z", datetime(2026, 1, 2, 3, 4, 5, 123_456, UTC)),
        ("2026-01-02T03:04:05+04:30", datetime(2026, 1, 1, 22, 34, 5, tzinfo=UTC)),
        ("2026-01-01T22:04:05.000001-05:00", datetime(2026, 1, 2, 3, 4, 5, 1, UTC)),
        ("0001-01-01T00:00:00Z", datetime(1, 1, 1, tzinfo=UTC)),
    ],
)
def test_times_are_read_with_any_offset_and_up_to_nine_digits(
    sink: Sink, text: str, time: datetime, from_json_value: FromValue
) -> None:
    read = from_json_value(sink("WellKnown"), {"time": text}).time
    assert (read, read.tzinfo) == (time, UTC)


@pytest.mark.parametrize(
    "text",
    [
        *(
            "2026-01-02",
            "2026-01-02T03:04:05",
            "2026-01-02 03:04:05Z",
            "2026-01-02t03:04:05z",
            "20260102T030405Z",
        ),
        *("2026-13-02T03:04:05Z", "2026-02-30T03:04:05Z", "2026-01-02T24:00:00Z", "2026-01-02T03:04:60Z"),
        *("2026-01-02T03:04:05.Z", "2026-01-02T03:04:05.1234567890Z", "0001-01-01T00:00:00+00:01", "", "now"),
        "9999-12-31T23:59:59-00:01",
    ],
)
def test_what_is_no_time_is_refused(sink: Sink, text: str, from_json_value: FromValue) -> None:
    assert refusal(lambda: from_json_value(sink("WellKnown"), {"time": text})).startswith(
        "time: expected a time"
    )


@pytest.mark.parametrize(
    ("text", "span"),
    [
        ("1.5s", timedelta(seconds=1.5)),
        ("-1.5s", timedelta(seconds=-1.5)),
        ("0s", timedelta()),
        ("-0.000001s", timedelta(microseconds=-1)),
        ("315576000000s", timedelta(seconds=315_576_000_000)),
    ],
)
def test_durations_are_read_as_seconds(
    sink: Sink, text: str, span: timedelta, from_json_value: FromValue
) -> None:
    assert from_json_value(sink("WellKnown"), {"duration": text}).duration == span


@pytest.mark.parametrize("text", ["1.5", "1.5m", "s", ".5s", "1.s", "+1s", "1e3s", "315576000001s", " 1s"])
def test_what_is_no_duration_is_refused(sink: Sink, text: str, from_json_value: FromValue) -> None:
    assert refusal(lambda: from_json_value(sink("WellKnown"), {"duration": text})).startswith(
        "duration: expected"
    )


def test_null_means_unset(sink: Sink, from_json_value: FromValue) -> None:
    for name in ("Scalars", "Optionals", "Repeateds", "Maps", "Choice"):
        cls = sink(name)
        names = [field for field in vars(cls()) if field != "_unknown_fields"]
        assert from_json_value(cls, dict.fromkeys(names)) == cls()


def test_null_is_a_value_where_any_value_may_be(
    kitchen: Generated, sink: Sink, from_json_value: FromValue
) -> None:
    value = kitchen.ours("google.protobuf.Value")
    assert from_json_value(sink("WellKnown"), {"value": None}).value == value(null_value=0)


def test_an_item_of_a_list_or_map_must_not_be_null(sink: Sink, from_json_value: FromValue) -> None:
    assert refusal(lambda: from_json_value(sink("Repeateds"), {"texts": ["a", None]})) == (
        "texts[1]: expected a string, found null"
    )
    assert refusal(lambda: from_json_value(sink("Maps"), {"texts": {"a": None}})) == (
        'texts["a"]: expected a string, found null'
    )


def test_keys_of_maps_are_read_as_their_types(sink: Sink, from_json: FromJson) -> None:
    read = from_json(sink("Maps"), b'{"numbers":{"-1":"2"},"blobs":{"true":"YQ=="},"reals":{"5":0.5}}')
    assert read == sink("Maps")(numbers={-1: 2}, blobs={True: b"a"}, reals={5: 0.5})
    assert "expected each key once" in refusal(
        lambda: from_json(sink("Maps"), b'{"numbers":{"1":1,"1.0":2}}')
    )
    assert 'expected "true" or "false"' in refusal(lambda: from_json(sink("Maps"), b'{"blobs":{"yes":""}}'))


def test_wrapped_values_are_read_bare(sink: Sink, from_json: FromJson) -> None:
    read = from_json(sink("WellKnown"), b'{"wrapped_int64":"5","wrappedString":"","wrapped_bool":false}')
    assert read == sink("WellKnown")(wrapped_int64=5, wrapped_string="", wrapped_bool=False)


@pytest.mark.parametrize("text", ["display_name,fees.maker_fee", "displayName,fees.makerFee"])
def test_field_masks_are_read_in_either_case(
    kitchen: Generated, text: str, from_json_value: FromValue
) -> None:
    mask = kitchen.ours("google.protobuf.FieldMask")
    assert from_json_value(mask, text) == mask(paths=["display_name", "fees.maker_fee"])


def test_struct_value_and_list_are_read_from_what_they_describe(
    kitchen: Generated, sink: Sink, from_json: FromJson
) -> None:
    value, struct = kitchen.ours("google.protobuf.Value"), kitchen.ours("google.protobuf.Struct")
    items = kitchen.ours("google.protobuf.ListValue")
    read = from_json(sink("WellKnown"), b'{"struct":{"a":1.5,"b":{}},"list":[true,"x",[],null]}')
    assert read == sink("WellKnown")(
        struct=struct(fields={"a": value(number_value=1.5), "b": value(struct_value=struct())}),
        list=items(
            values=[
                value(bool_value=True),
                value(string_value="x"),
                value(list_value=items()),
                value(null_value=0),
            ]
        ),
    )


def test_an_any_is_read_by_its_type(kitchen: Generated, from_json_value: FromValue) -> None:
    container = kitchen.ours("google.protobuf.Any")
    url = "type.googleapis.com/kitchen.v1.Inner"
    assert from_json_value(container, {"number": 5, "@type": url}) == container(
        type_url=url, value=b"\x08\x05"
    )
    url = "type.googleapis.com/google.protobuf.Duration"
    assert from_json_value(container, {"@type": url, "value": "1s"}) == container(
        type_url=url, value=b"\x08\x01"
    )
    assert refusal(lambda: from_json_value(container, {"@type": "nonsense"})) == (
        '"@type": expected the URL of a known type, found "nonsense"'
    )
    assert refusal(lambda: from_json_value(container, {"@type": url})).startswith(
        'expected "@type" and "value"'
    )


def test_python_values_are_read_like_json(sink: Sink, from_json_value: FromValue) -> None:
    read = from_json_value(sink("Scalars"), {"real": 1, "int64_value": 5.0, "small_real": Decimal("0.5")})
    assert read == sink("Scalars")(real=1.0, int64_value=5, small_real=0.5)


@pytest.mark.parametrize(
    ("document", "path", "reason"),
    [
        (
            {"orders": [{"symbol": "A"}, {"pirce": "1"}]},
            "orders[1].pirce",
            "no such field in markethall.v1.PlaceOrderRequest",
        ),
        (
            {"orders": [{"side": "BYU"}]},
            "orders[0].side",
            'expected one of UNSPECIFIED, BUY, SELL, found "BYU"',
        ),
        ({"orders": [{"price": 65000.25}]}, "orders[0].price", "expected a string, found 65000.25"),
        ({"orders": {}}, "orders", "expected a list, found an object"),
        ({"orders": [5]}, "orders[0]", "expected an object, found 5"),
        ([], "", "expected an object, found a list"),
    ],
)
def test_an_error_has_the_path_and_the_reason(
    document: Any, path: str, reason: str, from_json: FromJson
) -> None:
    with pytest.raises(JsonError) as caught:
        from_json(PlaceOrdersRequest, json.dumps(document).encode())
    assert (caught.value.path, caught.value.reason) == (path, reason)


@pytest.mark.parametrize(
    ("text", "refused"),
    [
        (b'{"symbol":"A","symbol":"B"}', 'expected each name once, found "symbol" twice in an object'),
        (b'{"client_order_id":"A","clientOrderId":"B"}', "client_order_id: expected once, found twice"),
        (b"{", "not JSON: Expecting property name enclosed in double quotes at line 1, column 2"),
        (b"", "not JSON: Expecting value at line 1, column 1"),
        (b"{}{}", "not JSON: Extra data at line 1, column 3"),
        (b'{"symbol":"\x01"}', "not JSON: Invalid control character at at line 1"),
        (b'{"symbol":"\xff"}', "expected UTF-8, found the byte 0xff"),
        (b"[" * 100_000, "nested too deep"),
        (b'{"symbol":' + b"1" * 5000 + b"}", "a number is too long"),
    ],
)
def test_what_is_no_json_or_says_things_twice_is_refused(
    text: bytes, refused: str, from_json: FromJson
) -> None:
    assert refusal(lambda: from_json(PlaceOrderRequest, text)).startswith(refused)


def test_a_name_in_both_spellings_is_read_if_one_is_null(from_json: FromJson) -> None:
    expected = Order(client_order_id="A")
    assert from_json(Order, b'{"client_order_id":null,"clientOrderId":"A"}') == expected
    assert from_json(Order, b'{"clientOrderId":null,"client_order_id":"A"}') == expected


def test_messages_read_share_no_lists(from_json: FromJson) -> None:
    first, second = from_json(PlaceOrdersRequest, b"{}"), from_json(PlaceOrdersRequest, b"{}")
    first.orders.append(PlaceOrderRequest())
    assert second.orders == []


def test_two_members_of_a_oneof_are_refused_unless_one_is_null(sink: Sink, from_json: FromJson) -> None:
    choice = sink("Choice")
    assert refusal(lambda: from_json(choice, b'{"text":"a","number":1}')) == (
        "number: expected one member of its oneof, found text too"
    )
    assert from_json(choice, b'{"text":null,"number":1}') == choice(number=1)
    assert from_json(choice, b'{"number":1,"text":null}') == choice(number=1)


def test_a_hundred_levels_are_read_and_one_more_is_refused(sink: Sink, from_json: FromJson) -> None:
    from_json(sink("Inner"), '{"inner":' * 100 + "{}" + "}" * 100)
    assert "nested more than 100 deep" in refusal(
        lambda: from_json(sink("Inner"), '{"inner":' * 101 + "{}" + "}" * 101)
    )
