"""What the gateway can be told, with its defaults."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from importlib.util import find_spec
from pathlib import Path
from typing import Literal

from markethall_common.listening import listening_problems
from markethall_common.log_settings import LogSettings
from markethall_common.settings import Problem, SettingsSpec, setting


@dataclass(frozen=True, slots=True)
class EngineSettings:
    """How the core engine is reached."""

    address: str = setting("127.0.0.1:50052", help="Host and port of the core engine.")
    ca_file: Path | None = setting(
        None, help="Certificates that the engine's is checked by; speaks TLS to it."
    )
    timeout_s: float = setting(
        5.0, help="Seconds that a call may take; a caller may ask for less.", minimum=0.001, maximum=3600
    )
    health_timeout_s: float = setting(
        1.0, help="Seconds that a health check may take.", minimum=0.001, maximum=60
    )
    command_capacity: int = setting(
        10_000,
        help="Commands that may wait for their outcome, the last sixteenth urgent ones; more are refused.",
        minimum=1,
        maximum=1_000_000,
    )


@dataclass(frozen=True, slots=True)
class RequestSettings:
    """What a request may cost."""

    max_body_bytes: int = setting(
        4 * 1024 * 1024, help="Size of a request's body.", minimum=1024, maximum=64 * 1024 * 1024
    )
    body_timeout_s: float = setting(
        10.0, help="Seconds in which a request's body must arrive.", minimum=0.001, maximum=3600
    )


@dataclass(frozen=True, slots=True)
class StreamSettings:
    """How streams are served."""

    heartbeat_s: float = setting(
        15.0, help="Seconds of silence after which a stream sends a comment.", minimum=0.01, maximum=3600
    )
    lifetime_s: float = setting(
        86_400.0,
        help="Seconds after which a stream ends; its reader opens it again.",
        minimum=0.1,
        maximum=2_592_000,
    )


@dataclass(frozen=True, slots=True)
class TlsSettings:
    """HTTPS, where both files are given."""

    certificate_file: Path | None = setting(None, help="Certificate chain, as PEM.")
    key_file: Path | None = setting(None, help="Private key, as PEM.")


@dataclass(frozen=True, slots=True)
class GatewaySettings:
    """Everything that the gateway can be told."""

    host: str = setting("127.0.0.1", help="Address to listen on; beyond loopback, see allow_insecure.")
    port: int = setting(8080, help="Port of HTTP; 0 takes a free one.", minimum=0, maximum=65535)
    allow_insecure: bool = setting(False, help="Listen beyond loopback without TLS.")
    server: Literal["hypercorn", "uvicorn", "granian"] = setting(
        "hypercorn",
        help="The HTTP server; the others are extras of the package. uvicorn speaks HTTP/1.1 only.",
    )
    environment: str = setting("development", help="Name of this installation, as /health shows it.")
    cors_origins: tuple[str, ...] = setting(
        (), help="Origins of web pages that may use the API from a browser; * for all."
    )
    access_log: bool = setting(True, help="Log a line for each request.")
    shutdown_grace_s: float = setting(
        10.0, help="Seconds for requests under way when the gateway ends.", minimum=0, maximum=3600
    )
    keep_alive_s: float = setting(
        60.0, help="Seconds after which an idle connection is closed.", minimum=1, maximum=3600
    )
    tls: TlsSettings = field(default_factory=TlsSettings)
    engine: EngineSettings = field(default_factory=EngineSettings)
    request: RequestSettings = field(default_factory=RequestSettings)
    stream: StreamSettings = field(default_factory=StreamSettings)
    log: LogSettings = field(default_factory=LogSettings)

    @property
    def has_tls(self) -> bool:
        return self.tls.certificate_file is not None and self.tls.key_file is not None

    def problems(self) -> Iterator[Problem]:
        """Yield what is wrong between settings that are right one by one."""
        yield from listening_problems(
            self.host, is_encrypted=self.has_tls, allow_insecure=self.allow_insecure
        )
        if (self.tls.certificate_file is None) != (self.tls.key_file is None):
            yield Problem("tls.key_file", "both a certificate and its key, or neither", "one of them")
        for key, path in (
            ("tls.certificate_file", self.tls.certificate_file),
            ("tls.key_file", self.tls.key_file),
            ("engine.ca_file", self.engine.ca_file),
        ):
            if path is not None and not path.is_file():
                yield Problem(key, "a file that exists", repr(str(path)))
        host, _, port = self.engine.address.rpartition(":")
        if not host or not port.isdigit():
            yield Problem("engine.address", "host:port", repr(self.engine.address))
        if find_spec(self.server) is None:
            yield Problem(
                "server",
                f"an installed server: pip install markethall-gateway[{self.server}]",
                repr(self.server),
            )


SPEC = SettingsSpec(
    GatewaySettings,
    section="gateway",
    program="markethall-gateway",
    distribution="markethall-gateway",
    description="The gateway of Markethall: HTTP in front of the core engine.",
)
