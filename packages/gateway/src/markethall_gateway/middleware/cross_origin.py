"""Lets web pages of other origins use the API from a browser, where the settings name them."""

from collections.abc import Sequence
from typing import Final

from starlette.middleware.cors import CORSMiddleware
from starlette.types import ASGIApp

_METHODS: Final = ("GET", "POST", "PATCH", "DELETE")
_REQUEST_HEADERS: Final = (
    "authorization",
    "content-type",
    "last-event-id",
    "traceparent",
    "tracestate",
    "x-api-key",
    "x-request-id",
    "x-request-timeout",
)
_RESPONSE_HEADERS: Final = ("x-request-id", "traceparent", "retry-after", "allow")


def cross_origin(app: ASGIApp, origins: Sequence[str]) -> ASGIApp:
    """Answer preflight requests of `origins`, and allow them to read the responses."""
    return CORSMiddleware(
        app,
        allow_origins=origins,
        allow_methods=_METHODS,
        allow_headers=_REQUEST_HEADERS,
        expose_headers=_RESPONSE_HEADERS,
    )
