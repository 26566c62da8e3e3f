"""Each change that breaks a client is found, with what was and what is; each that breaks nobody passes."""

from collections.abc import Callable
from pathlib import Path

import pytest
from google.api import annotations_pb2, field_behavior_pb2
from google.protobuf.descriptor_pb2 import (
    DescriptorProto,
    EnumDescriptorProto,
    FieldDescriptorProto,
    FileDescriptorProto,
    FileDescriptorSet,
    MethodDescriptorProto,
)

from tools.check_protos import check_compatibility, check_style, main
from tools.generate_protos import PROTO_ROOT
from tools.protos.descriptors import compile_protos, proto_files

Change = Callable[[FileDescriptorSet], None]


@pytest.fixture(scope="module")
def released() -> FileDescriptorSet:
    return compile_protos(PROTO_ROOT, proto_files(PROTO_ROOT))


def changed(released: FileDescriptorSet, change: Change) -> FileDescriptorSet:
    contract = FileDescriptorSet()
    contract.CopyFrom(released)
    change(contract)
    return contract


def file(contract: FileDescriptorSet, name: str) -> FileDescriptorProto:
    return next(file for file in contract.file if file.name == f"markethall/v1/{name}.proto")


def message(contract: FileDescriptorSet, name: str) -> DescriptorProto:
    return next(message for file in contract.file for message in file.message_type if message.name == name)


def field(contract: FileDescriptorSet, name: str) -> FieldDescriptorProto:
    owner, _, own = name.partition(".")
    return next(field for field in message(contract, owner).field if field.name == own)


def enum(contract: FileDescriptorSet, name: str) -> EnumDescriptorProto:
    return next(enum for file in contract.file for enum in file.enum_type if enum.name == name)


def method(contract: FileDescriptorSet, name: str) -> MethodDescriptorProto:
    return next(
        method
        for file in contract.file
        for service in file.service
        for method in service.method
        if method.name == name
    )


def remove_field(contract: FileDescriptorSet) -> None:
    message(contract, "Order").field.remove(field(contract, "Order.average_price"))


def remove_field_and_reserve_it(contract: FileDescriptorSet) -> None:
    remove_field(contract)
    message(contract, "Order").reserved_range.add(start=13, end=14)
    message(contract, "Order").reserved_name.append("average_price")


def renumber_field(contract: FileDescriptorSet) -> None:
    field(contract, "Order.average_price").number = 999


def retype_field(contract: FileDescriptorSet) -> None:
    field(contract, "Order.average_price").type = FieldDescriptorProto.TYPE_INT64


def rename_field(contract: FileDescriptorSet) -> None:
    field(contract, "Order.average_price").name = "mean_price"


def rename_field_in_json(contract: FileDescriptorSet) -> None:
    field(contract, "Order.average_price").json_name = "avgPx"


def make_field_repeated(contract: FileDescriptorSet) -> None:
    field(contract, "Order.average_price").label = FieldDescriptorProto.LABEL_REPEATED


def take_field_out_of_its_oneof(contract: FileDescriptorSet) -> None:
    field(contract, "EngineMessage.transfer").ClearField("oneof_index")


def require_field(contract: FileDescriptorSet) -> None:
    options = field(contract, "PlaceOrderRequest.client_order_id").options
    options.Extensions[field_behavior_pb2.field_behavior].append(field_behavior_pb2.REQUIRED)


def add_required_field(contract: FileDescriptorSet) -> None:
    added = add_field_to(contract, "PlaceOrderRequest")
    added.options.Extensions[field_behavior_pb2.field_behavior].append(field_behavior_pb2.REQUIRED)


def remove_enum_value(contract: FileDescriptorSet) -> None:
    values = enum(contract, "TimeInForce").value
    values.remove(next(value for value in values if value.name == "TIME_IN_FORCE_DAY"))


def rename_enum_value(contract: FileDescriptorSet) -> None:
    next(value for value in enum(contract, "Side").value if value.number == 1).name = "SIDE_BID"


def remove_message(contract: FileDescriptorSet) -> None:
    messages = file(contract, "orders").message_type
    messages.remove(next(message for message in messages if message.name == "PreventedTrade"))
    page = message(contract, "ListPreventedTradesResponse")
    page.field.remove(field(contract, "ListPreventedTradesResponse.prevented_trades"))


def remove_method(contract: FileDescriptorSet) -> None:
    file(contract, "orders").service[0].method.remove(method(contract, "CancelAllOrders"))


def swap_request(contract: FileDescriptorSet) -> None:
    method(contract, "GetOrder").input_type = ".markethall.v1.CancelOrderRequest"


def stream_responses(contract: FileDescriptorSet) -> None:
    method(contract, "PlaceOrder").server_streaming = True


def move_route(contract: FileDescriptorSet) -> None:
    method(contract, "ListFills").options.Extensions[annotations_pb2.http].get = "/v1/executions"


