"""JSON Schemas (2020-12, as OpenAPI 3.1 has them) of the contract's messages and enums.

They say what the codec reads and writes: snake_case names, enums by short name, 64-bit integers as strings,
times as RFC 3339. In a response every field without presence is always there, so it is required; in a request
only what the contract marks so is, and a name that is none of the message's is refused.
"""

from collections.abc import Iterable, Iterator
from typing import Any, Final

from google.protobuf.descriptor_pb2 import FieldDescriptorProto as Field

from markethall_gateway.endpoints.openapi.contract import PACKAGE, Contract, has_presence, is_required

Schema = dict[str, Any]

_DECIMAL_INTEGER: Final = r"^-?[0-9]{1,20}$"
_SCALARS: Final[dict[int, Schema]] = {
    Field.TYPE_STRING: {"type": "string"},
    Field.TYPE_BOOL: {"type": "boolean"},
    Field.TYPE_INT32: {"type": "integer", "format": "int32"},
    Field.TYPE_INT64: {"type": "string", "format": "int64", "pattern": _DECIMAL_INTEGER},
}
_WELL_KNOWN: Final[dict[str, Schema]] = {
    "google.protobuf.Timestamp": {"type": "string", "format": "date-time"},
    "google.protobuf.FieldMask": {"type": "string"},
}


class Schemas:
    """The schemas that the calls of the API reach."""

    def __init__(self, contract: Contract, *, requests: Iterable[str], responses: Iterable[str]) -> None:
        """`requests` and `responses` are the full names of the messages that calls take and give."""
        self._contract = contract
        self._requested = self._reached(requests)
        self._answered = self._reached(responses)

    def components(self, users: Any) -> dict[str, Schema]:
        """The schemas that `users` refers to, directly or not, by their short names in alphabetical order."""
        by_reference = {reference(name): name for name in self._requested | self._answered}
        made: dict[str, Schema] = {}
        waiting = list(references(users))
        while waiting:
            name = by_reference.get(waiting.pop())
            if name is not None and short(name) not in made:
                schema = made[short(name)] = self._of(name)
                waiting += references(schema)
        return dict(sorted(made.items()))

    def of_message(self, message: str, *, without: Iterable[str] = ()) -> Schema:
        """The schema of a message, less the fields that another part of the request gives."""
        left_out = set(without)
        fields = [field for field in self._contract.fields(message) if field.name not in left_out]
        schema: Schema = {"type": "object"}
        if comment := self._contract.comment(message).text:
            schema["description"] = comment
        schema["properties"] = {field.name: self.of_field(message, field) for field in fields}
        if message not in self._answered:
            schema["required"] = [field.name for field in fields if is_required(field)]
            schema["additionalProperties"] = False
        elif message not in self._requested:
            schema["required"] = [field.name for field in fields if not has_presence(field)]
        return schema

    def of_field(self, message: str, field: Field) -> Schema:
        """The schema of one field, with its comment."""
        schema = self._of_values(field)
        if comment := self._contract.comment(f"{message}.{field.name}").text:
            schema = {**schema, "description": comment}
        return schema

    def _of(self, name: str) -> Schema:
        return self._of_enum(name) if name in self._contract.enums else self.of_message(name)

    def _of_values(self, field: Field) -> Schema:
        entry = self._contract.map_entry(field)
        if entry is not None:
            return {"type": "object", "additionalProperties": self._of_one(entry.field[1])}
        one = self._of_one(field)
        return {"type": "array", "items": one} if field.label == Field.LABEL_REPEATED else one

    def _of_one(self, field: Field) -> Schema:
        name = field.type_name.removeprefix(".")
        if name.startswith(PACKAGE):
            return {"$ref": reference(name)}
        return dict(_WELL_KNOWN[name] if name else _SCALARS[field.type])

    def _of_enum(self, name: str) -> Schema:
        lines = [self._contract.comment(name).text, ""]
        shorts = []
        for value, word in self._values(name):
            shorts.append(word)
            if comment := self._contract.comment(f"{name}.{value}").text:
                lines.append(f"- `{word}`: {comment}")
        return {"type": "string", "description": "\n".join(lines).strip(), "enum": shorts}

    def _values(self, name: str) -> Iterator[tuple[str, str]]:
        values = [value.name for value in self._contract.enums[name].value]
        prefix = values[0].removesuffix("UNSPECIFIED")
        for value in values:
            yield value, value.removeprefix(prefix)

    def _reached(self, names: Iterable[str]) -> set[str]:
        reached: set[str] = set()
        waiting = list(names)
        while waiting:
            name = waiting.pop()
            if name in reached:
                continue
            reached.add(name)
            if name in self._contract.messages:
                waiting += self._named_in(name)
        return reached

    def _named_in(self, message: str) -> Iterator[str]:
        for field in self._contract.fields(message):
            entry = self._contract.map_entry(field)
            named = field if entry is None else entry.field[1]
            name = named.type_name.removeprefix(".")
            if name.startswith(PACKAGE):
                yield name


def short(name: str) -> str:
    """The name of a message or enum within its package."""
    return name.rpartition(".")[2]


def reference(name: str) -> str:
    """What refers to the schema of a message or enum."""
    return f"#/components/schemas/{short(name)}"


def references(value: Any) -> Iterator[str]:
    """Everything that a part of the document refers to."""
    if isinstance(value, dict):
        if isinstance(target := value.get("$ref"), str):
            yield target
        value = list(value.values())
    if isinstance(value, list):
        for inner in value:
            yield from references(inner)
