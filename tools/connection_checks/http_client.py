"""As little HTTP/1.1 as a check needs: GET over one kept-alive connection, so that the server is measured."""

import asyncio
import ssl
from types import TracebackType
from typing import NamedTuple, Self
from urllib.parse import urlsplit

_LENGTH = "content-length:"


class Answer(NamedTuple):
    status: int
    body: bytes


class HttpError(Exception):
    """The server answered in a form that is not read here."""


class HttpConnection:
    """A connection to the server of a base URL; an asynchronous context manager."""

    def __init__(self, base_url: str, tls: ssl.SSLContext | None) -> None:
        parts = urlsplit(base_url)
        self._host = parts.hostname or ""
        self._port = parts.port or (443 if parts.scheme == "https" else 80)
        self._tls = tls if parts.scheme == "https" else None

    async def __aenter__(self) -> Self:
        self._reader, self._writer = await asyncio.open_connection(self._host, self._port, ssl=self._tls)
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._writer.close()

    async def get(self, path: str) -> Answer:
        """Raises `HttpError` and `OSError`."""
        self._writer.write(f"GET {path} HTTP/1.1\r\nhost: {self._host}:{self._port}\r\n\r\n".encode())
        try:
            head = (await self._reader.readuntil(b"\r\n\r\n")).decode("latin-1")
            status_line, *lines = head.split("\r\n")
            [length] = (int(line[len(_LENGTH) :]) for line in lines if line.lower().startswith(_LENGTH))
            return Answer(int(status_line.split()[1]), await self._reader.readexactly(length))
        except (asyncio.IncompleteReadError, asyncio.LimitOverrunError, ValueError, IndexError) as error:
            raise HttpError(f"GET {path} was not answered as HTTP/1.1 with a length: {error!r}") from error
