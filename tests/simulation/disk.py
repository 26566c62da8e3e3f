"""A disk that can fail: real files whose every write and sync is seen, and can be refused.

`Disk` stands between the engine and the files of one directory, at the two doors by which it reaches them:
Python's `os` and `io`, and SQLite's file methods (`sqlite_files`). The engine's own code is untouched. What
it does is kept as a list of operations; `remains` tells from it what a crash leaves.
"""

import errno
import io
import os
import stat
from collections.abc import Callable
from contextlib import ExitStack
from enum import Enum, auto
from functools import partial
from pathlib import Path
from types import TracebackType
from typing import Any
from unittest.mock import patch

from tests.simulation.remains import Kind, Operation
from tests.simulation.sqlite_files import Interception


class Fault(Enum):
    """What becomes of one operation."""

    NO_SPACE = auto()
    SHORT_WRITE = auto()
    """Half is written, and there is no space for the rest."""
    IO_ERROR = auto()


FAULTS = {
    Kind.WRITE: tuple(Fault),
    Kind.TRUNCATE: (Fault.IO_ERROR,),
    Kind.SYNC: (Fault.IO_ERROR, Fault.NO_SPACE),
    Kind.RENAME: (Fault.IO_ERROR, Fault.NO_SPACE),
    Kind.REMOVE: (Fault.IO_ERROR,),
    Kind.SYNC_DIRECTORY: (Fault.IO_ERROR,),
}
"""Which faults each operation can meet."""

_ERRNO = {Fault.NO_SPACE: errno.ENOSPC, Fault.SHORT_WRITE: errno.ENOSPC, Fault.IO_ERROR: errno.EIO}


