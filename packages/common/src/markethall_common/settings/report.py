"""The settings in force, printed so that they can be read and, but for secrets, be used again as a file."""

import json
from typing import Any

from markethall_common.secret import Secret
from markethall_common.settings.declaration import SettingsSpec
from markethall_common.settings.loading import Loaded


def in_force(spec: SettingsSpec[Any], loaded: Loaded[Any]) -> str:
    """Write every setting as TOML, its origin behind it as a comment, secrets masked."""
    tables: dict[str, list[tuple[str, str]]] = {}
    for setting in spec.declared:
        value = loaded.values[setting.key]
        name = setting.path[-1]
        line = f"# {name} is not set" if value is None else f"{name} = {shown(value)}"
        tables.setdefault(".".join(setting.path[:-1]), []).append((line, loaded.origins[setting.key]))
    width = max(len(line) for lines in tables.values() for line, _ in lines)
    return "\n".join(
        f"[{table}]\n" + "".join(f"{line:{width}}  # {origin}\n" for line, origin in lines)
        for table, lines in tables.items()
    )


def shown(value: object) -> str:
    """Write a value as in TOML; a secret is masked, and what is not set is `none`."""
    match value:
        case None:
            return "none"
        case Secret() if not value:
            return '""'  # that nothing is set is no secret
        case bool():
            return "true" if value else "false"
        case int() | float():
            return str(value)
        case tuple():
            return f"[{', '.join(map(shown, value))}]"
        case _:
            return json.dumps(str(value), ensure_ascii=False)
