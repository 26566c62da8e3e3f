"""Logging: every line an event with fields, and the request it was for, never a secret.

Whoever has something to tell uses `logger`; the application says once, with `configure`, where lines go.
"""

from markethall_common.logs.configuration import Format, Level, configure
from markethall_common.logs.event_logger import EventLogger, logger

__all__ = ["EventLogger", "Format", "Level", "configure", "logger"]
