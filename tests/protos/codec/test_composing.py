"""Messages encoded from their values, and what stands for them in others."""

import dataclasses
from collections.abc import Callable
from types import ModuleType
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from markethall_protos import codec as chosen_codec
from markethall_protos.codec import EncodeError
from markethall_protos.v1 import Fill, MessageOutcome, Order, PlaceOrderResponse, Side

Compose = Callable[..., Callable[..., Any]]
FIELDS = tuple(field.name for field in dataclasses.fields(Order))


@pytest.fixture
def compose(codec: ModuleType) -> Compose:
    """`composer` of each implementation, without the checks of names that both share."""
    return lambda cls, *names: codec.composer(cls, names or tuple(f.name for f in dataclasses.fields(cls)))


def test_values_are_encoded_as_the_message_with_them_is(codec: ModuleType, compose: Compose) -> None:
    order = Order(order_id="7", symbol="BTC-USD", side=Side.BUY, sequence=2**62, post_only=True)
    composed = compose(Order)(*(getattr(order, name) for name in FIELDS))
    assert codec.encoder(Order)(composed) == codec.encoder(Order)(order)


@given(sequence=st.integers(-(2**63), 2**63 - 1), order_id=st.text(), side=st.sampled_from(Side))
def test_fields_that_are_not_named_have_their_defaults(
    codec: ModuleType, sequence: int, order_id: str, side: Side
) -> None:
    composed = codec.composer(Order, ("sequence", "order_id", "side"))(sequence, order_id, side)
    expected = Order(sequence=sequence, order_id=order_id, side=side)
    assert codec.decoder(Order)(codec.encoder(Order)(composed)) == expected


def test_what_is_composed_stands_in_fields_and_lists_of_messages_and_of_what_is_composed(
    codec: ModuleType, compose: Compose
) -> None:
    fill, order = compose(Fill, "trade_id"), compose(Order, "order_id")
    expected = MessageOutcome(
        sequence=5,
        place_order=PlaceOrderResponse(order=Order(order_id="1"), fills=[Fill(trade_id="2"), Fill()]),
    )
    placed = compose(PlaceOrderResponse, "order", "fills")(order("1"), [fill("2"), Fill()])
    composed = compose(MessageOutcome, "sequence", "place_order")(5, placed)
    encode = codec.encoder(MessageOutcome)
    assert encode(composed) == encode(expected)
    assert encode(MessageOutcome(sequence=5, place_order=placed)) == encode(expected)


def test_what_is_composed_stands_for_messages_of_its_type_only(codec: ModuleType, compose: Compose) -> None:
    fill: Any = compose(Fill, "trade_id")("2")
    with pytest.raises(EncodeError, match="order: expected Order, found Composed"):
        codec.encoder(PlaceOrderResponse)(PlaceOrderResponse(order=fill))


@pytest.mark.parametrize(
    ("values", "fault"),
    [((2**63, "1"), "sequence: expected int64,"), ((1, 1), "order_id: expected str, found int")],
)
def test_a_value_that_cannot_be_written_is_refused_by_name(
    compose: Compose, values: tuple[Any, ...], fault: str
) -> None:
    with pytest.raises(EncodeError, match=fault):
        compose(Order, "sequence", "order_id")(*values)


def test_a_fault_beside_what_is_composed_is_found(compose: Compose) -> None:
    order: Any = compose(Order, "order_id")("1")
    wrong: Any = ["fill"]
    with pytest.raises(EncodeError, match=r"fills\[0\]: expected Fill, found str"):
        compose(PlaceOrderResponse, "order", "fills")(order, wrong)


def test_as_many_values_are_taken_as_there_are_fields(compose: Compose) -> None:
    with pytest.raises(TypeError, match="expected 2 values, found 1"):
        compose(Order, "sequence", "order_id")(1)


def test_only_fields_of_one_message_can_be_composed() -> None:
    with pytest.raises(ValueError, match=r"markethall\.v1\.Order has no field 'size'"):
        chosen_codec.composer(Order, "order_id", "size")
    with pytest.raises(ValueError, match="has only one of 'place_order' and 'error'"):
        chosen_codec.composer(MessageOutcome, "sequence", "place_order", "error")


def test_all_fields_are_taken_in_their_order_where_none_is_named() -> None:
    composed = chosen_codec.composer(Order)(*(getattr(Order(order_id="7"), name) for name in FIELDS))
    assert chosen_codec.encode(Order(order_id="7")) == chosen_codec.encoder(Order)(composed)
