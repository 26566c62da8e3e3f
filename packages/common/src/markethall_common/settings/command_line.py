"""The command line of a service: one flag a setting, `--help`, and the `settings` command."""

import argparse
import sys
from collections.abc import Iterator, Sequence
from dataclasses import MISSING
from difflib import get_close_matches
from importlib.metadata import version
from pathlib import Path
from typing import Any, TypeVar

from markethall_common.settings.declaration import Setting, SettingsSpec
from markethall_common.settings.loading import SECRETS_DIRECTORY, SECRETS_FILE, SETTINGS_FILE, load_settings
from markethall_common.settings.problem import Problem, SettingsError
from markethall_common.settings.report import in_force, shown

T = TypeVar("T")

EXIT_MISUSE = 2
"""The exit status of a program that was called or set wrongly, as argparse has it."""

_RUN, _SETTINGS = "run", "settings"
_OWN_FLAGS = ("--help", "--version", "--settings-file", "--secrets-directory")
_HERE = "command line"


def command_line(spec: SettingsSpec[T], arguments: Sequence[str] | None = None) -> T:
    """Return the settings to run with; or do what else was asked, and end the process.

    `arguments` are the process's own unless given. The command `settings` prints the settings in force, with
    exit status 0. Whatever is wrong is printed on standard error, all at once, with exit status 2.
    """
    parsed, leftover = _parser(spec).parse_known_args(arguments)
    if parsed.version:
        sys.stdout.write(f"{spec.program} {version(spec.distribution)}\n")
        sys.exit()
    given = vars(parsed)
    problems = list(_misuse(spec, parsed.command, leftover))
    try:
        loaded = load_settings(
            spec,
            settings_file=parsed.settings_file,
            secrets_directory=parsed.secrets_directory,
            flags=[
                (setting.key, str(given[setting.key]), setting.flag)
                for setting in spec.declared
                if setting.key in given
            ],
        )
    except SettingsError as error:
        problems.extend(error.problems)
    if problems:
        count = "1 problem" if len(problems) == 1 else f"{len(problems)} problems"
        lines = "".join(f"  {problem}\n" for problem in problems)
        sys.stderr.write(f"{spec.program}: {count} with the settings\n{lines}")
        sys.exit(EXIT_MISUSE)
    if parsed.command == _SETTINGS:
        sys.stdout.write(in_force(spec, loaded))
        sys.exit()
    return loaded.settings


def _parser(spec: SettingsSpec[Any]) -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog=spec.program,
        usage=f"%(prog)s [{_RUN} | {_SETTINGS}] [flags]",
        description=spec.description,
        epilog=_epilog(spec),
        allow_abbrev=False,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument(
        "command",
        nargs="?",
        default=_RUN,
        metavar=f"{_RUN} | {_SETTINGS}",
        help="run the service (the default), or print the settings in force and where each comes from",
    )
    parser.add_argument("--version", action="store_true", help="print the version")
    parser.add_argument(
        "--settings-file",
        type=Path,
        metavar="PATH",
        help=f"read this file (default ./{SETTINGS_FILE}, if any)",
    )
    parser.add_argument(
        "--secrets-directory",
        type=Path,
        metavar="PATH",
        default=SECRETS_DIRECTORY,
        help="read the files in it that are named like the environment variables (default %(default)s)",
    )
    group = parser.add_argument_group("settings")
    for setting in spec.declared:
        if not setting.kind.is_secret:  # a command line can be read by everyone on the machine
            _add_flag(group, setting)
    return parser


def _add_flag(group: "argparse._ArgumentGroup", setting: Setting) -> None:
    default = "required" if setting.default is MISSING else f"default {shown(setting.default)}"
    expected = setting.kind.expected
    explained = f"{setting.help} {expected[0].upper()}{expected[1:]}; {default}.".replace("%", "%%")
    if setting.kind.is_switch:
        action: Any = argparse.BooleanOptionalAction
        group.add_argument(
            setting.flag, dest=setting.key, action=action, default=argparse.SUPPRESS, help=explained
        )
    else:
        group.add_argument(
            setting.flag, dest=setting.key, default=argparse.SUPPRESS, metavar="VALUE", help=explained
        )


def _epilog(spec: SettingsSpec[Any]) -> str:
    example = next(setting for setting in spec.declared if not setting.kind.is_secret)
    names = {
        example.key: f"in the settings file, and in {SECRETS_FILE} beside it",
        example.environment_variable.lower(): "as a file of the secrets directory",
        example.environment_variable: "in the environment",
    }
    width = max(map(len, names))
    lines = [f"Each setting has other names too, here those of {example.flag}:"]
    lines += [f"  {name:{width}}  {place}" for name, place in names.items()]
    lines += ["Each of these wins over those before it, and a flag over all of them."]
    secrets = [setting for setting in spec.declared if setting.kind.is_secret]
    if secrets:
        lines += ["", "Secrets have no flags, since others can read a command line:"]
        lines += [f"  {secret.key}  {secret.help}" for secret in secrets]
    return "\n".join(lines)


def _misuse(spec: SettingsSpec[Any], command: str, leftover: Sequence[str]) -> Iterator[Problem]:
    """Yield a problem for each unknown flag, or else for each word too many."""
    known = [*_OWN_FLAGS, *(setting.flag for setting in spec.declared if not setting.kind.is_secret)]
    flags = [word.partition("=")[0] for word in leftover if word.startswith("-")]
    for flag in flags:
        near = get_close_matches(flag, known, n=1)
        expected = f"a flag such as {near[0]}" if near else "a flag that --help lists"
        yield Problem(flag, expected, "an unknown one", _HERE)
    if not flags:  # otherwise the words may have been meant as values of the unknown flags
        for word in leftover if command in (_RUN, _SETTINGS) else [command, *leftover]:
            yield Problem(word, f"{_RUN} or {_SETTINGS}", repr(word), _HERE)
