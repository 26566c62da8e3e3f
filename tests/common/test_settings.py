from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from markethall_common.log_settings import LogSettings
from markethall_common.secret import Secret
from markethall_common.settings import Loaded, Problem, SettingsError, SettingsSpec, load_settings, setting


@dataclass(frozen=True, slots=True)
class Tls:
    certificate: Path | None = setting(None, help="Certificate chain, in PEM.")
    private_key: Path | None = setting(None, help="Its private key, in PEM.")


@dataclass(frozen=True, slots=True)
class EngineSettings:
    port: int = setting(50052, help="Port.", minimum=0, maximum=65535)
    host: str = setting("127.0.0.1", help="Address.")
    drain_s: float = setting(10.0, help="Seconds to finish in.", minimum=0)
    allow_insecure: bool = setting(False, help="Listen without TLS.")
    synchronous: Literal["full", "off"] = setting("full", help="When the disk is waited for.")
    journal: Path = setting(Path("journal.sqlite"), help="The journal.")
    peers: tuple[str, ...] = setting((), help="Who else is there.")
    default_account: str | None = setting(None, help="For orders that name none.")
    admin_token: Secret = setting(Secret(""), help="For administration.")
    tls: Tls = field(default_factory=Tls)
    log: LogSettings = field(default_factory=LogSettings)

    def problems(self) -> Iterator[Problem]:
        if self.tls.certificate and not self.tls.private_key:
            yield Problem("tls.private_key", "the certificate's key", "nothing")


@dataclass(frozen=True, slots=True)
class GatewaySettings:
    engine_address: str = setting(help="Where the engine is.")
    workers: int = setting(1, help="Processes.", minimum=1)


ENGINE = SettingsSpec(EngineSettings, "engine", "markethall-engine", "markethall-core-engine", "The engine.")
GATEWAY = SettingsSpec(GatewaySettings, "gateway", "markethall-gateway", "markethall-gateway", "The gateway.")


@pytest.fixture(autouse=True)
def in_an_empty_directory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def load(
    spec: SettingsSpec[Any] = ENGINE,
    *,
    toml: str = "",
    secrets_toml: str = "",
    secrets: Mapping[str, str] = {},
    environment: Mapping[str, str] = {},
    flags: Iterable[tuple[str, str, str]] = (),
) -> Loaded[Any]:
    directory = Path("secrets")
    directory.mkdir(exist_ok=True)
    for name, text in secrets.items():
        (directory / name).write_text(text)
    for file, text in (("settings.toml", toml), (".secrets.toml", secrets_toml)):
        if text:
            Path(file).write_text(text)
    return load_settings(spec, secrets_directory=directory, environment=environment, flags=flags)


def problems(spec: SettingsSpec[Any] = ENGINE, **layers: Any) -> list[Problem]:
    with pytest.raises(SettingsError) as refusal:
        load(spec, **layers)
    return list(refusal.value.problems)


def test_without_any_layer_the_defaults_are_in_force() -> None:
    loaded = load()
    assert loaded.settings == EngineSettings()
    assert set(loaded.origins.values()) == {"default"}


def test_each_layer_wins_over_those_before_it() -> None:
    layers: dict[str, Any] = {"toml": "[engine]\nport = 1\nhost = 'from-file'"}
    assert (load(**layers).settings.port, load(**layers).origins["engine.port"]) == (1, "settings.toml")
    for number, (layer, given_, origin) in enumerate(
        [
            ("secrets_toml", "[engine]\nport = 2", ".secrets.toml"),
            ("secrets", {"markethall_engine__port": "3\n"}, "secrets/markethall_engine__port"),
            ("environment", {"MARKETHALL_ENGINE__PORT": "4"}, "environment MARKETHALL_ENGINE__PORT"),
            ("flags", [("engine.port", "5", "--port")], "flag --port"),
        ],
        start=2,
    ):
        layers[layer] = given_
        loaded = load(**layers)
        assert (loaded.settings.port, loaded.origins["engine.port"]) == (number, origin)
        assert (loaded.settings.host, loaded.origins["engine.host"]) == ("from-file", "settings.toml")


