"""Snapshots as files, `<sequence>.snapshot`: written whole or not at all, and checked when they are read.

A file is a line that names the format, a line with the BLAKE2b-256 of the rest in hexadecimal, and the
snapshot as MessagePack.
"""

import os
from collections.abc import Iterator
from hashlib import blake2b
from pathlib import Path

import msgspec

from markethall_common.logs import logger
from markethall_engine.application.ports import Snapshot
from markethall_engine.journal.durable_files import make_directory, sync_directory

_FORMAT = b"markethall-snapshot 2"
_SUFFIX = ".snapshot"

_encode = msgspec.msgpack.Encoder().encode
_decode = msgspec.msgpack.Decoder(Snapshot).decode


class SnapshotDirectory:
    """Keeps the newest snapshots in a directory, by default two: if one is unsound there is another."""

    def __init__(self, directory: Path, keep: int = 2) -> None:
        self._directory = directory
        self._keep = keep

    def newest_first(self) -> Iterator[Snapshot]:
        for path in self._paths():
            try:
                yield _read(path)
            except (OSError, ValueError) as problem:
                logger.warning("snapshot_unreadable", file=str(path), problem=str(problem))

    def write(self, snapshot: Snapshot) -> None:
        """Raises `OSError` where the disk does not take it, and then leaves what was there."""
        make_directory(self._directory)
        path = self._directory / f"{snapshot.sequence:020d}{_SUFFIX}"
        unfinished = path.with_name(f"{path.name}.{os.getpid()}.unfinished")
        try:
            with unfinished.open("wb") as file:
                body = _encode(snapshot)
                file.write(b"%s\n%s\n" % (_FORMAT, _checksum(body)))
                file.write(body)
                file.flush()
                os.fsync(file.fileno())
            unfinished.replace(path)
        finally:
            unfinished.unlink(missing_ok=True)
        sync_directory(self._directory)
        self._remove_old()

    def _paths(self) -> list[Path]:
        return sorted(self._directory.glob(f"[0-9]*{_SUFFIX}"), reverse=True)

    def _remove_old(self) -> None:
        """Also removes what writers left behind that were killed."""
        for path in (*self._paths()[self._keep :], *self._directory.glob("*.unfinished")):
            path.unlink(missing_ok=True)


def _read(path: Path) -> Snapshot:
    data = path.read_bytes()
    start = data.find(b"\n", data.find(b"\n") + 1) + 1
    form, checksum, body = *data[:start].split(b"\n")[:2], data[start:]
    if form != _FORMAT:
        raise ValueError(f"expected a file of the form {_FORMAT.decode()!r}, found {form[:40]!r}")
    if checksum != _checksum(body):
        raise ValueError("its checksum does not match its content")
    return _decode(body)


def _checksum(body: bytes) -> bytes:
    return blake2b(body, digest_size=32).hexdigest().encode()
