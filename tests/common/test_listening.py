import io
import json

import pytest

from markethall_common.listening import is_loopback, listening_problems, warn_if_exposed
from markethall_common.logs import configure
from markethall_common.settings import Problem


@pytest.mark.parametrize(
    "host", ["localhost", "127.0.0.1", "127.8.9.10", "::1", "[::1]", "unix:/run/engine.sock"]
)
def test_only_this_machine_reaches_loopback(host: str) -> None:
    assert is_loopback(host)


@pytest.mark.parametrize(
    "host", ["", "0.0.0.0", "::", "[::]", "192.168.0.1", "example.org", "localhost.example.org"]
)
def test_others_may_reach_every_other_address(host: str) -> None:
    assert not is_loopback(host)


@pytest.mark.parametrize(
    ("host", "is_encrypted", "allow_insecure"),
    [("127.0.0.1", False, False), ("0.0.0.0", True, False), ("0.0.0.0", False, True)],
)
def test_loopback_or_tls_or_an_explicit_word_is_enough(
    host: str, is_encrypted: bool, allow_insecure: bool
) -> None:
    assert list(listening_problems(host, is_encrypted=is_encrypted, allow_insecure=allow_insecure)) == []


def test_listening_elsewhere_without_tls_is_a_problem() -> None:
    assert list(listening_problems("0.0.0.0", is_encrypted=False, allow_insecure=False)) == [
        Problem("host", "a loopback address, or TLS, or allow_insecure = true", "'0.0.0.0'")
    ]


@pytest.mark.usefixtures("logging_left_as_it_was")
def test_listening_elsewhere_without_tls_is_told_in_the_log() -> None:
    stream = io.StringIO()
    configure("gateway", format="json", stream=stream)
    warn_if_exposed("127.0.0.1", 8080, is_encrypted=False)
    warn_if_exposed("0.0.0.0", 8080, is_encrypted=True)
    warn_if_exposed("0.0.0.0", 8080, is_encrypted=False)
    [line] = map(json.loads, stream.getvalue().splitlines())
    assert (line["level"], line["event"], line["host"]) == (
        "WARNING",
        "listening_without_encryption",
        "0.0.0.0",
    )
