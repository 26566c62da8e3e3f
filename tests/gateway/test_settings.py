"""What the gateway can be told, and what it does not let itself be told."""

from pathlib import Path

import pytest

from markethall_common.settings import SettingsError, load_settings
from markethall_gateway.settings import SPEC, GatewaySettings


def load(**environment: str) -> GatewaySettings:
    variables = {f"MARKETHALL_GATEWAY__{name.upper()}": value for name, value in environment.items()}
    return load_settings(SPEC, environment=variables, secrets_directory=Path("/nowhere")).settings


def problems(**environment: str) -> list[str]:
    with pytest.raises(SettingsError) as refused:
        load(**environment)
    return [str(problem) for problem in refused.value.problems]


@pytest.fixture(autouse=True)
def elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Away from any settings file."""
    monkeypatch.chdir(tmp_path)


def test_the_defaults_need_nothing() -> None:
    settings = load()
    assert (settings.host, settings.port, settings.server) == ("127.0.0.1", 8080, "hypercorn")
    assert settings.engine.address == "127.0.0.1:50052"
    assert not settings.has_tls


@pytest.mark.parametrize("host", ["127.0.0.1", "127.8.8.8", "::1", "localhost"])
def test_loopback_needs_no_permission(host: str) -> None:
    assert load(host=host).host == host


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.168.0.7", "venue.example"])
def test_elsewhere_needs_tls_or_an_explicit_word(host: str) -> None:
    [problem] = problems(host=host)
    assert "gateway.host: expected a loopback address, or TLS, or allow_insecure = true" in problem
    assert load(host=host, allow_insecure="true").host == host


def test_elsewhere_is_fine_with_tls(tmp_path: Path) -> None:
    (tmp_path / "c.pem").touch()
    (tmp_path / "k.pem").touch()
    settings = load(
        host="0.0.0.0", tls__certificate_file=f"{tmp_path}/c.pem", tls__key_file=f"{tmp_path}/k.pem"
    )
    assert settings.has_tls


def test_a_certificate_needs_its_key(tmp_path: Path) -> None:
    (tmp_path / "c.pem").touch()
    [problem] = problems(tls__certificate_file=f"{tmp_path}/c.pem")
    assert problem.startswith("gateway.tls.key_file: expected both a certificate and its key, or neither")


def test_files_must_be_there() -> None:
    found = problems(
        tls__certificate_file="missing.pem", tls__key_file="missing.pem", engine__ca_file="missing.pem"
    )
    assert [problem.partition(":")[0] for problem in found] == [
        "gateway.tls.certificate_file",
        "gateway.tls.key_file",
        "gateway.engine.ca_file",
    ]


@pytest.mark.parametrize("address", ["", "127.0.0.1", ":50052", "127.0.0.1:port", "127.0.0.1:"])
def test_an_address_is_a_host_and_a_port(address: str) -> None:
    [problem] = problems(engine__address=address)
    assert problem.startswith(f"gateway.engine.address: expected host:port, found {address!r}")


def test_a_server_must_be_installed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("markethall_gateway.settings.find_spec", lambda _: None)
    [problem] = problems(server="uvicorn")
    assert "an installed server: pip install markethall-gateway[uvicorn]" in problem


def test_everything_that_is_wrong_is_said_at_once() -> None:
    found = problems(port="http", server="nginx", engine__timeout_s="0", cors="*")
    assert [problem.partition(":")[0] for problem in found] == [
        "gateway.cors",
        "gateway.port",
        "gateway.server",
        "gateway.engine.timeout_s",
    ]
