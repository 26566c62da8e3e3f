"""Examples in the API's documentation: messages of the contract with the values of `example_values`.

Responses show every field, as the gateway writes them. Requests show what they must have and what most
callers send.
"""

from collections.abc import Iterator
from typing import Any

from google.protobuf.descriptor_pb2 import FieldDescriptorProto as Field

from markethall_gateway.endpoints.openapi.contract import PACKAGE, Contract, is_required
from markethall_gateway.endpoints.openapi.example_values import BY_FIELD, BY_MESSAGE, IN_REQUESTS, PATCHES


class Examples:
    """Makes examples of messages, named in full, as JSON values."""

    def __init__(self, contract: Contract) -> None:
        self._contract = contract

    def response(self, message: str) -> dict[str, Any]:
        """Every field of a message; of a oneof, its first member that is no error."""
        return {field.name: self._value(message, field, is_request=False) for field in self._shown(message)}

    def request(self, message: str) -> dict[str, Any]:
        """What a caller would send."""
        usual = IN_REQUESTS.get(_short(message), ())
        return {
            field.name: self._value(message, field, is_request=True)
            for field in self._contract.fields(message)
            if is_required(field) or field.name in usual
        }

    def patch(self, message: str) -> dict[str, Any]:
        """A part of a resource, to change it."""
        return PATCHES[_short(message)]

    def of_field(self, message: str, field: Field) -> Any:
        """The value of one field, for a parameter."""
        return self._value(message, field, is_request=True)

    def _shown(self, message: str) -> Iterator[Field]:
        taken: set[int] = set()
        for field in self._contract.fields(message):
            if field.HasField("oneof_index"):
                if field.oneof_index in taken or field.name == "error":
                    continue
                taken.add(field.oneof_index)
            elif _short(message) == "PlaceOrderResult" and field.name == "error":
                continue
            yield field

    def _value(self, message: str, field: Field, *, is_request: bool) -> Any:
        own = BY_MESSAGE.get(_short(message), {})
        if field.name in own:
            return own[field.name]
        inner = field.type_name.removeprefix(".")
        is_ours = field.type == Field.TYPE_MESSAGE and inner.startswith(PACKAGE)
        if is_ours and self._contract.map_entry(field) is None:
            value = self.request(inner) if is_request else self.response(inner)
            return [value] if field.label == Field.LABEL_REPEATED else value
        return BY_FIELD[field.name]


def _short(message: str) -> str:
    return message.rpartition(".")[2]
