"""A service as a child process, whose log lines are passed on and listened to."""

import asyncio
import os
import re
import signal
import sys
from collections.abc import Mapping, Sequence

ANNOUNCEMENT_TIMEOUT_S = 60.0

_FIELD = re.compile(r"(\w+)=(\S+)")
_LINE_LIMIT = 1024 * 1024


class ChildEnded(Exception):
    """The process ended before it was asked to; its own lines say why."""

    def __init__(self, name: str, status: int) -> None:
        super().__init__(f"the {name} ended by itself, with status {status}")
        self.status = status


class ChildSilent(Exception):
    """The process runs and does not say that it listens."""

    def __init__(self, name: str, announcement: str) -> None:
        super().__init__(f"the {name} did not log {announcement} in {ANNOUNCEMENT_TIMEOUT_S:.0f} s")


class Child:
    """One running service. Its output goes to our standard error, line by line.

    It has a process group of its own, so that a Ctrl-C in the terminal reaches us alone and we decide who
    ends first.
    """

    def __init__(self, name: str, process: asyncio.subprocess.Process, announcement: str) -> None:
        self.name = name
        self._process = process
        self._announcement = announcement
        self._announced: asyncio.Future[Mapping[str, str]] = asyncio.get_running_loop().create_future()
        self._relay = asyncio.create_task(self._pass_lines_on(), name=f"relay {name}")

    @classmethod
    async def start(cls, name: str, command: Sequence[str], *, announcement: str) -> "Child":
        """Start a service that logs the event `announcement`, as text, once it listens."""
        process = await asyncio.create_subprocess_exec(
            *command,
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
            limit=_LINE_LIMIT,
            start_new_session=True,
        )
        return cls(name, process, announcement)

    async def announced(self) -> Mapping[str, str]:
        """Wait for the announcement and return the fields of its line.

        Raises `ChildEnded`, and `ChildSilent` where none comes.
        """
        await asyncio.wait(
            (self._announced, self._relay),
            timeout=ANNOUNCEMENT_TIMEOUT_S,
            return_when=asyncio.FIRST_COMPLETED,
        )
        if self._announced.done():
            return self._announced.result()
        if self._relay.done():
            raise ChildEnded(self.name, await self.ended())
        raise ChildSilent(self.name, self._announcement)

    async def ended(self) -> int:
        """Wait for the end and return the status, once the last line is passed on."""
        await asyncio.wait((self._relay,))
        return await self._process.wait()

    async def stop(self) -> int:
        """Ask for the end, and wait for it; the service itself bounds how long that takes."""
        if self._process.returncode is None:
            self._process.terminate()
        return await self.ended()

    def kill(self) -> None:
        """End it at once, with all that it started."""
        if self._process.returncode is None:
            os.killpg(self._process.pid, signal.SIGKILL)

    async def _pass_lines_on(self) -> None:
        assert self._process.stdout is not None
        async for line in self._process.stdout:
            sys.stderr.buffer.write(line)
            sys.stderr.buffer.flush()
            if not self._announced.done():
                text = line.decode(errors="replace")
                if self._announcement in text.split():
                    self._announced.set_result(dict(_FIELD.findall(text)))
