"""How far a journal was acknowledged, noted beside it, so that a lost end is noticed.

SQLite takes whatever of its WAL file does not check for a write that a crash cut short, and goes on without
it: right after a crash, where nothing of it was acknowledged, and silent loss where a disk has damaged what
was. The mark tells the two apart (decision 0047).

It is written after every flush and before anyone is told, but not synced: it costs a system call, outlives
the process, and after a power loss may lag behind the journal. It never runs ahead of it. So a mark beyond
the journal's end is proof of loss, and one before it, or none, proves nothing.
"""

import errno
import os
from hashlib import blake2b
from pathlib import Path

import msgspec

_FORM = b"markethall-acknowledged 1"


class AcknowledgedMark(msgspec.Struct, frozen=True):
    """A sequence, and the journal's checksum of all records up to it."""

    sequence: int
    checksum: str


class AcknowledgedMarkFile:
    """One line of always the same length, overwritten in place; belongs to the journal's owner."""

    def __init__(self, path: Path) -> None:
        """Raises `OSError`."""
        self._file = os.fdopen(os.open(path, os.O_RDWR | os.O_CREAT, 0o644), "r+b", buffering=0)

    def read(self) -> AcknowledgedMark | None:
        """What was noted last, or `None` where there is nothing that reads back as it was written."""
        self._file.seek(0)
        line = self._file.read()
        words = line.split()
        if len(words) != 5 or line != _line(words[2], words[3]):
            return None
        return AcknowledgedMark(int(words[2]), words[3].decode())

    def write(self, mark: AcknowledgedMark) -> None:
        """Raises `OSError` where the disk does not take it."""
        line = _line(b"%020d" % mark.sequence, mark.checksum.encode())
        self._file.seek(0)
        written = self._file.write(line)
        if written != len(line):
            raise OSError(
                errno.ENOSPC, f"{written} of {len(line)} bytes of the acknowledged mark were written"
            )

    def close(self) -> None:
        self._file.close()


def _line(sequence: bytes, checksum: bytes) -> bytes:
    content = b"%s %s %s" % (_FORM, sequence, checksum)
    return b"%s %s\n" % (content, blake2b(content, digest_size=8).hexdigest().encode())