def test_sections_are_laid_key_by_key() -> None:
    loaded = load(
        toml="[engine.tls]\ncertificate = 'a.pem'\nprivate_key = 'b.pem'",
        environment={"MARKETHALL_ENGINE__TLS__PRIVATE_KEY": "c.pem"},
    )
    assert loaded.settings.tls == Tls(Path("a.pem"), Path("c.pem"))


def test_a_list_replaces_the_one_before_rather_than_adding_to_it() -> None:
    loaded = load(toml="[engine]\npeers = ['a', 'b']", secrets_toml="[engine]\npeers = ['c']")
    assert loaded.settings.peers == ("c",)


def test_toml_gives_every_type() -> None:
    loaded = load(
        toml="""
        [engine]
        port = 0
        drain_s = 3
        allow_insecure = true
        synchronous = "off"
        journal = "~/j"
        peers = ["a", "b"]
        default_account = "house"
        admin_token = "t"
        log = { level = "DEBUG" }
        """
    )
    assert loaded.settings == EngineSettings(
        port=0,
        drain_s=3.0,
        allow_insecure=True,
        synchronous="off",
        journal=Path("~/j").expanduser(),
        peers=("a", "b"),
        default_account="house",
        admin_token=Secret("t"),
        log=LogSettings(level="DEBUG"),
    )
    assert isinstance(loaded.settings.drain_s, float)


def test_text_gives_every_type() -> None:
    loaded = load(
        environment={
            "MARKETHALL_ENGINE__PORT": "1_000",
            "MARKETHALL_ENGINE__DRAIN_S": "0.5",
            "MARKETHALL_ENGINE__ALLOW_INSECURE": "True",
            "MARKETHALL_ENGINE__SYNCHRONOUS": "off",
            "MARKETHALL_ENGINE__JOURNAL": "/var/j",
            "MARKETHALL_ENGINE__PEERS": "a, b",
            "MARKETHALL_ENGINE__DEFAULT_ACCOUNT": "",
            "MARKETHALL_ENGINE__TLS__CERTIFICATE": "",
            "MARKETHALL_ENGINE__LOG__FORMAT": "json",
        }
    )
    assert loaded.settings == EngineSettings(
        port=1000,
        drain_s=0.5,
        allow_insecure=True,
        synchronous="off",
        journal=Path("/var/j"),
        peers=("a", "b"),
        log=LogSettings(format="json"),
    )


@given(st.text(st.characters(exclude_characters="\x00", exclude_categories=["Cs"])))
def test_a_text_is_never_taken_for_anything_else(text: str) -> None:
    settings = load_settings(
        ENGINE,
        environment={"MARKETHALL_ENGINE__HOST": text, "MARKETHALL_ENGINE__ADMIN_TOKEN": text},
    ).settings
    assert settings.host == text
    assert settings.admin_token.reveal() == text


@pytest.mark.parametrize(
    "text", ["1e5", "@int 5", "@format {env[HOME]}", "@none", "true", "[1]", "2026-01-01", "'q'"]
)
def test_texts_that_dynaconf_would_cast_stay_as_they_are(text: str) -> None:
    for layers in (
        {"toml": f'[engine]\nhost = "{text}"'},
        {"environment": {"MARKETHALL_ENGINE__HOST": text}},
        {"secrets": {"MARKETHALL_ENGINE__HOST": text}},
    ):
        assert load(**layers).settings.host == text


