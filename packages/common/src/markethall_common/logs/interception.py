"""Brings what others log into our lines: the standard library's loggers, warnings and uncaught exceptions."""

import logging
import sys
import threading
import warnings
from types import TracebackType
from typing import TextIO

import loguru

from markethall_common.logs.redaction import masked_text

_SHARED_LEVELS = frozenset({"DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL"})


def intercept(level: int) -> None:
    """Send every standard logger's records to loguru, from `level` on, and never below INFO.

    Debug lines of libraries stay off: some of them (hpack, for one) print every header of every request,
    credentials included. Handlers that libraries gave to their loggers are taken away, so that no line
    comes twice.
    """
    level = max(level, logging.INFO)
    root = logging.getLogger()
    root.handlers[:] = [LoguruHandler(level)]
    root.setLevel(level)
    for name in root.manager.loggerDict:
        library = logging.getLogger(name)
        library.handlers.clear()
        library.propagate = True
    warnings.showwarning = _log_warning
    sys.excepthook = _log_uncaught
    threading.excepthook = _log_uncaught_in_thread


class LoguruHandler(logging.Handler):
    """Hands each record of the standard library on to loguru, under its own logger's name."""

    def emit(self, record: logging.LogRecord) -> None:
        try:
            text = record.getMessage()
        except (TypeError, ValueError, KeyError):  # the library's arguments do not fit its format
            text = str(record.msg)
        level = record.levelname if record.levelname in _SHARED_LEVELS else record.levelno
        exception = record.exc_info if record.exc_info and record.exc_info[0] else None
        # Without arguments, loguru takes the text as it is, braces included.
        loguru.logger.bind(logger=record.name).opt(exception=exception).log(level, masked_text(text.rstrip()))


def _log_warning(
    message: Warning | str,
    category: type[Warning],
    filename: str,
    lineno: int,
    file: TextIO | None = None,
    line: str | None = None,
) -> None:
    """Stand in for `warnings.showwarning`, of which this is the signature."""
    fields = {"logger": "warnings", "category": category.__name__, "at": f"{filename}:{lineno}"}
    loguru.logger.bind(**fields).warning(masked_text(str(message)))


def _log_uncaught(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
    if issubclass(kind, KeyboardInterrupt):
        sys.__excepthook__(kind, error, trace)
    else:
        loguru.logger.opt(exception=(kind, error, trace)).critical("uncaught_exception")


def _log_uncaught_in_thread(uncaught: threading.ExceptHookArgs) -> None:
    if uncaught.exc_value is None or isinstance(uncaught.exc_value, SystemExit):
        return
    exception = (uncaught.exc_type, uncaught.exc_value, uncaught.exc_traceback)
    thread = uncaught.thread.name if uncaught.thread else ""
    loguru.logger.bind(thread=thread).opt(exception=exception).critical("uncaught_exception")
