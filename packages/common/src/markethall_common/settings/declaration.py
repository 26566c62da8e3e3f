'''How a service declares its settings: a frozen dataclass, and a word about each field.

    @dataclass(frozen=True, slots=True)
    class EngineSettings:
        """…"""
        port: int = setting(50052, help="Port of the gRPC server.", minimum=0, maximum=65535)
        log: LogSettings = field(default_factory=LogSettings)

    SPEC = SettingsSpec(EngineSettings, section="engine", program="markethall-engine", …)

From the name of a field follow its key, `engine.port`, its environment variable,
`MARKETHALL_ENGINE__PORT`, its file among the secrets, which has the variable's name in any case, and its
flag, `--port`. A dataclass within the dataclass is a section and adds its name to each of them:
`engine.log.level`, `MARKETHALL_ENGINE__LOG__LEVEL`, `--log-level`.
'''

import dataclasses
from collections.abc import Iterator
from dataclasses import MISSING, dataclass
from functools import cached_property
from typing import Any, Generic, TypeVar, get_type_hints

from markethall_common.settings.kinds import Kind, kind_of

T = TypeVar("T")

ENVIRONMENT_PREFIX = "MARKETHALL_"
SECTIONS = ("engine", "gateway")
"""The services that have settings. Each checks its own section and passes by the others'."""


def setting(
    default: Any = MISSING,
    *,
    help: str,  # noqa: A002 - as argparse calls it
    minimum: float | None = None,
    maximum: float | None = None,
) -> Any:
    """Declare one setting, for a field of a dataclass; without a default, it must be set.

    `help` is a sentence for `--help`. `minimum` and `maximum` are inclusive, and for numbers. The field's
    type says the rest: see `kinds.kind_of`.
    """
    metadata = {"help": help, "minimum": minimum, "maximum": maximum}
    # typeshed's overloads do not take MISSING as a default.
    return dataclasses.field(default=default, metadata=metadata)


@dataclass(frozen=True, slots=True)
class Setting:
    """One setting of a service, under all its names."""

    path: tuple[str, ...]
    kind: Kind
    default: object
    help: str

    @property
    def key(self) -> str:
        return ".".join(self.path)

    @property
    def environment_variable(self) -> str:
        return ENVIRONMENT_PREFIX + "__".join(self.path).upper()

    @property
    def flag(self) -> str:
        return "--" + "-".join(self.path[1:]).replace("_", "-")


@dataclass(frozen=True)
class SettingsSpec(Generic[T]):
    """The settings of one service.

    `settings` is the dataclass, which may be `loading.Checked`; `distribution` is the installed package whose
    version `--version` prints.
    """

    settings: type[T]
    section: str
    program: str
    distribution: str
    description: str

    def __post_init__(self) -> None:
        assert self.section in SECTIONS, self.section

    @cached_property
    def declared(self) -> tuple[Setting, ...]:
        """Every setting, in the order of declaration."""
        declared = tuple(_declared(self.settings, (self.section,)))
        assert len({setting.flag for setting in declared}) == len(declared), "two settings share a flag"
        return declared


def _declared(settings: type[Any], path: tuple[str, ...]) -> Iterator[Setting]:
    types = get_type_hints(settings)
    for field in dataclasses.fields(settings):
        here = (*path, field.name)
        annotation = types[field.name]
        if isinstance(annotation, type) and dataclasses.is_dataclass(annotation):
            yield from _declared(annotation, here)
        else:
            about = field.metadata
            kind = kind_of(annotation, minimum=about["minimum"], maximum=about["maximum"])
            yield Setting(here, kind, field.default, about["help"])