def change_verb(contract: FileDescriptorSet) -> None:
    method(contract, "ReplaceOrder").options.Extensions[annotations_pb2.http].put = "/v1/orders/{order_id}"


def drop_additional_route(contract: FileDescriptorSet) -> None:
    method(contract, "CancelOrder").options.Extensions[annotations_pb2.http].ClearField("additional_bindings")


def change_body(contract: FileDescriptorSet) -> None:
    method(contract, "CreateAsset").options.Extensions[annotations_pb2.http].body = "asset"


def change_response_body(contract: FileDescriptorSet) -> None:
    method(contract, "GetOrder").options.Extensions[annotations_pb2.http].response_body = ""


def give_route_to_another_call(contract: FileDescriptorSet) -> None:
    fills = method(contract, "ListFills").options.Extensions[annotations_pb2.http]
    prevented = method(contract, "ListPreventedTrades").options.Extensions[annotations_pb2.http]
    fills.get, prevented.get = prevented.get, fills.get


def change_scope(contract: FileDescriptorSet) -> None:
    options = method(contract, "PlaceOrder").options
    raw = options.SerializeToString()
    options.ParseFromString(raw.replace(b"orders:write", b"orders:place"))


BREAKING = [
    (remove_field, 'field "13" with name "average_price" on message "Order" was deleted'),
    (remove_field_and_reserve_it, 'field "13" with name "average_price" on message "Order" was deleted'),
    (renumber_field, 'field "13" with name "average_price" on message "Order" was deleted'),
    (
        retype_field,
        'Field "13" with name "average_price" on message "Order" changed type from "string" to "int64"',
    ),
    (rename_field, 'Field "13" on message "Order" changed name from "average_price" to "mean_price"'),
    (rename_field_in_json, 'changed option "json_name" from "averagePrice" to "avgPx"'),
    (make_field_repeated, 'changed cardinality from "optional with implicit presence" to "repeated"'),
    (
        take_field_out_of_its_oneof,
        'on message "EngineMessage" moved from inside to outside a oneof',
    ),
    (require_field, "markethall.v1.PlaceOrderRequest.client_order_id was not required and is required"),
    (add_required_field, "markethall.v1.PlaceOrderRequest.novelty did not exist and is required"),
    (remove_enum_value, 'enum value "4" on enum "TimeInForce" was deleted'),
    (rename_enum_value, 'Enum value "1" on enum "Side" changed name from "SIDE_BUY" to "SIDE_BID"'),
    (remove_message, 'message "PreventedTrade" was deleted'),
    (remove_method, 'RPC "CancelAllOrders" on service "OrderService" was deleted'),
    (
        swap_request,
        'changed request type from "markethall.v1.GetOrderRequest" to "markethall.v1.CancelOrderRequest"',
    ),
    (
        stream_responses,
        'RPC "PlaceOrder" on service "OrderService" changed from server unary to server streaming',
    ),
    (move_route, "markethall.v1.OrderService/ListFills was reached by GET /v1/fills, which is gone"),
    (change_verb, "OrderService/ReplaceOrder was reached by PATCH /v1/orders/{order_id}, which is gone"),
    (drop_additional_route, "OrderService/CancelOrder was reached by POST /v1/orders:cancel, which is gone"),
    (change_body, "POST /v1/assets had body '*' and response_body 'asset' and has body 'asset' and"),
    (change_response_body, "and response_body 'order' and has body '' and response_body ''"),
    (
        give_route_to_another_call,
        "reached markethall.v1.OrderService/ListFills and reaches markethall.v1.OrderService/ListPrevented",
    ),
    (change_scope, "OrderService/PlaceOrder asked for scope 'orders:write' and asks for 'orders:place'"),
]


@pytest.mark.parametrize(("change", "words"), BREAKING, ids=[change.__name__ for change, _ in BREAKING])
def test_a_change_that_breaks_a_client_is_found(
    released: FileDescriptorSet, change: Change, words: str
) -> None:
    findings = [str(finding) for finding in check_compatibility(changed(released, change), released)]
    assert [finding for finding in findings if words in finding], findings
    assert all(finding.startswith("markethall/v1/") for finding in findings)


def add_field_to(contract: FileDescriptorSet, name: str) -> FieldDescriptorProto:
    return message(contract, name).field.add(
        name="novelty",
        json_name="novelty",
        number=900,
        type=FieldDescriptorProto.TYPE_STRING,
        label=FieldDescriptorProto.LABEL_OPTIONAL,
    )


def add_field(contract: FileDescriptorSet) -> None:
    add_field_to(contract, "PlaceOrderRequest")


def require_field_of_a_response(contract: FileDescriptorSet) -> None:
    options = field(contract, "PlaceOrderResponse.order").options
    options.Extensions[field_behavior_pb2.field_behavior].append(field_behavior_pb2.REQUIRED)


def add_enum_value(contract: FileDescriptorSet) -> None:
    enum(contract, "TimeInForce").value.add(name="TIME_IN_FORCE_OPENING", number=90)


