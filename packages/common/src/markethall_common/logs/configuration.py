"""Where the lines go, and in which form: said once, by the application."""

import os
import sys
from collections.abc import Callable
from typing import TYPE_CHECKING, Literal, TextIO

import loguru

from markethall_common.logs.interception import intercept
from markethall_common.logs.lines import LineWriter, json_lines, text_lines

if TYPE_CHECKING:
    from loguru import Message, Record

Level = Literal["DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL"]
Format = Literal["auto", "text", "json"]


def configure(
    service: str,
    *,
    level: Level = "INFO",
    format: Format = "auto",  # noqa: A002 - the name of the setting
    stream: TextIO | None = None,
) -> None:
    """Send every line of this process from `level` on to `stream`, standard error unless given.

    `format` "auto" is text where the stream is a terminal, and JSON lines elsewhere. `service` stands on
    each line. May be called again, and then replaces what was said before.
    """
    stream = sys.stderr if stream is None else stream
    is_text = format == "text" or (format == "auto" and stream.isatty())
    writer = text_lines(service, color=_wants_color(stream)) if is_text else json_lines(service)
    loguru.logger.remove()
    loguru.logger.add(
        _sink(stream, writer),
        level=level,
        format=_exception_only,
        colorize=False,
        backtrace=False,  # the frames up to where it was caught, no further
        diagnose=False,  # would print the values of local variables, secrets among them
        catch=False,  # would print the whole record, unmasked, where a sink fails; ours does not
    )
    intercept(loguru.logger.level(level).no)


def _sink(stream: TextIO, write_line: LineWriter) -> Callable[["Message"], None]:
    """Write each line with one call, so that lines of several processes on one pipe do not mix."""

    def sink(message: "Message") -> None:
        exception = str(message) if message.record["exception"] is not None else ""
        try:
            line = write_line(message.record, exception)
        except Exception as problem:
            # A field that cannot be written (a broken __str__) must not break the work that it tells of.
            fields = {"unwritable": list(message.record["extra"]), "problem": type(problem).__name__}
            line = write_line({**message.record, "extra": fields}, exception)
        try:
            stream.write(line + "\n")
            stream.flush()
        except (OSError, ValueError):
            # The reader has gone or the stream is closed. Nobody is left to tell, and work goes on.
            return

    return sink


def _exception_only(_: "Record") -> str:
    """Let loguru format the exception; the rest of the line is made from the record by our writer."""
    return "{exception}"


def _wants_color(stream: TextIO) -> bool:
    """Color on terminals that have it, unless https://no-color.org says no."""
    return stream.isatty() and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"
