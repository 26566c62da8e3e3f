"""What it takes for files and their names to survive a power loss."""

import os
from pathlib import Path

_CHUNK_BYTES = 1 << 20


def make_directory(directory: Path) -> None:
    """Create a directory, and those above it, durably; nothing happens where it is.

    Raises `OSError`, and then leaves none that would be lost with the power.
    """
    if directory.is_dir():
        return
    make_directory(directory.parent)
    directory.mkdir(exist_ok=True)
    try:
        sync_directory(directory.parent)
    except OSError:
        directory.rmdir()
        raise


def sync_directory(directory: Path) -> None:
    """Make what was created, renamed and removed in it durable.

    Where directories cannot be opened (Windows), the system does it.
    """
    if hasattr(os, "O_DIRECTORY"):
        descriptor = os.open(directory, os.O_DIRECTORY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


def rewrite(path: Path) -> None:
    """Write what a file holds over itself, and sync it; nothing happens where it is not.

    After a sync that failed, what is read from the file may be nowhere but in the system's memory, which
    counts it as written: the next sync succeeds and does nothing (https://lwn.net/Articles/752063/). What is
    written anew is synced for certain. Whatever of this a crash cuts short, the file holds the same.
    """
    if not path.is_file():
        return
    with path.open("r+b", buffering=0) as file:
        while chunk := file.read(_CHUNK_BYTES):
            file.seek(-len(chunk), os.SEEK_CUR)
            while chunk:
                chunk = chunk[file.write(chunk) :]
        os.fsync(file.fileno())
