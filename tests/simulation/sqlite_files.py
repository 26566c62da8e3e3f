"""SQLite's file methods, watched: the door by which the journal reaches its files.

SQLite reaches every file by a table of functions, its VFS (https://www.sqlite.org/vfs.html). While an
`Interception` is entered, the default VFS is a copy of the platform's own, in which opening a file swaps in a
table of methods that lets a `Watcher` see, refuse or cut short each write, truncation, sync and removal, and
goes on in the platform's. Locks and shared memory are the real ones, and so is the library: it is the one
that Python's `sqlite3` is linked with, found through the module itself (decision 0048).
"""

import _sqlite3
import ctypes
import os
from collections.abc import Callable
from ctypes import CFUNCTYPE, POINTER, Structure, c_char_p, c_int, c_int64, c_void_p
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any

from tests.simulation.remains import Kind, Operation, directory_of

if TYPE_CHECKING:
    from tests.simulation.disk import Disk, Fault

_OK, _IOERR, _FULL = 0, 10, 13
_IOERR_WRITE, _IOERR_FSYNC = _IOERR | 3 << 8, _IOERR | 4 << 8
_IOERR_TRUNCATE, _IOERR_DELETE, _IOERR_DIR_FSYNC = _IOERR | 6 << 8, _IOERR | 10 << 8, _IOERR | 5 << 8
_OPEN_CREATE, _OPEN_MAIN_JOURNAL, _OPEN_WAL = 0x4, 0x800, 0x80000

_Write = CFUNCTYPE(c_int, c_void_p, c_void_p, c_int, c_int64)
_Truncate = CFUNCTYPE(c_int, c_void_p, c_int64)
_Sync = CFUNCTYPE(c_int, c_void_p, c_int)
_Open = CFUNCTYPE(c_int, c_void_p, c_void_p, c_void_p, c_int, c_void_p)
_Delete = CFUNCTYPE(c_int, c_void_p, c_char_p, c_int)


class _IoMethods(Structure):
    """`sqlite3_io_methods`, version 3."""

    _fields_ = (
        ("version", c_int),
        ("close", c_void_p),
        ("read", c_void_p),
        ("write", _Write),
        ("truncate", _Truncate),
        ("sync", _Sync),
        *((f"other_{n}", c_void_p) for n in range(13)),
    )


class _File(Structure):
    """`sqlite3_file`: what any VFS's own file begins with."""

    _fields_ = (("methods", POINTER(_IoMethods)),)


class _Vfs(Structure):
    """`sqlite3_vfs`, version 3."""

    _fields_ = (
        ("version", c_int),
        ("file_size", c_int),
        ("path_size", c_int),
        ("next", c_void_p),
        ("name", c_char_p),
        ("data", c_void_p),
        ("open", _Open),
        ("delete", _Delete),
        *((f"other_{n}", c_void_p) for n in range(14)),
    )


def _library() -> ctypes.CDLL | None:
    """The SQLite that `sqlite3` is linked with, if its functions can be found."""
    library = ctypes.CDLL(getattr(_sqlite3, "__file__", None))
    if not hasattr(library, "sqlite3_vfs_find"):
        return None
    library.sqlite3_vfs_find.restype = POINTER(_Vfs)
    return library


_LIBRARY = _library()

CANNOT_WATCH = "" if _LIBRARY is not None else "this Python hides the functions of its SQLite library"
"""Why files cannot be watched here; empty where they can."""


