"""Pages of a list (AIP-158): sizes, and tokens that say where the next page begins.

A token holds the place of the last item given, not how many were given, so what is added meanwhile moves
nothing. It is tied to its list and filters by a checksum: with others it is refused, as one made up is.
Nothing in it is secret.
"""

import base64
import binascii
import json
from collections.abc import Callable, Iterable
from hashlib import blake2b
from heapq import nsmallest
from typing import Protocol, TypeVar

from markethall_engine.rpc.translate.faults import Faults

DEFAULT_PAGE_SIZE = 100
MAX_PAGE_SIZE = 1_000

_CHECKSUM_BYTES = 8

Place = tuple[int | str, ...]
T = TypeVar("T")


class PagedRequest(Protocol):
    """What requests for lists have in common."""

    page_size: int
    page_token: str


class PageTokens:
    """Writes and reads the tokens of one list with its filters."""

    def __init__(self, *list_and_filters: object) -> None:
        self._key = repr(list_and_filters).encode()

    def write(self, place: Place) -> str:
        body = json.dumps(place, separators=(",", ":")).encode()
        return base64.urlsafe_b64encode(self._checksum(body) + body).decode().rstrip("=")

    def read(self, token: str, faults: Faults) -> Place | None:
        """Return the place that a token of this list names; None for the first page."""
        if not token:
            return None
        try:
            data = base64.b64decode(token + "=" * (-len(token) % 4), altchars=b"-_", validate=True)
        except (binascii.Error, ValueError):
            data = b""
        checksum, body = data[:_CHECKSUM_BYTES], data[_CHECKSUM_BYTES:]
        if not body or checksum != self._checksum(body):
            faults.add("page_token", "expected the next_page_token of a page of the same list and filters")
            return None
        return tuple(json.loads(body))

    def _checksum(self, body: bytes) -> bytes:
        return blake2b(
            body, digest_size=_CHECKSUM_BYTES, key=blake2b(self._key, digest_size=32).digest()
        ).digest()


def read_page_size(page_size: int, faults: Faults) -> int:
    """Read how many items a page may have; 0 leaves it to us."""
    if not 0 <= page_size <= MAX_PAGE_SIZE:
        faults.expected("page_size", f"1 to {MAX_PAGE_SIZE}, or 0 for {DEFAULT_PAGE_SIZE}", str(page_size))
    return page_size or DEFAULT_PAGE_SIZE


def page_by_name(items: Iterable[T], name: Callable[[T], str], request: PagedRequest) -> tuple[list[T], str]:
    """Return a page of all `items` by their names, and the token of the next page.

    Raises `InvalidRequest`.
    """
    faults = Faults()
    tokens = PageTokens(type(request).__name__)
    page_size = read_page_size(request.page_size, faults)
    place = tokens.read(request.page_token, faults)
    faults.check()
    after = "" if place is None else str(place[0])
    page = nsmallest(page_size + 1, (item for item in items if name(item) > after), key=name)
    if len(page) <= page_size:
        return page, ""
    page.pop()
    return page, tokens.write((name(page[-1]),))
