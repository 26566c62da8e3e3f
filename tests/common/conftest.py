import logging
import sys
import threading
import warnings
from collections.abc import Iterator

import loguru
import pytest


@pytest.fixture
def logging_left_as_it_was(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Undo what `logs.configure` does to the whole process."""
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    for module, name in ((warnings, "showwarning"), (sys, "excepthook"), (threading, "excepthook")):
        monkeypatch.setattr(module, name, getattr(module, name))
    yield
    root.handlers[:] = handlers
    root.setLevel(level)
    loguru.logger.remove()
