"""Settings: declared by a service as one frozen dataclass, read from layers, checked all at once."""

from markethall_common.settings.command_line import EXIT_MISUSE, command_line
from markethall_common.settings.declaration import SettingsSpec, setting
from markethall_common.settings.loading import Checked, Loaded, load_settings
from markethall_common.settings.problem import Problem, SettingsError

__all__ = [
    "EXIT_MISUSE",
    "Checked",
    "Loaded",
    "Problem",
    "SettingsError",
    "SettingsSpec",
    "command_line",
    "load_settings",
    "setting",
]