class Disk:
    """Watches a directory while it is entered; `fault` happens to the operation of index `at`, once.

    Nothing is really synced meanwhile, in that directory or elsewhere, which saves most of the time.
    """

    def __init__(self, directory: Path, fault: Fault | None = None, at: int = -1) -> None:
        self.operations: list[Operation] = []
        self.has_failed = False
        """Whether the fault has happened."""
        self._root = os.fspath(directory.resolve())
        self._fault = fault
        self._at = at
        self._full_at: tuple[str, int] | None = None  # where a short write ended
        self._names: dict[int, str] = {}  # by file descriptor
        self._files = Interception(self)
        self._patches = ExitStack()

    def __enter__(self) -> "Disk":
        self._patches.enter_context(self._files)
        for module, name, replacement in (
            (io, "open", self._open_file),
            (os, "open", self._open_descriptor),
            (os, "close", self._close_descriptor),
            (os, "fsync", self._fsync),
            (os, "replace", self._replace),
            (os, "unlink", self._unlink),
            (os, "mkdir", self._mkdir),
            (os, "rmdir", self._rmdir),
        ):
            replaced = partial(replacement, getattr(module, name))
            self._patches.enter_context(patch.object(module, name, replaced))
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._patches.close()

    def name_of(self, path: str | Path) -> str | None:
        """The name of a file in the directory; `None` for others and for those that need not survive."""
        absolute = os.path.realpath(path)
        if not absolute.startswith(self._root + os.sep) or absolute.endswith(("-shm", ".lock")):
            return None
        return absolute[len(self._root) + 1 :]

    def note(self, operation: Operation) -> None:
        self.operations.append(operation)

    def attempt(self, operation: Operation, perform: Callable[[bytes], Any]) -> Fault | None:
        """Do an operation, or what its fault leaves of it; `perform` gets the bytes to be written."""
        fault = None
        if operation.kind is Kind.WRITE and self._full_at == (operation.name, operation.offset):
            fault = Fault.NO_SPACE
        elif len(self.operations) == self._at and not self.has_failed:
            assert self._fault in FAULTS[operation.kind], f"no {operation.kind} can fail by {self._fault}"
            self.has_failed, fault = True, self._fault
        if fault is None:
            perform(operation.data)
            self.note(operation)
        elif fault is Fault.SHORT_WRITE:
            half = operation.data[: len(operation.data) // 2]
            perform(half)
            self.note(operation._replace(data=half))
        elif operation.kind is Kind.SYNC:
            self.note(operation._replace(kind=Kind.SYNC_FAILED))
        return fault

    def forget(self, descriptor: int) -> None:
        """The descriptor is closed and may name another file soon."""
        self._names.pop(descriptor, None)

    def write(self, name: str, offset: int, data: bytes, perform: Callable[[bytes], Any]) -> int:
        """As the system call: gives how much was written; after a short write there is no space."""
        fault = self.attempt(Operation(Kind.WRITE, name, offset, data), perform)
        if fault is Fault.SHORT_WRITE:
            self._full_at = name, offset + len(data) // 2
            return len(data) // 2
        if fault is not None:
            raise OSError(_ERRNO[fault], os.strerror(_ERRNO[fault]), name)
        return len(data)

    def _or_error(self, operation: Operation, perform: Callable[[bytes], Any]) -> None:
        fault = self.attempt(operation, perform)
        if fault is not None:
            raise OSError(_ERRNO[fault], os.strerror(_ERRNO[fault]), operation.name)

    def _open_file(
        self, original: Callable[..., Any], file: Any, mode: str = "r", buffering: int = -1, *a: Any, **k: Any
    ) -> Any:
        name = self._names.get(file) if isinstance(file, int) else self.name_of(file)
        if name is None or not set(mode) & set("wa+x"):
            return original(file, mode, buffering, *a, **k)
        if not isinstance(file, int):
            self._note_creation(name, Path(file))
        watched = _WatchedFile(self, name, file, mode.replace("b", ""))
        self._names[watched.fileno()] = name
        return watched if buffering == 0 else io.BufferedWriter(watched)

    def _open_descriptor(self, original: Callable[..., int], path: Any, flags: int, *a: Any, **k: Any) -> int:
        name = self.name_of(path)
        if name is not None and flags & os.O_CREAT:
            self._note_creation(name, Path(path))
        descriptor = original(path, flags, *a, **k)
        if name is not None or os.path.realpath(path) == self._root:
            self._names[descriptor] = name or "."
        return descriptor

    def _close_descriptor(self, original: Callable[[int], None], descriptor: int) -> None:
        self.forget(descriptor)
        original(descriptor)

    def _fsync(self, original: Callable[[int], None], descriptor: int) -> None:
        name = self._names.get(descriptor)
        if name is not None:
            is_directory = stat.S_ISDIR(os.fstat(descriptor).st_mode)
            kind = Kind.SYNC_DIRECTORY if is_directory else Kind.SYNC
            self._or_error(Operation(kind, name), lambda _: None)

    def _replace(self, original: Callable[..., None], source: Any, target: Any) -> None:
        name, new_name = self.name_of(source), self.name_of(target)
        if name is None or new_name is None:
            original(source, target)
        else:
            operation = Operation(Kind.RENAME, name, new_name=new_name)
            self._or_error(operation, lambda _: original(source, target))

    def _unlink(self, original: Callable[..., None], path: Any, *a: Any, **k: Any) -> None:
        name = self.name_of(path)
        if name is None or not os.path.lexists(path):
            original(path, *a, **k)
        else:
            self._or_error(Operation(Kind.REMOVE, name), lambda _: original(path, *a, **k))

    def _mkdir(self, original: Callable[..., None], path: Any, *a: Any, **k: Any) -> None:
        original(path, *a, **k)
        name = self.name_of(path)
        if name is not None:
            self.note(Operation(Kind.MAKE_DIRECTORY, name))

    def _rmdir(self, original: Callable[..., None], path: Any, *a: Any, **k: Any) -> None:
        original(path, *a, **k)
        name = self.name_of(path)
        if name is not None:
            self.note(Operation(Kind.REMOVE_DIRECTORY, name))

    def _note_creation(self, name: str, path: Path) -> None:
        if not path.exists():
            self.note(Operation(Kind.CREATE, name))


class _WatchedFile(io.FileIO):
    """An unbuffered file whose writes go by the disk."""

    def __init__(self, disk: Disk, name: str, file: Any, mode: str) -> None:
        super().__init__(file, mode)
        self._disk = disk
        self._name = name

    def close(self) -> None:
        if not self.closed:
            self._disk.forget(self.fileno())
        super().close()

    def write(self, data: Any) -> int:
        return self._disk.write(self._name, self.tell(), bytes(data), super().write)
