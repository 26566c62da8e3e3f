"""The core engine of Markethall: a pure exchange inside a durable log inside a thin gRPC server."""

# Before anything else is imported: this chooses what there is to import.
from markethall_engine.compiled import implementation, why_python

__all__ = ["implementation", "why_python"]
