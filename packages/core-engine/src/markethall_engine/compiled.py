"""Which code runs: libraries that the build compiled of the engine's hot modules, or the modules themselves.

The environment variable MARKETHALL_CORE chooses, at the first import of the package: `auto`, the default,
takes the libraries if there are any, made for this Python and of the very sources beside them; `compiled`
refuses to go on without them; `python` leaves them. Both give the same results, digest for digest; only the
speed differs.

Since libraries are taken only while they are of the present sources, what runs is always what the sources
say. Where they changed since, that is Python, until `hatch run compile` makes the libraries anew.
"""

import os
import sys
from collections.abc import Sequence
from hashlib import blake2b
from importlib.abc import MetaPathFinder
from importlib.machinery import EXTENSION_SUFFIXES, ModuleSpec
from importlib.util import spec_from_file_location
from pathlib import Path
from types import ModuleType
from typing import Literal

from msgspec import json

CHOICES = ("auto", "compiled", "python")
"""What MARKETHALL_CORE may ask for."""

_PACKAGES = Path(__file__).parents[1]
_COMPILED = Path(__file__).with_name("_compiled")
_SUFFIX = EXTENSION_SUFFIXES[0]
"""Names this Python and this platform."""


class _NotUsable(Exception):
    """There are no libraries of the present sources; the message says why."""


class _Libraries(MetaPathFinder):
    """Finds the compiled modules before Python finds their sources."""

    def __init__(self) -> None:
        """Look what there is; raises `_NotUsable`."""
        try:
            digests = json.decode((_COMPILED / "sources.json").read_bytes(), type=dict[str, str])
        except FileNotFoundError:
            raise _NotUsable("nothing was compiled when the package was built") from None
        for path, digest in digests.items():
            source = _PACKAGES / path
            if not source.is_file() or blake2b(source.read_bytes()).hexdigest() != digest:
                raise _NotUsable(f"{path} is not what was compiled; `hatch run compile` compiles it anew")
        self._files = {
            ".".join(file.relative_to(_COMPILED).parts).removesuffix(_SUFFIX): file
            for file in _COMPILED.rglob(f"*{_SUFFIX}")
        }
        if not self._files:
            raise _NotUsable("what was compiled is for another Python")

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        file = self._files.get(fullname)
        return None if file is None else spec_from_file_location(fullname, file)


def _choose(choice: str) -> str:
    """Have the libraries found where `choice` and their state allow it, and return why not, or nothing."""
    if choice not in CHOICES:
        raise ImportError(f"MARKETHALL_CORE: expected one of {', '.join(CHOICES)}, found {choice!r}")
    if choice == "python":
        return "MARKETHALL_CORE is python"
    try:
        sys.meta_path.insert(0, _Libraries())
    except _NotUsable as reason:
        if choice == "compiled":
            raise ImportError(f"MARKETHALL_CORE is compiled, but {reason}") from reason
        return str(reason)
    return ""


_why_python = _choose(os.environ.get("MARKETHALL_CORE", "auto"))


def implementation() -> Literal["compiled", "python"]:
    """Say which code runs in this process."""
    return "python" if _why_python else "compiled"


def why_python() -> str:
    """Say why the engine runs in pure Python; empty where it does not."""
    return _why_python
