"""The JSON that is written."""

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal
from importlib import import_module
from typing import Any

import pytest

from markethall_protos import codec
from markethall_protos.codec import EncodeError
from markethall_protos.v1 import Asset, Order, OrderStatus, PlaceOrdersRequest, Side
from tests.protos.codec.generation import Generated

Sink = Callable[[str], type[Any]]
ToJson = Callable[[Any], bytes]
ToValue = Callable[[Any], Any]


def test_an_order_is_written_with_all_its_fields_but_the_unset_times(to_json: ToJson) -> None:
    order = Order(
        order_id="7",
        symbol="BTC-USD",
        side=Side.BUY,
        status=OrderStatus.PARTIALLY_FILLED,
        quantity="0.5",
        sequence=2**62,
        create_time=datetime(2026, 11, 23, 13, 30, tzinfo=UTC),
    )
    written = json.loads(to_json(order))
    expected = {
        "order_id": "7",
        "client_order_id": "",
        "symbol": "BTC-USD",
        "side": "BUY",
        "type": "UNSPECIFIED",
        "status": "PARTIALLY_FILLED",
        "quantity": "0.5",
        "sequence": "4611686018427387904",
        "create_time": "2026-11-23T13:30:00Z",
        "post_only": False,
    }
    assert {name: written[name] for name in expected} == expected
    assert "update_time" not in written
    assert codec.to_json(order) == to_json(order)
    assert codec.to_json_value(order) == written


def test_the_text_is_compact_utf_8(to_json: ToJson) -> None:
    assert to_json(Asset(asset="Grüße", scale=2)) == '{"asset":"Grüße","scale":2,"sequence":"0"}'.encode()


def test_an_empty_list_is_written(to_json_value: ToValue) -> None:
    assert to_json_value(PlaceOrdersRequest())["orders"] == []


def test_unset_members_optionals_and_messages_are_left_out(sink: Sink, to_json_value: ToValue) -> None:
    assert to_json_value(sink("Choice")()) == {"before": ""}
    assert to_json_value(sink("Optionals")()) == {}
    assert to_json_value(sink("WellKnown")()) == {"null": None}


def test_set_defaults_are_written(sink: Sink, to_json_value: ToValue) -> None:
    assert to_json_value(sink("Choice")(number=0)) == {"before": "", "number": "0"}
    assert to_json_value(sink("Optionals")(text="", flag=False)) == {"flag": False, "text": ""}


def test_a_name_that_is_a_keyword_in_python_is_written_as_the_contract_has_it(
    sink: Sink, to_json_value: ToValue
) -> None:
    assert to_json_value(sink("Inner")(from_="here"))["from"] == "here"


def test_scalars_are_written_as_their_types_demand(sink: Sink, to_json_value: ToValue) -> None:
    scalars = sink("Scalars")(
        real=0.1,
        small_real=0.10000000149011612,
        int32_value=-1,
        int64_value=-(2**63),
        uint32_value=2**32 - 1,
        uint64_value=2**64 - 1,
        fixed64_value=1,
        flag=True,
        text='"\n\\',
        blob=b"\xfb\xff",
        color=1,
    )
    written = to_json_value(scalars)
    assert written["real"] == 0.1
    assert written["small_real"] == 0.1
    assert (written["int32_value"], written["int64_value"]) == (-1, "-9223372036854775808")
    assert (written["uint32_value"], written["uint64_value"]) == (4294967295, "18446744073709551615")
    assert (written["fixed64_value"], written["sint64_value"]) == ("1", "0")
    assert (written["flag"], written["text"], written["blob"]) == (True, '"\n\\', "+/8=")
    assert written["color"] == "RED"


def test_an_unknown_enum_value_is_written_as_its_number(sink: Sink, to_json_value: ToValue) -> None:
    color = type(sink("Scalars")().color)
    assert to_json_value(sink("Scalars")(color=color(77)))["color"] == 77


def test_numbers_that_json_lacks_are_written_as_text(sink: Sink, to_json: ToJson) -> None:
    written = to_json(sink("Repeateds")(reals=[float("nan"), float("inf"), -float("inf"), -0.0, 1e300]))
    assert b'"reals":["NaN","Infinity","-Infinity",-0.0,1e+300]' in written


