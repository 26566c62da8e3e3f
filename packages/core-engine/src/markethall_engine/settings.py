"""What an operator can set, with the values that hold where nothing is said."""

import os
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from markethall_common.listening import listening_problems
from markethall_common.log_settings import LogSettings
from markethall_common.settings import Problem, SettingsSpec, setting
from markethall_engine.domain.names import ACCOUNT_ID_FORM, is_account_id


@dataclass(frozen=True, slots=True)
class LimitSettings:
    message_bytes: int = setting(
        8 * 1024 * 1024, help="Size of a request or a response, encoded.", minimum=64 * 1024
    )
    concurrent_calls: int = setting(4_096, help="Calls under way at a time, streams included.", minimum=1)
    call_timeout_s: float = setting(
        30.0, help="Time for a call that brings no deadline, in seconds.", minimum=0.001
    )
    stream_window: int = setting(
        16_384, help="Commands of one stream in flight before reading waits.", minimum=1
    )
    stream_backlog: int = setting(
        10_000, help="Items that a reader of a stream may be behind before it is cut off.", minimum=1
    )
    keepalive_time_s: float = setting(
        60.0, help="Silence after which a connection is pinged, in seconds.", minimum=1
    )
    keepalive_timeout_s: float = setting(
        20.0, help="Time for the answer to such a ping, in seconds.", minimum=1
    )


@dataclass(frozen=True, slots=True)
class EngineSettings:
    """The settings of a core engine; `problems` says what is wrong with them taken together."""

    host: str = setting("127.0.0.1", help="Address to listen on.")
    port: int = setting(
        50052, help="Port of the gRPC server; 0 lets the system choose.", minimum=0, maximum=65535
    )
    allow_insecure: bool = setting(False, help="Allow listening beyond this machine without encryption.")
    default_account: str = setting(
        "", help="Account of requests that name none; empty requires them to name one."
    )
    journal: Literal["sqlite", "memory"] = setting(
        "sqlite", help="Where commands are kept; a journal in memory is forgotten with the process."
    )
    data_directory: Path = setting(Path("data/engine"), help="Directory of the journal and its snapshots.")
    snapshot_every: int = setting(
        100_000, help="Records from one snapshot to the next; 0 takes none.", minimum=0
    )
    queue_limit: int = setting(
        65_536,
        help="Commands that may wait, the last sixteenth cancels and kill switches; more are refused.",
        minimum=1,
    )
    group_limit: int = setting(512, help="Commands decided in one turn of the event loop.", minimum=1)
    processors: int = setting(
        0, help="How many processors to report in health checks; 0 is all the machine has.", minimum=0
    )
    drain_s: float = setting(
        10.0, help="Time for calls under way when the engine is asked to stop, in seconds.", minimum=0
    )
    limits: LimitSettings = field(default_factory=LimitSettings)
    log: LogSettings = field(default_factory=LogSettings)

    @property
    def journal_path(self) -> Path:
        return self.data_directory / "journal.sqlite"

    @property
    def snapshot_directory(self) -> Path:
        return self.data_directory / "snapshots"

    @property
    def processor_count(self) -> int:
        return self.processors or os.cpu_count() or 1

    def problems(self) -> Iterator[Problem]:
        yield from listening_problems(self.host, is_encrypted=False, allow_insecure=self.allow_insecure)
        if self.default_account and not is_account_id(self.default_account):
            yield Problem("default_account", f"an account id, {ACCOUNT_ID_FORM}", repr(self.default_account))
        if self.group_limit > self.queue_limit:
            yield Problem("group_limit", f"at most queue_limit, {self.queue_limit}", str(self.group_limit))


SPEC = SettingsSpec(
    settings=EngineSettings,
    section="engine",
    program="markethall-engine",
    distribution="markethall-core-engine",
    description="The core engine of Markethall: orders, ledger, journal and market data behind gRPC.",
)
