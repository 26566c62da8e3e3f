"""What a check has to say about one element of the contract."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, order=True)
class Finding:
    """A rule that `file` breaks; `message` names the element, and what was and what is.

    `line` counts from 1; it is 0 where there is nothing to point at, for what is gone has no line.
    """

    file: str
    line: int
    rule: str
    message: str

    def __str__(self) -> str:
        place = f"{self.file}:{self.line}" if self.line else self.file
        return f"{place}: {self.rule}: {self.message}"