def test_keys_of_maps_are_text(sink: Sink, to_json_value: ToValue) -> None:
    written = to_json_value(
        sink("Maps")(numbers={-1: 2}, blobs={True: b"a"}, texts={"a": "b"}, reals={5: 0.5})
    )
    assert written["numbers"] == {"-1": "2"}
    assert written["blobs"] == {"true": "YQ=="}
    assert written["texts"] == {"a": "b"}
    assert written["reals"] == {"5": 0.5}


@pytest.mark.parametrize(
    ("time", "text"),
    [
        (datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC), "2026-01-02T03:04:05Z"),
        (datetime(2026, 1, 2, 3, 4, 5, 120_000, tzinfo=UTC), "2026-01-02T03:04:05.120Z"),
        (datetime(2026, 1, 2, 3, 4, 5, 1, tzinfo=UTC), "2026-01-02T03:04:05.000001Z"),
        (datetime(2026, 1, 2, 3, 4, 5, tzinfo=timezone(timedelta(hours=4))), "2026-01-01T23:04:05Z"),
        (datetime(1, 1, 1, tzinfo=UTC), "0001-01-01T00:00:00Z"),
    ],
)
def test_times_are_written_in_utc_with_no_fraction_or_one_of_three_or_six_digits(
    sink: Sink, time: datetime, text: str, to_json_value: ToValue
) -> None:
    assert to_json_value(sink("WellKnown")(time=time))["time"] == text


@pytest.mark.parametrize(
    ("span", "text"),
    [
        (timedelta(seconds=3), "3s"),
        (timedelta(seconds=-1.5), "-1.500s"),
        (timedelta(microseconds=-1), "-0.000001s"),
        (timedelta(days=1), "86400s"),
    ],
)
def test_durations_are_written_as_seconds(
    sink: Sink, span: timedelta, text: str, to_json_value: ToValue
) -> None:
    assert to_json_value(sink("WellKnown")(duration=span))["duration"] == text


def test_wrapped_values_are_written_bare(sink: Sink, to_json_value: ToValue) -> None:
    written = to_json_value(sink("WellKnown")(wrapped_int64=5, wrapped_string="", wrapped_bytes=b"a"))
    assert written == {"wrapped_int64": "5", "wrapped_string": "", "wrapped_bytes": "YQ==", "null": None}


def test_a_field_mask_is_written_in_snake_case(
    kitchen: Generated, sink: Sink, to_json: ToJson, to_json_value: ToValue
) -> None:
    mask = kitchen.ours("google.protobuf.FieldMask")
    written = to_json_value(sink("WellKnown")(mask=mask(paths=["display_name", "fees.maker_fee"])))
    assert written["mask"] == "display_name,fees.maker_fee"
    with pytest.raises(
        EncodeError, match=r"mask\.paths\[0\]: expected a path in snake_case, found 'displayName'"
    ):
        to_json(sink("WellKnown")(mask=mask(paths=["displayName"])))


def test_struct_value_and_list_are_written_as_what_they_describe(
    kitchen: Generated, sink: Sink, to_json_value: ToValue
) -> None:
    value, struct = kitchen.ours("google.protobuf.Value"), kitchen.ours("google.protobuf.Struct")
    items = kitchen.ours("google.protobuf.ListValue")
    known = sink("WellKnown")(
        struct=struct(fields={"a": value(number_value=1.5), "b": value(struct_value=struct())}),
        value=value(null_value=0),
        list=items(values=[value(bool_value=True), value(string_value="x"), value(list_value=items())]),
    )
    expected = {"struct": {"a": 1.5, "b": {}}, "value": None, "list": [True, "x", []], "null": None}
    assert to_json_value(known) == expected


