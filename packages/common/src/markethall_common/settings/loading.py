"""From layers to one frozen object: every field read as its type, every problem found at once."""

import os
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import MISSING, dataclass, is_dataclass, replace
from difflib import get_close_matches
from pathlib import Path
from typing import Any, Generic, Protocol, TypeVar, get_type_hints, runtime_checkable

from markethall_common.secret import MASK
from markethall_common.settings.declaration import SECTIONS, Setting, SettingsSpec
from markethall_common.settings.layers import Found, Layers
from markethall_common.settings.problem import Problem, SettingsError

T = TypeVar("T")

SETTINGS_FILE = Path("settings.toml")
SECRETS_FILE = ".secrets.toml"
SECRETS_DIRECTORY = Path("/run/secrets")
DEFAULT = "default"

_LONGEST_FOUND = 80


@runtime_checkable
class Checked(Protocol):
    """A settings dataclass with rules that hold between settings.

    `problems()` is called once each setting by itself is right. The keys of what it returns are relative to
    the service's section, and their origins are filled in.
    """

    def problems(self) -> Iterable[Problem]: ...


@dataclass(frozen=True, slots=True)
class Loaded(Generic[T]):
    """The settings in force, and for each whole key the value and where it comes from."""

    settings: T
    values: Mapping[str, object]
    origins: Mapping[str, str]


def load_settings(
    spec: SettingsSpec[T],
    *,
    settings_file: Path | None = None,
    secrets_directory: Path = SECRETS_DIRECTORY,
    environment: Mapping[str, str] | None = None,
    flags: Iterable[tuple[str, str, str]] = (),
) -> Loaded[T]:
    """Read the settings of a service, or raise `SettingsError` with everything that is wrong.

    The layers, each over the ones before: the defaults of `spec`; `settings_file`, by default
    `settings.toml` where there is one; `.secrets.toml` beside it, where there is one; `secrets_directory`;
    `environment`, by default the process's; and `flags` as (key, text, name of the flag).
    """
    layers = Layers()
    chosen = settings_file or SETTINGS_FILE
    if settings_file is not None or chosen.exists():
        layers.add_toml(chosen)
    secrets_file = chosen.with_name(SECRETS_FILE)
    if secrets_file.exists():
        layers.add_toml(secrets_file)
    layers.add_secrets(secrets_directory)
    layers.add_environment(os.environ if environment is None else environment)
    layers.add_flags(flags)

    found = layers.found()
    problems = [*layers.problems, *_unknown(spec, found)]
    values, origins = {}, {}
    for setting in spec.declared:
        value = _read(setting, found.get(setting.key))
        if isinstance(value, Problem):
            problems.append(value)
        else:
            values[setting.key] = value
            origins[setting.key] = found[setting.key].origin if setting.key in found else DEFAULT
    if not problems:
        settings = _build(spec.settings, spec.section, values)
        problems.extend(_taken_together(spec.section, settings, origins))
    if problems:
        raise SettingsError(problems)
    return Loaded(settings, values, origins)


def _read(setting: Setting, found: Found | None) -> object:
    """Return the setting's value, or the `Problem` with it."""
    kind = setting.kind
    if found is None:
        if setting.default is MISSING:
            return Problem(setting.key, kind.expected, "nothing")
        return setting.default
    try:
        if found.is_text:
            return kind.from_text(str(found.value))
        return kind.from_toml(found.value)
    except ValueError:
        shown = MASK if kind.is_secret else _shown(found.value)
        return Problem(setting.key, kind.expected, shown, found.origin)


def _unknown(spec: SettingsSpec[Any], found: Mapping[str, Found]) -> Iterator[Problem]:
    """Yield a problem for each key that is no setting; its value is not shown, as it may be a secret."""
    known = {setting.key for setting in spec.declared}
    for key in sorted(found.keys() - known):
        section, _, name = key.partition(".")
        if name and section not in SECTIONS:
            expected = "the name of a section" + _such_as(section, SECTIONS)
        elif name and section != spec.section:
            continue  # another service's, for which it checks
        elif any(setting.startswith(f"{key}.") for setting in known):
            yield Problem(key, "a section with settings in it", "a value", found[key].origin)
            continue
        else:
            names = [setting.removeprefix(f"{spec.section}.") for setting in known]
            expected = "the name of a setting" + _such_as(name or key, names, prefix=f"{spec.section}.")
        yield Problem(key, expected, "an unknown one", found[key].origin)


def _such_as(name: str, names: Iterable[str], *, prefix: str = "") -> str:
    return "".join(f" such as {prefix}{near}" for near in get_close_matches(name, names, n=1))


def _build(settings: type[T], prefix: str, values: Mapping[str, object]) -> T:
    arguments: dict[str, object] = {}
    for name, annotation in get_type_hints(settings).items():
        key = f"{prefix}.{name}"
        is_section = isinstance(annotation, type) and is_dataclass(annotation)
        arguments[name] = _build(annotation, key, values) if is_section else values[key]
    return settings(**arguments)


def _taken_together(section: str, settings: object, origins: Mapping[str, str]) -> Iterable[Problem]:
    if isinstance(settings, Checked):
        for problem in settings.problems():
            key = f"{section}.{problem.key}"
            yield replace(problem, key=key, origin=origins.get(key, ""))


def _shown(value: object) -> str:
    text = str(value).lower() if isinstance(value, bool) else repr(value)
    return text if len(text) <= _LONGEST_FOUND else text[:_LONGEST_FOUND] + "…"
