"""Directories whose entries survive a power loss: a new name is durable once its directory is synced."""

import os
from pathlib import Path


def make_directory(directory: Path) -> None:
    """Create a directory, and those above it, durably; nothing happens where it is."""
    missing = []
    while not directory.is_dir():
        missing.append(directory)
        directory = directory.parent
    for new in reversed(missing):
        new.mkdir(exist_ok=True)
        sync_directory(new.parent)


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