def test_a_value_that_json_cannot_say_is_refused_by_name(
    kitchen: Generated, sink: Sink, to_json: ToJson
) -> None:
    value, items = kitchen.ours("google.protobuf.Value"), kitchen.ours("google.protobuf.ListValue")
    with pytest.raises(EncodeError) as caught:
        to_json(sink("WellKnown")(list=items(values=[value(number_value=float("nan"))])))
    assert str(caught.value) == 'list[0]: expected a finite number, found "NaN"'
    with pytest.raises(EncodeError, match="value: expected a value of some kind, found none"):
        to_json(sink("WellKnown")(value=value()))


def test_an_any_is_written_with_its_type_and_content(
    kitchen: Generated, sink: Sink, to_json: ToJson, to_json_value: ToValue
) -> None:
    container = kitchen.ours("google.protobuf.Any")
    plain = container(type_url="type.googleapis.com/kitchen.v1.Optionals", value=b"\x18\x05")
    assert to_json_value(plain) == {"@type": "type.googleapis.com/kitchen.v1.Optionals", "int32_value": 5}
    special = container(type_url="type.googleapis.com/google.protobuf.Duration", value=b"\x08\x05\x10\x01")
    assert to_json_value(special) == {
        "@type": "type.googleapis.com/google.protobuf.Duration",
        "value": "5.000000001s",
    }
    assert to_json_value(container()) == {}
    with pytest.raises(EncodeError, match="type_url: expected the URL of a known type, found 'nonsense'"):
        to_json(container(type_url="nonsense", value=b"a"))


@pytest.mark.parametrize(
    ("values", "refusal"),
    [
        ({"int32_value": 2**31}, "int32_value: expected int32,"),
        ({"text": 5}, "text: expected str, found int"),
        ({"text": "\ud800"}, "text: expected text, found the unpaired surrogate"),
        ({"flag": 1}, "flag: expected bool, found int"),
        ({"color": "RED"}, "color: expected int, found str"),
        ({"blob": "a"}, "blob: expected bytes, found str"),
        ({"real": "a"}, "real: expected float, found str"),
        ({"small_real": 1e39}, "small_real: expected float of 32 bits"),
        ({"small_real": Decimal("0.5")}, "small_real: expected float, found Decimal"),
        ({"uint32_value": -1}, "uint32_value: expected uint32,"),
        ({"uint64_value": -1}, "uint64_value: expected uint64,"),
        ({"fixed64_value": 2**64}, "fixed64_value: expected fixed64,"),
        ({"color": 2**31}, "color: expected enum,"),
    ],
)
def test_what_cannot_be_encoded_cannot_be_written_as_json(
    sink: Sink, values: dict[str, Any], refusal: str, to_json: ToJson
) -> None:
    with pytest.raises(EncodeError) as caught:
        to_json(sink("Scalars")(**values))
    assert str(caught.value).startswith(refusal)


def test_both_members_of_a_oneof_cannot_be_written_as_json(sink: Sink, to_json: ToJson) -> None:
    with pytest.raises(EncodeError, match="text: expected one member of its oneof, found number set too"):
        to_json(sink("Choice")(text="a", number=1))


def test_a_mistyped_attribute_cannot_be_written_as_json(sink: Sink, to_json: ToJson) -> None:
    message = sink("Inner")()
    message.numbre = 1
    with pytest.raises(EncodeError, match="has no such field"):
        to_json(message)


def test_a_message_that_contains_itself_cannot_be_written_as_json(sink: Sink, to_json: ToJson) -> None:
    message = sink("Inner")()
    message.inner = message
    with pytest.raises(EncodeError, match="nested more than 100 deep"):
        to_json(message)


def test_error_details_are_written_with_their_types(to_json_value: ToValue) -> None:
    rpc = import_module("markethall_protos.google.rpc")
    protobuf = import_module("markethall_protos.google.protobuf")
    info = protobuf.Any.pack(rpc.ErrorInfo(reason="QUEUE_FULL", domain="markethall"))
    written = to_json_value(rpc.Status(code=8, message="full", details=[info]))
    assert written == {
        "code": 8,
        "message": "full",
        "details": [
            {
                "@type": "type.googleapis.com/google.rpc.ErrorInfo",
                "reason": "QUEUE_FULL",
                "domain": "markethall",
                "metadata": {},
            }
        ],
    }
