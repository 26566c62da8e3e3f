"""Mutants that no test killed, and which of them are explained."""

import re
import tomllib
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import NamedTuple

EXPLAINED = Path(__file__).with_name("explained.toml")

_MANGLED = re.compile(r"x(?:_|ǁ(?P<owner>\w+)ǁ)(?P<name>\w+)__mutmut_\d+$")
_ASSERTED_TEXT = re.compile(r'^(assert .*), "[^"]*"$')


class Survivor(NamedTuple):
    """What a mutant changes: lines without their indentation, each after `-` or `+`."""

    function: str
    """Below `markethall_engine.domain`."""
    change: tuple[str, ...]

    @classmethod
    def of(cls, mutant: str, diff: str) -> "Survivor":
        """From mutmut's name of it and the difference that mutmut shows."""
        module, _, mangled = mutant.removeprefix("markethall_engine.domain.").rpartition(".")
        found = _MANGLED.fullmatch(mangled)
        assert found is not None, f"mutmut calls a mutant {mutant}"
        function = ".".join(filter(None, (module, found["owner"], found["name"])))
        lines = (line for line in diff.splitlines() if line[:1] in "-+" and line[:3] not in ("---", "+++"))
        return cls(function, tuple(f"{line[0]}{line[1:].strip()}" for line in lines))

    @property
    def is_asserted_text(self) -> bool:
        """Whether only the text of an assertion changes, which is for whoever reads a traceback."""
        conditions = [_ASSERTED_TEXT.match(line[1:]) for line in self.change]
        return all(conditions) and len({found[1] for found in conditions if found}) == 1

    def __str__(self) -> str:
        return "\n".join((self.function, *(f"  {line}" for line in self.change)))


def explained(path: Path = EXPLAINED) -> set[Survivor]:
    """Mutants that do what the original does; the file says why."""
    listed = tomllib.loads(path.read_text())["mutant"]
    return {Survivor(mutant["function"], tuple(mutant["change"])) for mutant in listed}


def unexplained(survivors: Iterable[Survivor], known: set[Survivor]) -> Sequence[Survivor]:
    return [one for one in survivors if one not in known and not one.is_asserted_text]
