"""Source code as it is written here: its lines, its names, and what writers of a message begin with.

`encoder_source`, `decoder_source` and the JSON writer make Python source for a message type, straight-line
code without tables. Knowing the fields when the code is written is what makes pure Python fast enough:
names, tags and defaults are literals.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from enum import IntEnum
from typing import Any

from .schema import INTEGER_RANGES, MessageSchema

FIXED_CODES = {"double": "d", "float": "f", "fixed64": "Q", "sfixed64": "q", "fixed32": "I", "sfixed32": "i"}
"""`struct`'s names of the types of fixed width."""

PYTHON_CLASSES = {
    "string": "str",
    "bytes": "bytes",
    "double": "float",
    "float": "float",
    "bool": "bool",
} | dict.fromkeys(INTEGER_RANGES, "int")
"""The class of each scalar type's values."""


class Names:
    """Gives the types that generated code mentions names, and remembers what the names stand for."""

    def __init__(self) -> None:
        self.values: dict[str, Any] = {}
        self._numbers: dict[type, int] = {}

    def of(self, prefix: str, cls: type, value: Any = None) -> str:
        """Return a name such as `class_7` for `cls`; `value`, if given, is what it stands for."""
        name = f"{prefix}_{self._numbers.setdefault(cls, len(self._numbers))}"
        if value is not None:
            self.values[name] = value
        return name

    def enum(self, cls: type[IntEnum]) -> tuple[str, str]:
        """Return the names of an enum and of the table of its members by number."""
        members = {member.value: member for member in cls}
        return self.of("class", cls, cls), self.of("members", cls, members)


class Lines:
    """Python source that knows its indentation."""

    def __init__(self) -> None:
        self._lines: list[str] = []
        self._indentation = ""
        self._names = 0

    def __call__(self, *lines: str) -> None:
        self._lines += [self._indentation + line for line in lines]

    @contextmanager
    def block(self, head: str) -> Iterator[None]:
        self(head)
        before, self._indentation = self._indentation, self._indentation + "    "
        yield
        self._indentation = before

    def fresh_name(self, prefix: str) -> str:
        """Return the name of a variable that no other code here uses."""
        self._names += 1
        return f"{prefix}_{self._names}"

    def __str__(self) -> str:
        return "\n".join(self._lines) + "\n"


def open_message(lines: Lines, schema: MessageSchema, cls: str) -> None:
    """Write what every writer begins with: is `message` a `cls`, and nothing that a message cannot be.

    After it `state` holds the values by attribute.
    """
    refuse_if(lines, f"message.__class__ is not {cls} and not isinstance(message, {cls})")
    lines("state = message.__dict__")
    refuse_if(lines, f"len(state) != {len(schema.fields) + 1} or depth < 0")
    for oneof in sorted({tuple(sorted((field.attribute, *field.siblings))) for field in schema.fields}):
        if len(oneof) > 1:
            refuse_if(lines, " + ".join(f"(state[{name!r}] is not None)" for name in oneof) + " > 1")


def refuse_if(lines: Lines, condition: str) -> None:
    """Write that a message cannot be encoded if `condition` holds."""
    with lines.block(f"if {condition}:"):
        lines("raise ValueError")
