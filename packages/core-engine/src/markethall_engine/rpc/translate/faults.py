"""Every fault of a request, found in one pass and reported together.

A translation reads each field, notes what is wrong and goes on; at its end it raises the refusal, if there
is a fault. So that it can go on, a field at fault reads as a stand-in that nobody gets to see.
"""

from collections.abc import Callable
from enum import IntEnum

from markethall_common.decimals import DecimalError
from markethall_engine.domain.amounts import MAX_AMOUNT
from markethall_engine.rpc.errors import InvalidRequest, Violation

_SHOWN_CHARACTERS = 48
_MOST_DIGITS = len(str(MAX_AMOUNT))
MOST_VIOLATIONS = 20
"""What a reply has room for: details of errors travel in its trailers, which clients limit to 8 KiB."""


class Faults:
    """What is wrong with one request, or with one message of a batch."""

    __slots__ = ("_violations",)

    def __init__(self) -> None:
        self._violations: list[Violation] = []

    def __bool__(self) -> bool:
        return bool(self._violations)

    def add(self, field: str, description: str) -> None:
        """Note that the field at path `field` of the request is at fault, and how."""
        if len(self._violations) < MOST_VIOLATIONS:
            self._violations.append(Violation(field, description))

    def expected(self, field: str, expected: str, found: str) -> None:
        """Note a text of another form than the `expected` one; an empty text is a missing one."""
        if found:
            shown = found if len(found) <= _SHOWN_CHARACTERS else found[:_SHOWN_CHARACTERS] + "…"
            self.add(field, f"expected {expected}, found {shown!r}")
        else:
            self.add(field, f"required: {expected}")

    def not_a_member(self, field: str, value: int, kind: type[IntEnum], expected: str) -> None:
        """Note an enum's value that is none, is not said, or is not supported by this version."""
        if value == 0:
            self.add(field, f"required: {expected}")
        elif value in list(kind):
            self.add(field, f"{kind(value).name} is not supported by this version; expected {expected}")
        else:
            self.add(field, f"expected {expected}, found {int(value)}")

    def unsupported(self, field: str) -> None:
        """Note a field that asks for what the contract describes and this version does not do."""
        self.add(field, "not supported by this version")

    def number(self, field: str, text: str, read: Callable[[str], int], *, positive: bool = True) -> int:
        """Read a required decimal with `read`; it must be positive unless `positive` is false."""
        try:
            value = read(text)
        except DecimalError as error:
            self.add(field, str(error) if text else "required: a decimal")
            return 0
        if value > MAX_AMOUNT:
            self.add(field, f"expected a number that the venue can hold, found {text!r}")
        elif value == 0 and positive:
            self.add(field, f"expected a positive decimal, found {text!r}")
        return value

    def check(self) -> None:
        """Raise the refusal, if there is a fault."""
        if self._violations:
            raise self.refusal()

    def identifier(self, field: str, text: str, what: str) -> int:
        """Read an id that the venue gave, a positive whole number."""
        if text.isascii() and text.isdigit() and len(text) <= _MOST_DIGITS:
            number = int(text)
            if 0 < number <= MAX_AMOUNT:
                return number
        self.expected(field, f"{what} that the venue gave", text)
        return 0

    def refusal(self) -> InvalidRequest:
        """Return what to raise; there must be a fault."""
        assert self._violations
        return InvalidRequest(tuple(self._violations))