def test_every_problem_is_reported_at_once() -> None:
    unreadable, *others = problems(
        toml="[engine]\nport = '1'\nprot = 3\npeers = [1]\n[engine.log]\nlevel = 'loud'\n[engin]\nx = 1",
        secrets_toml="x = ",
        secrets={"markethall_engine__journal": ""},
        environment={"MARKETHALL_ENGINE__DRAIN_S": "-1", "MARKETHALL_ENGINE__ALLOW_INSECURE": "perhaps"},
        flags=[("engine.synchronous", "sometimes", "--synchronous")],
    )
    assert (unreadable.key, unreadable.expected) == (".secrets.toml", "TOML in UTF-8")
    assert others == [
        Problem("engin.x", "the name of a section such as engine", "an unknown one", "settings.toml"),
        Problem(
            "engine.prot", "the name of a setting such as engine.port", "an unknown one", "settings.toml"
        ),
        Problem("engine.port", "a whole number from 0 to 65535", "'1'", "settings.toml"),
        Problem("engine.drain_s", "a number of at least 0", "'-1'", "environment MARKETHALL_ENGINE__DRAIN_S"),
        Problem(
            "engine.allow_insecure",
            "true or false",
            "'perhaps'",
            "environment MARKETHALL_ENGINE__ALLOW_INSECURE",
        ),
        Problem("engine.synchronous", "one of full, off", "'sometimes'", "flag --synchronous"),
        Problem("engine.journal", "a path", "''", "secrets/markethall_engine__journal"),
        Problem("engine.peers", "texts, as a list or separated by commas", "[1]", "settings.toml"),
        Problem(
            "engine.log.level", "one of DEBUG, INFO, WARNING, ERROR, CRITICAL", "'loud'", "settings.toml"
        ),
    ]


@pytest.mark.parametrize(
    ("key", "value"),
    [
        *(("port", value) for value in ("-1", "65536", "1.0", "true", '"1"', "[1]", "2026-01-01")),
        *(("drain_s", value) for value in ("-0.5", "nan", "inf", "true", '"1"')),
        *(("allow_insecure", value) for value in ("1", '"true"', "[]")),
        *(("host", value) for value in ("1", "true", '["a"]', "2026-01-01")),
        *(("journal", value) for value in ('""', "1")),
        *(("peers", value) for value in ('"a"', "[1]", "[['a']]", "1")),
        *(("synchronous", value) for value in ('"FULL"', '""', "true", "['full']")),
        ("default_account", "1"),
    ],
)
def test_a_value_of_another_type_or_range_is_refused_in_toml(key: str, value: str) -> None:
    [problem] = problems(toml=f"[engine]\n{key} = {value}")
    assert (problem.key, problem.origin) == (f"engine.{key}", "settings.toml")


@pytest.mark.parametrize(
    ("key", "text"),
    [
        *(("PORT", text) for text in ("", "x", "-1", "65536", "1.0", " 1 ", "1e3", "0x1", "1__0", "\u0661")),
        *(("DRAIN_S", text) for text in ("", "x", "-0.5", "nan", "inf", "1,5")),
        *(("ALLOW_INSECURE", text) for text in ("", "2", "y")),
        ("JOURNAL", ""),
        ("SYNCHRONOUS", "FULL"),
    ],
)
def test_a_text_that_is_no_value_of_its_setting_is_refused(key: str, text: str) -> None:
    [problem] = problems(environment={f"MARKETHALL_ENGINE__{key}": text})
    assert (problem.key, problem.found) == (f"engine.{key.lower()}", repr(text))
    assert problem.origin == f"environment MARKETHALL_ENGINE__{key}"


@pytest.mark.parametrize(
    ("toml", "key", "expected"),
    [
        ("[engine]\ntls = 'x'", "engine.tls", "a section with settings in it"),
        ("engine = 1", "engine", "a section with settings in it"),
        ("[engine.port]\nx = 1", "engine.port.x", "the name of a setting such as engine.port"),
        ("port = 1", "port", "the name of a setting such as engine.port"),
        ("[other]\nx = 1", "other.x", "the name of a section"),
        ("dynaconf_include = ['x']", "dynaconf_include", "the name of a setting"),
    ],
)
def test_a_key_that_is_no_setting_is_refused_with_the_nearest_one(toml: str, key: str, expected: str) -> None:
    [problem] = problems(toml=toml)
    assert (problem.key, problem.expected, problem.origin) == (key, expected, "settings.toml")


def test_a_problem_says_what_was_expected_and_found_and_where() -> None:
    assert str(Problem("a.port", "a whole number", "'x'", "settings.toml")) == (
        "a.port: expected a whole number, found 'x' (settings.toml)"
    )
    assert (
        str(Problem("a.port", "a whole number", "nothing"))
        == "a.port: expected a whole number, found nothing"
    )


