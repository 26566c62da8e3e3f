"""What a crash leaves on a disk, told from the operations before it.

- Of a process that stops: everything that was written.
- Of a power loss: what was synced, and of the rest any sectors or none.

Names obey the same rule: a file created, renamed or removed is so for certain once its directory is synced.
What a failed sync should have made durable is in doubt for ever, even after a later sync that succeeds: the
system marks such pages clean (https://lwn.net/Articles/752063/).
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from enum import Enum, auto
from pathlib import PurePosixPath
from random import Random
from typing import NamedTuple

SECTOR = 512


class Kind(Enum):
    CREATE = auto()
    MAKE_DIRECTORY = auto()
    REMOVE_DIRECTORY = auto()
    WRITE = auto()
    TRUNCATE = auto()
    SYNC = auto()
    SYNC_FAILED = auto()
    RENAME = auto()
    REMOVE = auto()
    SYNC_DIRECTORY = auto()


class Operation(NamedTuple):
    """One step on the disk; names are relative to the disk's directory, which is `.`."""

    kind: Kind
    name: str
    offset: int = 0
    """Of a write; of a truncation the new size."""
    data: bytes = b""
    new_name: str = ""


@dataclass(slots=True)
class _Change:
    """A write or a truncation."""

    operation: Operation
    is_durable: bool = False
    is_doubtful: bool = False


@dataclass(slots=True)
class _File:
    changes: list[_Change] = field(default_factory=list)

    def content(self, keeps_sector: Callable[[], bool]) -> bytes:
        content = bytearray()
        for change in self.changes:
            _, _, offset, data, _ = change.operation
            if change.operation.kind is Kind.TRUNCATE:
                if change.is_durable or keeps_sector():
                    _resize(content, offset)
            elif change.is_durable:
                _put(content, offset, data)
            else:
                while data:
                    size = SECTOR - offset % SECTOR
                    if keeps_sector():
                        _put(content, offset, data[:size])
                    offset, data = offset + size, data[size:]
        return bytes(content)


@dataclass(slots=True)
class _NameChange:
    operation: Operation
    file: _File
    is_durable: bool = False


class Remains:
    """What a crash leaves after the operations taken in so far: files by name, for each kind of crash."""

    def __init__(self) -> None:
        self._name_changes: list[_NameChange] = []
        self._files: dict[str, _File] = {}

    def take(self, operation: Operation) -> None:
        kind, name = operation.kind, operation.name
        if kind is Kind.WRITE or kind is Kind.TRUNCATE:
            self._files[name].changes.append(_Change(operation))
        elif kind is Kind.SYNC or kind is Kind.SYNC_FAILED:
            for change in self._files[name].changes:
                if not change.is_durable:
                    change.is_durable = kind is Kind.SYNC and not change.is_doubtful
                    change.is_doubtful = not change.is_durable
        elif kind is Kind.SYNC_DIRECTORY:
            for changed in self._name_changes:
                changed.is_durable |= directory_of(changed.operation.name) == name
        else:
            if kind is Kind.CREATE:
                self._files[name] = _File()
            elif kind is Kind.RENAME:
                self._files[operation.new_name] = self._files[name]
            self._name_changes.append(_NameChange(operation, self._files.get(name) or _File()))

    def of_a_stop(self) -> dict[str, bytes]:
        """All that was written."""
        return self._image(len(self._name_changes), lambda: True)

    def of_a_power_loss(self) -> dict[str, bytes]:
        """Nothing but what was synced."""
        return self._image(0, lambda: False)

    def of_a_torn_power_loss(self, chance: Random) -> dict[str, bytes]:
        """What was synced, and of what was not some sectors, and the first few of the names."""
        share = chance.choice((0.1, 0.5, 0.9))
        return self._image(chance.randint(0, len(self._name_changes)), lambda: chance.random() < share)

    def _image(self, kept_names: int, keeps_sector: Callable[[], bool]) -> dict[str, bytes]:
        files: dict[str, _File] = {}
        directories = {"."}
        for index, changed in enumerate(self._name_changes):
            kind, name, _, _, new_name = changed.operation
            if index >= kept_names and not changed.is_durable:
                continue
            if kind is Kind.MAKE_DIRECTORY:
                directories.add(name)
            elif kind is Kind.REMOVE_DIRECTORY:
                directories.discard(name)
            elif kind is Kind.CREATE:
                files[name] = changed.file
            elif kind is Kind.RENAME:
                files.pop(name, None)
                files[new_name] = changed.file
            else:
                files.pop(name, None)
        return {
            name: file.content(keeps_sector)
            for name, file in files.items()
            if directory_of(name) in directories
        }


def directory_of(name: str) -> str:
    return str(PurePosixPath(name).parent)


def _put(content: bytearray, offset: int, data: bytes) -> None:
    if offset > len(content):
        _resize(content, offset)
    content[offset : offset + len(data)] = data


def _resize(content: bytearray, size: int) -> None:
    del content[size:]
    content.extend(bytes(size - len(content)))
