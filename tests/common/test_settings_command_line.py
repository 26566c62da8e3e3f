import subprocess
import sys
import tomllib
from collections.abc import Sequence
from dataclasses import dataclass, field
from importlib.metadata import version
from pathlib import Path

import pytest

from markethall_common.secret import Secret
from markethall_common.settings import SettingsSpec, command_line, setting


@dataclass(frozen=True, slots=True)
class Store:
    file: Path | None = setting(None, help="Where tokens are kept.")
    salt: Secret = setting(Secret(""), help="Mixed into hashes.")


@dataclass(frozen=True, slots=True)
class GatewaySettings:
    port: int = setting(8080, help="Port of the HTTP server.", minimum=0, maximum=65535)
    drain_s: float = setting(10.0, help="Seconds to finish in, 100% of them.", minimum=0)
    allow_insecure: bool = setting(False, help="Listen without TLS.")
    origins: tuple[str, ...] = setting(("a", "b"), help="Who may call from a browser.")
    store: Store = field(default_factory=Store)


SPEC = SettingsSpec(GatewaySettings, "gateway", "markethall-gateway", "markethall-common", "The gateway.")


@pytest.fixture(autouse=True)
def in_an_empty_directory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("MARKETHALL_GATEWAY__STORE__SALT", "hunter2")


def ended(arguments: Sequence[str]) -> int:
    """Return the exit status that the process would end with."""
    with pytest.raises(SystemExit) as end:
        command_line(SPEC, arguments)
    return end.value.code if isinstance(end.value.code, int) else 0


@pytest.mark.parametrize("command", [[], ["run"]])
def test_flags_set_what_they_are_named_after(command: list[str]) -> None:
    flags = ["--port", "0", "--drain-s=0.5", "--allow-insecure", "--origins", "x,y", "--store-file", "t.db"]
    assert command_line(SPEC, [*command, *flags]) == GatewaySettings(
        0, 0.5, True, ("x", "y"), Store(Path("t.db"), Secret("hunter2"))
    )


def test_a_switch_can_be_turned_off_by_its_flag() -> None:
    Path("settings.toml").write_text("[gateway]\nallow_insecure = true")
    assert command_line(SPEC, []).allow_insecure
    assert not command_line(SPEC, ["--no-allow-insecure"]).allow_insecure


def test_another_settings_file_and_secrets_directory_can_be_chosen() -> None:
    Path("other.toml").write_text("[gateway]\nport = 7")
    Path("mounted").mkdir()
    Path("mounted/markethall_gateway__drain_s").write_text("8\n")
    settings = command_line(SPEC, ["--settings-file", "other.toml", "--secrets-directory", "mounted"])
    assert (settings.port, settings.drain_s) == (7, 8.0)


def test_settings_prints_what_is_in_force_and_where_it_comes_from(capsys: pytest.CaptureFixture[str]) -> None:
    Path("settings.toml").write_text("[gateway]\nport = 7")
    assert ended(["settings", "--allow-insecure"]) == 0
    printed = capsys.readouterr()
    assert printed.err == ""
    assert printed.out == (
        "[gateway]\n"
        "port = 7               # settings.toml\n"
        "drain_s = 10.0         # default\n"
        "allow_insecure = true  # flag --allow-insecure\n"
        'origins = ["a", "b"]   # default\n'
        "\n"
        "[gateway.store]\n"
        "# file is not set      # default\n"
        'salt = "***"           # environment MARKETHALL_GATEWAY__STORE__SALT\n'
    )


def test_what_settings_prints_is_a_settings_file(capsys: pytest.CaptureFixture[str]) -> None:
    ended(["settings", "--origins", 'quo"te,back\\slash'])
    assert tomllib.loads(capsys.readouterr().out)["gateway"]["origins"] == ['quo"te', "back\\slash"]


def test_a_secret_that_is_not_set_is_seen_not_to_be(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("MARKETHALL_GATEWAY__STORE__SALT")
    ended(["settings"])
    assert 'salt = ""  ' in capsys.readouterr().out


def test_help_lists_flags_with_defaults_but_none_for_secrets(capsys: pytest.CaptureFixture[str]) -> None:
    assert ended(["--help"]) == 0
    text = " ".join(capsys.readouterr().out.split())
    assert "--port VALUE Port of the HTTP server. A whole number from 0 to 65535; default 8080." in text
    assert "Seconds to finish in, 100% of them. A number of at least 0; default 10.0." in text
    assert "--allow-insecure, --no-allow-insecure Listen without TLS. True or false; default false." in text
    assert 'default ["a", "b"].' in text
    assert "MARKETHALL_GATEWAY__PORT" in text
    assert "gateway.store.salt Mixed into hashes." in text
    assert "--store-salt" not in text


def test_version_is_that_of_the_distribution(capsys: pytest.CaptureFixture[str]) -> None:
    assert ended(["--version"]) == 0
    assert capsys.readouterr().out == f"markethall-gateway {version('markethall-common')}\n"


@pytest.mark.parametrize(
    ("arguments", "problems"),
    [
        (
            ["--prot", "5", "--port=x"],
            [
                "--prot: expected a flag such as --port, found an unknown one (command line)",
                "gateway.port: expected a whole number from 0 to 65535, found 'x' (flag --port)",
            ],
        ),
        (["--zz=1"], ["--zz: expected a flag that --help lists, found an unknown one (command line)"]),
        (["--sale=1"], ["--sale: expected a flag that --help lists, found an unknown one (command line)"]),
        (["start"], ["start: expected run or settings, found 'start' (command line)"]),
        (["run", "twice"], ["twice: expected run or settings, found 'twice' (command line)"]),
        (
            ["settings", "--drain-s=-1"],
            ["gateway.drain_s: expected a number of at least 0, found '-1' (flag --drain-s)"],
        ),
    ],
)
def test_what_is_wrong_is_printed_all_at_once_with_status_2(
    capsys: pytest.CaptureFixture[str], arguments: list[str], problems: list[str]
) -> None:
    assert ended(arguments) == 2
    printed = capsys.readouterr()
    first, *lines = printed.err.splitlines()
    assert (
        first == f"markethall-gateway: {len(problems)} problem{'s' * (len(problems) > 1)} with the settings"
    )
    assert lines == [f"  {problem}" for problem in problems]
    assert printed.out == ""


def test_a_flag_without_its_value_is_refused_with_status_2() -> None:
    assert ended(["--port"]) == 2


def test_a_process_ends_with_status_2_and_no_traceback() -> None:
    code = (
        "from dataclasses import dataclass\n"
        "from markethall_common.settings import SettingsSpec, command_line, setting\n"
        "@dataclass(frozen=True)\n"
        "class Settings:\n"
        "    port: int = setting(help='Port.')\n"
        "command_line(SettingsSpec(Settings, 'engine', 'x', 'markethall-common', 'A service.'))\n"
    )
    process = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert (process.returncode, process.stdout) == (2, "")
    assert process.stderr == (
        "x: 1 problem with the settings\n  engine.port: expected a whole number, found nothing\n"
    )
