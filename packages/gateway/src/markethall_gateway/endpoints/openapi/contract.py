"""The contract as its descriptor set describes it, comments included."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from importlib.resources import files
from typing import Final

from google.api.field_behavior_pb2 import REQUIRED, field_behavior
from google.protobuf.descriptor_pb2 import (
    DescriptorProto,
    EnumDescriptorProto,
    FieldDescriptorProto,
    FileDescriptorProto,
    FileDescriptorSet,
)

PACKAGE: Final = "markethall.v1"

# Numbers of fields in descriptor.proto, of which the paths of comments are made.
_MESSAGES, _ENUMS, _SERVICES, _FIELDS, _VALUES, _METHODS, _NESTED = 4, 5, 6, 2, 2, 2, 3


@dataclass(frozen=True, slots=True)
class Commented:
    """A comment of the contract, its paragraphs joined to lines."""

    text: str

    @property
    def summary(self) -> str:
        """Its first sentence, without the full stop."""
        first = self.text.split("\n\n")[0].split(". ")[0]
        return first.removesuffix(".")


class Contract:
    """Messages, enums and comments by full name, such as `markethall.v1.Order`."""

    def __init__(self, descriptor_set: FileDescriptorSet) -> None:
        self.messages: dict[str, DescriptorProto] = {}
        self.enums: dict[str, EnumDescriptorProto] = {}
        self.services: list[str] = []
        self._comments: dict[str, str] = {}
        for file in descriptor_set.file:
            if file.package == PACKAGE:
                self._add(file)

    @classmethod
    def load(cls) -> "Contract":
        """Read the descriptor set that comes with the contract's package."""
        data = files("markethall_protos.v1").joinpath("descriptor_set.binpb").read_bytes()
        return cls(FileDescriptorSet.FromString(data))

    def comment(self, full_name: str) -> Commented:
        """The comment on a service, call, message, field, enum or enum value; empty without one."""
        return Commented(self._comments.get(full_name, ""))

    def fields(self, message: str) -> Iterator[FieldDescriptorProto]:
        """The fields of a message, in the contract's order."""
        yield from self.messages[message].field

    def map_entry(self, field: FieldDescriptorProto) -> DescriptorProto | None:
        """The entry type of a map field, and None for other fields."""
        entry = self.messages.get(field.type_name.removeprefix("."))
        return entry if entry is not None and entry.options.map_entry else None

    def _add(self, file: FileDescriptorProto) -> None:
        comments = {
            tuple(location.path): _plain(location.leading_comments or location.trailing_comments)
            for location in file.source_code_info.location
        }
        for index, message in enumerate(file.message_type):
            self._add_message(message, f"{PACKAGE}.{message.name}", (_MESSAGES, index), comments)
        for index, enum in enumerate(file.enum_type):
            self._add_enum(enum, f"{PACKAGE}.{enum.name}", (_ENUMS, index), comments)
        for index, service in enumerate(file.service):
            name = f"{PACKAGE}.{service.name}"
            self.services.append(name)
            self._comments[name] = comments.get((_SERVICES, index), "")
            for at, method in enumerate(service.method):
                text = comments.get((_SERVICES, index, _METHODS, at), "")
                self._comments[f"{name}.{method.name}"] = text

    def _add_message(
        self,
        message: DescriptorProto,
        name: str,
        path: tuple[int, ...],
        comments: Mapping[tuple[int, ...], str],
    ) -> None:
        self.messages[name] = message
        self._comments[name] = comments.get(path, "")
        for at, field in enumerate(message.field):
            self._comments[f"{name}.{field.name}"] = comments.get((*path, _FIELDS, at), "")
        for at, nested in enumerate(message.nested_type):
            self._add_message(nested, f"{name}.{nested.name}", (*path, _NESTED, at), comments)

    def _add_enum(
        self,
        enum: EnumDescriptorProto,
        name: str,
        path: tuple[int, ...],
        comments: Mapping[tuple[int, ...], str],
    ) -> None:
        self.enums[name] = enum
        self._comments[name] = comments.get(path, "")
        for at, value in enumerate(enum.value):
            self._comments[f"{name}.{value.name}"] = comments.get((*path, _VALUES, at), "")


def is_required(field: FieldDescriptorProto) -> bool:
    """Whether a request makes no sense without the field."""
    return REQUIRED in field.options.Extensions[field_behavior]


def has_presence(field: FieldDescriptorProto) -> bool:
    """Whether the field is left out of JSON when it is unset."""
    if field.label == FieldDescriptorProto.LABEL_REPEATED:
        return False
    is_message = field.type == FieldDescriptorProto.TYPE_MESSAGE
    return is_message or field.proto3_optional or field.HasField("oneof_index")


def _plain(comment: str) -> str:
    """Join the lines of each paragraph, without the space that stands before each."""
    paragraphs = comment.strip().split("\n\n" if "\n\n" in comment else "\n \n")
    return "\n\n".join(" ".join(line.strip() for line in paragraph.splitlines()) for paragraph in paragraphs)
