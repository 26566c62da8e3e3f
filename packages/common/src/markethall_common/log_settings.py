"""The settings of logging, as a section that every service has."""

from dataclasses import dataclass

from markethall_common.logs import Format, Level
from markethall_common.settings import setting


@dataclass(frozen=True, slots=True)
class LogSettings:
    """What `logs.configure` takes: `level` and `format`."""

    level: Level = setting("INFO", help="Lines below this level are left out.")
    format: Format = setting("auto", help="auto is text on a terminal and JSON lines elsewhere.")
