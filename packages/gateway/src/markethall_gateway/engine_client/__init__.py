"""The way to the core engine: one channel, a deadline on every call, one stream for all commands."""

from markethall_gateway.engine_client.client import EngineClient
from markethall_gateway.engine_client.errors import EngineError, Violation

__all__ = ("EngineClient", "EngineError", "Violation")