def test_unknown_variables_and_secrets_of_a_section_are_refused() -> None:
    assert problems(
        environment={"MARKETHALL_ENGINE__PROT": "1"}, secrets={"markethall_engine__tokn": "t"}
    ) == [
        Problem(
            "engine.prot",
            "the name of a setting such as engine.port",
            "an unknown one",
            "environment MARKETHALL_ENGINE__PROT",
        ),
        Problem("engine.tokn", "the name of a setting", "an unknown one", "secrets/markethall_engine__tokn"),
    ]


def test_what_is_not_of_this_service_is_passed_by() -> None:
    loaded = load(
        toml="[gateway]\nanything = 1\n[gateway.more]\nx = 1",
        secrets={"database_password": "x"},
        environment={"MARKETHALL_CODEC": "python", "MARKETHALL_GATEWAY__WORKERS": "x", "HOME": "/"},
    )
    assert loaded.settings == EngineSettings()


def test_a_setting_without_a_default_must_be_set() -> None:
    assert problems(GATEWAY) == [Problem("gateway.engine_address", "text", "nothing")]
    loaded = load(GATEWAY, environment={"MARKETHALL_GATEWAY__ENGINE_ADDRESS": "127.0.0.1:50052"})
    assert loaded.settings == GatewaySettings("127.0.0.1:50052")


def test_settings_are_checked_together_once_each_is_right() -> None:
    certificate = {"MARKETHALL_ENGINE__TLS__CERTIFICATE": "a.pem"}
    key = {"MARKETHALL_ENGINE__TLS__PRIVATE_KEY": ""}
    assert problems(environment=certificate | key) == [
        Problem(
            "engine.tls.private_key",
            "the certificate's key",
            "nothing",
            "environment MARKETHALL_ENGINE__TLS__PRIVATE_KEY",
        )
    ]


def test_a_secrets_value_is_in_no_problem() -> None:
    [problem] = problems(toml="[engine]\nadmin_token = 12345")
    assert problem == Problem("engine.admin_token", "text", "***", "settings.toml")


def test_a_chosen_file_must_be_there() -> None:
    with pytest.raises(SettingsError) as refusal:
        load_settings(ENGINE, settings_file=Path("other.toml"), environment={})
    assert list(refusal.value.problems) == [
        Problem("other.toml", "a file that can be read", "No such file or directory")
    ]


def test_a_chosen_file_brings_the_secrets_beside_it() -> None:
    Path("etc").mkdir()
    Path("etc/engine.toml").write_text("[engine]\nport = 7")
    Path("etc/.secrets.toml").write_text("[engine]\nadmin_token = 't'")
    Path("settings.toml").write_text("[engine]\nport = 8")
    loaded = load_settings(ENGINE, settings_file=Path("etc/engine.toml"), environment={})
    assert (loaded.settings.port, loaded.settings.admin_token.reveal()) == (7, "t")
    assert loaded.origins["engine.admin_token"] == "etc/.secrets.toml"


def test_files_that_are_not_text_are_problems() -> None:
    Path("settings.toml").write_bytes(b"\xff")
    Path("secrets").mkdir()
    Path("secrets/MARKETHALL_ENGINE__HOST").write_bytes(b"\xff")
    assert [(problem.key, problem.expected) for problem in problems()] == [
        ("settings.toml", "TOML in UTF-8"),
        ("secrets/MARKETHALL_ENGINE__HOST", "text in UTF-8"),
    ]


def test_code_beside_the_settings_file_is_not_run() -> None:
    Path("dynaconf_hooks.py").write_text("raise SystemExit(9)\ndef post(settings): raise SystemExit(9)")
    Path("settings.local.toml").write_text("[engine]\nport = 9")
    assert load(toml="[engine]\nport = 7").settings.port == 7


def test_a_type_that_no_setting_can_have_is_a_mistake_in_the_declaration() -> None:
    @dataclass(frozen=True)
    class Wrong:
        number: complex = setting(0j, help="")

    with pytest.raises(TypeError, match="a setting cannot be of type <class 'complex'>"):
        load(SettingsSpec(Wrong, "engine", "x", "x", "x"))