def add_message_and_method(contract: FileDescriptorSet) -> None:
    orders = file(contract, "orders")
    orders.message_type.add(name="CountOrdersRequest")
    orders.message_type.add(name="CountOrdersResponse")
    added = orders.service[0].method.add(
        name="CountOrders",
        input_type=".markethall.v1.CountOrdersRequest",
        output_type=".markethall.v1.CountOrdersResponse",
    )
    added.options.Extensions[annotations_pb2.http].get = "/v1/orders:count"


def add_route(contract: FileDescriptorSet) -> None:
    method(contract, "ListFills").options.Extensions[annotations_pb2.http].additional_bindings.add(
        get="/v1/executions"
    )


def reorder_routes(contract: FileDescriptorSet) -> None:
    rule = method(contract, "CancelOrder").options.Extensions[annotations_pb2.http]
    del rule.additional_bindings[:]
    rule.ClearField("pattern")
    rule.post, rule.body = "/v1/orders:cancel", "*"
    rule.additional_bindings.add(delete="/v1/orders/{order_id}")


def move_message_to_another_file(contract: FileDescriptorSet) -> None:
    source, target = file(contract, "types").message_type, file(contract, "orders").message_type
    moved = message(contract, "MessageError")
    target.add().CopyFrom(moved)
    source.remove(moved)


def change_comments(contract: FileDescriptorSet) -> None:
    for each in contract.file:
        for location in each.source_code_info.location:
            location.leading_comments = " Said otherwise.\n"


@pytest.mark.parametrize(
    "change",
    [
        add_field,
        require_field_of_a_response,
        add_enum_value,
        add_message_and_method,
        add_route,
        reorder_routes,
        move_message_to_another_file,
        change_comments,
    ],
)
def test_a_change_that_breaks_nobody_passes(released: FileDescriptorSet, change: Change) -> None:
    assert check_compatibility(changed(released, change), released) == []


def name_a_field_badly(contract: FileDescriptorSet) -> None:
    field(contract, "Order.average_price").name = "averagePrice"


def share_a_request(contract: FileDescriptorSet) -> None:
    method(contract, "ListFills").input_type = ".markethall.v1.ListOrdersRequest"


def bind_a_field_that_is_not_there(contract: FileDescriptorSet) -> None:
    rule = method(contract, "GetOrder").options.Extensions[annotations_pb2.http]
    rule.get, rule.response_body = "/v1/orders/{id}", "ordre"


def name_a_body_that_is_not_there(contract: FileDescriptorSet) -> None:
    method(contract, "CreateAsset").options.Extensions[annotations_pb2.http].body = "thing"


def share_a_route(contract: FileDescriptorSet) -> None:
    method(contract, "ListFills").options.Extensions[annotations_pb2.http].get = "/v1/orders/{order_id}"


def leave_the_version(contract: FileDescriptorSet) -> None:
    method(contract, "ListFills").options.Extensions[annotations_pb2.http].get = "/fills"


def drop_comments(contract: FileDescriptorSet) -> None:
    for location in file(contract, "orders").source_code_info.location:
        location.leading_comments = ""


UNTIDY = [
    (name_a_field_badly, 'Field name "averagePrice" should be lower_snake_case'),
    (share_a_request, 'RPC request type "ListOrdersRequest" should be named "ListFillsRequest"'),
    (
        bind_a_field_that_is_not_there,
        "path variable 'id' of GET /v1/orders/{id} is no field of GetOrderRequest",
    ),
    (
        bind_a_field_that_is_not_there,
        "response_body 'ordre' of GET /v1/orders/{id} is no field of GetOrderResponse",
    ),
    (name_a_body_that_is_not_there, "body 'thing' of POST /v1/assets is no field of CreateAssetRequest"),
    (
        share_a_route,
        "GET /v1/orders/{order_id} reaches markethall.v1.OrderService/GetOrder and markethall.v1",
    ),
    (leave_the_version, "GET /fills should start with /v1/"),
    (drop_comments, 'RPC "PlaceOrder" should have a non-empty comment for documentation'),
]


@pytest.mark.parametrize(("change", "words"), UNTIDY)
def test_a_breach_of_style_is_found(released: FileDescriptorSet, change: Change, words: str) -> None:
    findings = [str(finding) for finding in check_style(changed(released, change))]
    assert [finding for finding in findings if words in finding], findings


def test_the_contract_keeps_its_own_rules(capsys: pytest.CaptureFixture[str]) -> None:
    assert (main([]), capsys.readouterr().out) == (0, "")


def test_a_contract_that_broke_since_its_release_fails_and_says_where(
    capsys: pytest.CaptureFixture[str], released: FileDescriptorSet, tmp_path: Path
) -> None:
    """The release had a field that the contract has no more."""
    image = tmp_path / "released.binpb"
    image.write_bytes(changed(released, add_field).SerializeToString())
    assert main(["--against", str(image)]) == 1
    assert capsys.readouterr().err.startswith("markethall/v1/orders.proto:")
