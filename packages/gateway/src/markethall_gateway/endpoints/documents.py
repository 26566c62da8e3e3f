"""Documents that stay the same while the gateway runs: made once, served compressed and with an `ETag`."""

import gzip
import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Final

from starlette.types import Receive, Scope, Send

from markethall_gateway.transcoding.responses import Header

PAGE_POLICY: Final = (
    b"default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; "
    b"connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
"""The Content-Security-Policy of our pages: they run our scripts and talk to us, and to nobody else."""


@dataclass(frozen=True, slots=True)
class Content:
    """A document's bytes, as they are and compressed."""

    plain: bytes
    compressed: bytes

    @classmethod
    def of(cls, plain: bytes) -> "Content":
        return cls(plain, gzip.compress(plain, 9, mtime=0))

    @classmethod
    def of_compressed(cls, compressed: bytes) -> "Content":
        return cls(gzip.decompress(compressed), compressed)


class Document:
    """Serves one document; a browser keeps it, and asks each time whether it is still the same."""

    def __init__(self, make: Callable[[], Content], media_type: str, *, policy: bytes = b"") -> None:
        """`make` is called when the document is first asked for. `policy` is for pages."""
        self._make = make
        self._headers: tuple[Header, ...] = (
            (b"content-type", media_type.encode()),
            (b"cache-control", b"no-cache"),
            (b"vary", b"accept-encoding"),
        )
        if policy:
            self._headers = (*self._headers, (b"content-security-policy", policy))

    @cached_property
    def content(self) -> Content:
        return self._make()

    @cached_property
    def _etag(self) -> bytes:
        return b'"%b"' % hashlib.sha256(self.content.plain).hexdigest()[:32].encode()

    async def __call__(self, _: Mapping[str, str], scope: Scope, receive: Receive, send: Send) -> None:
        asked = dict(scope["headers"])
        headers = [*self._headers, (b"etag", self._etag)]
        if self._etag in asked.get(b"if-none-match", b""):
            status, body = 304, b""
        elif b"gzip" in asked.get(b"accept-encoding", b""):
            status, body = 200, self.content.compressed
            headers.append((b"content-encoding", b"gzip"))
        else:
            status, body = 200, self.content.plain
        if status != 304:
            headers.append((b"content-length", b"%d" % len(body)))
        await send({"type": "http.response.start", "status": status, "headers": headers})
        await send({"type": "http.response.body", "body": body})
