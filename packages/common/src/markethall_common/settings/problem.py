"""What is wrong with a setting, in words for whoever sets it."""

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Problem:
    """One setting, what it was expected to be, what was found, and where.

    `expected` and `found` complete "expected …, found …". `origin` is empty where nothing set the key.
    """

    key: str
    expected: str
    found: str
    origin: str = ""

    def __str__(self) -> str:
        where = f" ({self.origin})" if self.origin else ""
        return f"{self.key}: expected {self.expected}, found {self.found}{where}"


class SettingsError(Exception):
    """The settings cannot be used; `problems` are all the reasons."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        self.problems: tuple[Problem, ...] = tuple(problems)
        super().__init__("; ".join(map(str, self.problems)))