class Interception:
    """SQLite's files go by `disk` while this is entered."""

    def __init__(self, disk: "Disk") -> None:
        self._disk = disk
        self._names: dict[int, str | None] = {}  # by the address of the file
        self._syncs_directory: set[int] = set()
        self._tables: dict[int, _IoMethods] = {}  # watched, by the address of the platform's
        self._platforms: dict[int, _IoMethods] = {}  # by the address of the file
        self._bug: BaseException | None = None

    def __enter__(self) -> "Interception":
        assert _LIBRARY is not None, CANNOT_WATCH
        self._platform = _LIBRARY.sqlite3_vfs_find(None)
        self._vfs = _Vfs.from_buffer_copy(self._platform.contents)
        self._vfs.name, self._vfs.next = b"watched", None
        self._vfs.open, self._vfs.delete = _Open(self._open), _Delete(self._delete)
        _LIBRARY.sqlite3_vfs_register(ctypes.byref(self._vfs), 1)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        assert _LIBRARY is not None
        _LIBRARY.sqlite3_vfs_unregister(ctypes.byref(self._vfs))
        _LIBRARY.sqlite3_vfs_register(self._platform, 1)
        if self._bug is not None:
            raise self._bug

    def _open(self, _: int, path: int | None, file: int, flags: int, out_flags: int) -> int:
        name = None if path is None else self._disk.name_of(os.fsdecode(ctypes.string_at(path)))
        existed = path is not None and Path(os.fsdecode(ctypes.string_at(path))).exists()
        result: int = self._platform.contents.open(self._platform, path, file, flags, out_flags)
        opened = _File.from_address(file)
        if result == _OK and opened.methods:
            if name is not None and not existed and flags & _OPEN_CREATE:
                self._disk.note(Operation(Kind.CREATE, name))
            self._names[file] = name
            if flags & _OPEN_CREATE and flags & (_OPEN_MAIN_JOURNAL | _OPEN_WAL):
                self._syncs_directory.add(file)  # as the platform does with the file's first sync
            opened.methods = ctypes.pointer(self._watched(file, opened.methods.contents))
        return result

    def _watched(self, file: int, platform: _IoMethods) -> _IoMethods:
        self._platforms[file] = platform
        address = ctypes.addressof(platform)
        if address not in self._tables:
            table = _IoMethods.from_buffer_copy(platform)
            table.write, table.truncate = _Write(self._write), _Truncate(self._truncate)
            table.sync = _Sync(self._sync)
            self._tables[address] = table
        return self._tables[address]

    def _write(self, file: int, data: int, size: int, offset: int) -> int:
        platform, name = self._platforms[file], self._names[file]
        if name is None:
            return int(platform.write(file, data, size, offset))
        operation = Operation(Kind.WRITE, name, offset, ctypes.string_at(data, size))
        fault = self._attempt(operation, lambda kept: platform.write(file, data, len(kept), offset))
        if fault is None:
            return _OK
        return _IOERR_WRITE if fault.name == "IO_ERROR" else _FULL

    def _truncate(self, file: int, size: int) -> int:
        platform, name = self._platforms[file], self._names[file]
        if name is None:
            return int(platform.truncate(file, size))
        operation = Operation(Kind.TRUNCATE, name, size)
        fault = self._attempt(operation, lambda _: platform.truncate(file, size))
        return _OK if fault is None else _IOERR_TRUNCATE

    def _sync(self, file: int, _: int) -> int:
        name = self._names[file]
        if name is None:
            return _OK
        if self._attempt(Operation(Kind.SYNC, name), lambda _: _OK) is not None:
            return _IOERR_FSYNC
        if file in self._syncs_directory:
            self._syncs_directory.discard(file)
            # Whether the directory was synced, the platform's method does not ask.
            self._attempt(Operation(Kind.SYNC_DIRECTORY, directory_of(name)), lambda _: _OK)
        return _OK

    def _delete(self, _: int, path: bytes, syncs_directory: int) -> int:
        name = self._disk.name_of(os.fsdecode(path))
        result = _OK

        def perform(_: bytes) -> int:
            nonlocal result
            result = self._platform.contents.delete(self._platform, path, 0)
            return _OK

        if name is None or not Path(os.fsdecode(path)).exists():
            return int(self._platform.contents.delete(self._platform, path, 0))
        if self._attempt(Operation(Kind.REMOVE, name), perform) is not None:
            return _IOERR_DELETE
        if syncs_directory:
            operation = Operation(Kind.SYNC_DIRECTORY, directory_of(name))
            if self._attempt(operation, lambda _: _OK) is not None:
                return _IOERR_DIR_FSYNC
        return result

    def _attempt(self, operation: Operation, perform: Callable[[bytes], Any]) -> "Fault | None":
        """An exception would be lost in SQLite, and taken for success."""

        def checked(data: bytes) -> None:
            assert perform(data) == _OK, f"the disk under the disk failed: {operation.kind} {operation.name}"

        try:
            return self._disk.attempt(operation, checked)
        except BaseException as bug:
            self._bug = bug
            raise
