"""What every server is told."""

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class ServerOptions:
    """How to serve. `certificate_file` and `key_file` are both given for HTTPS, or neither."""

    keep_alive_s: float
    grace_s: float
    certificate_file: Path | None = None
    key_file: Path | None = None
