"""The call that writes a log line: the name of an event, and its fields.

    logger.info("order_stream_opened", peer=peer)

loguru does the work; this says how it is used here. Its own call formats the text with the fields, so a
brace in the text would raise or vanish. Here the event is the text, whatever it holds.
"""

import loguru

_WRAPPER_FRAMES = 1


class EventLogger:
    """Logs events with fields, through loguru, under the name of the module that calls it."""

    __slots__ = ("_caught", "_logger")

    def __init__(self, logger: "loguru.Logger") -> None:
        self._logger = logger.opt(depth=_WRAPPER_FRAMES)
        self._caught = logger.opt(depth=_WRAPPER_FRAMES, exception=True)

    def bind(self, **fields: object) -> "EventLogger":
        """Return a logger that adds `fields` to each of its lines."""
        return EventLogger(self._logger.bind(**fields))

    def debug(self, event: str, /, **fields: object) -> None:
        self._logger.debug(_literal(event, fields), **fields)

    def info(self, event: str, /, **fields: object) -> None:
        self._logger.info(_literal(event, fields), **fields)

    def warning(self, event: str, /, **fields: object) -> None:
        self._logger.warning(_literal(event, fields), **fields)

    def error(self, event: str, /, **fields: object) -> None:
        self._logger.error(_literal(event, fields), **fields)

    def critical(self, event: str, /, **fields: object) -> None:
        self._logger.critical(_literal(event, fields), **fields)

    def exception(self, event: str, /, **fields: object) -> None:
        """Log an error together with the exception that is being handled."""
        self._caught.error(_literal(event, fields), **fields)


def _literal(event: str, fields: dict[str, object]) -> str:
    if fields and ("{" in event or "}" in event):
        return event.replace("{", "{{").replace("}", "}}")
    return event


logger: EventLogger = EventLogger(loguru.logger)
"""The logger of everyone who only logs. Where the lines go is for the application to `configure`."""
