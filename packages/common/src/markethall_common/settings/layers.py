"""Where settings come from: files, secrets, the environment and flags, each laid over the ones before.

dynaconf reads the files and keeps the layers with their history. Its casting of texts, its merging of lists,
its search for further files and its hooks in the working directory stay off (decision 0010).
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from dynaconf import Dynaconf
from dynaconf.loaders import toml_loader
from dynaconf.loaders.base import SourceMetadata

from markethall_common.settings.declaration import ENVIRONMENT_PREFIX
from markethall_common.settings.problem import Problem

_TOML, _SECRET, _ENVIRONMENT, _FLAG = "toml", "secret", "environment", "flag"


@dataclass(frozen=True, slots=True)
class Found:
    """A value as it was found; `is_text` tells text from a value that TOML has given a type."""

    value: object
    origin: str
    is_text: bool


class Layers:
    """The layers so far; a later one wins, key by key. `problems` are the files that could not be read."""

    def __init__(self) -> None:
        self.problems: list[Problem] = []
        self._store = Dynaconf(
            settings_files=[],
            core_loaders=["TOML"],
            loaders=[],
            environments=False,
            load_dotenv=False,
            auto_cast=False,
            nested_separator=False,
            dotted_lookup=False,
            merge_enabled=False,
            filter_strategy=lambda tables: dict(_flat(tables)),
        )

    def add_toml(self, path: Path) -> None:
        """Lay the file at `path` on top."""
        try:
            path.open("rb").close()  # dynaconf would only warn of a file that it cannot open
            toml_loader.load(self._store, filename=str(path), env="_envless", identifier=_TOML)
        except OSError as error:
            self.problems.append(Problem(str(path), "a file that can be read", str(error.strerror)))
        except ValueError as error:
            self.problems.append(Problem(str(path), "TOML in UTF-8", str(error)))

    def add_secrets(self, directory: Path) -> None:
        """Lay the files of `directory` on top that are named like our environment variables, in any case.

        A file's content is the value, without the end of line that editors put behind it.
        """
        if not directory.is_dir():
            return
        for path in sorted(directory.iterdir()):
            key = _key_of(path.name.upper())
            if key is None or not path.is_file():
                continue
            try:
                text = path.read_text("utf-8")
            except OSError as error:
                self.problems.append(Problem(str(path), "a file that can be read", str(error.strerror)))
            except ValueError:
                self.problems.append(Problem(str(path), "text in UTF-8", "other bytes"))
            else:
                self._add(key, text.removesuffix("\n").removesuffix("\r"), _SECRET, str(path))

    def add_environment(self, environment: Mapping[str, str]) -> None:
        """Lay the variables on top that name a key within a section; others of our prefix are no settings."""
        for name, text in sorted(environment.items()):
            key = _key_of(name)
            if key is not None:
                self._add(key, text, _ENVIRONMENT, name)

    def add_flags(self, flags: Iterable[tuple[str, str, str]]) -> None:
        """Lay flags on top, each given by its key, its text and its name."""
        for key, text, name in flags:
            self._add(key, text, _FLAG, name)

    def found(self) -> dict[str, Found]:
        """Return what was found in the end, by whole keys in lower case such as `engine.log.level`."""
        found = {}
        for source, values in self._store.loaded_by_loaders.items():
            if source.loader in (_TOML, _SECRET, _ENVIRONMENT, _FLAG):
                is_file = source.loader in (_TOML, _SECRET)
                origin = source.identifier if is_file else f"{source.loader} {source.identifier}"
                for key, value in values.items():
                    found[key.lower()] = Found(value, origin, is_text=source.loader != _TOML)
        return found

    def _add(self, key: str, text: str, loader: str, identifier: str) -> None:
        self._store.update({key: text}, loader_identifier=SourceMetadata(loader, identifier))


def _key_of(variable: str) -> str | None:
    """Return the key that an environment variable of this name sets, or None for one that sets none."""
    name = variable.removeprefix(ENVIRONMENT_PREFIX)
    return name.lower().replace("__", ".") if name != variable and "__" in name else None


def _flat(tables: Mapping[str, Any], prefix: str = "") -> Iterator[tuple[str, object]]:
    """Yield the values within `tables` under their whole keys, so that layers are laid key by key."""
    for name, value in tables.items():
        key = f"{prefix}{name.lower()}"
        if isinstance(value, dict):
            yield from _flat(value, f"{key}.")
        else:
            yield key, value
